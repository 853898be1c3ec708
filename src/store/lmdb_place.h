/* lmdb_place: the folder that the embedded store lies in: made, judged, locked. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

struct place {
    char path[3072]; /* NUL-ended */
    int folder;      /* open on it */
    int lock;        /* held as long as it is open; the kernel lets go when the process dies */
};

/* Makes the folder when absent (its parent has to be there), 0700. STORE_PLACE, STORE_NETWORK,
 * STORE_HELD. */
fallible place_open(struct bytes where, struct place *);
void place_close(struct place *);

/* A new file in another folder, 0600, for a copy; STORE_PLACE when there is one already. */
fallible place_new_file(struct bytes where, const char *name, int *fd);

/* The file, then the folder's own list, are on the disk. STORE_FULL, STORE_DOWN. */
fallible place_sync(struct bytes where, int fd);

/* Takes these bytes of the file from the disk, grown up to `to`. 0, or the errno; EOPNOTSUPP where
 * this cannot be done. */
int place_take(int fd, size_t from, size_t to);
