/* backup: a store's whole content as one sealed file, from one snapshot, while it is used. */
#pragma once

#include "core/backup/stream.h"

#include <stdatomic.h>

struct house;

extern const struct fault BACKUP_STOPPED[1];
extern const struct fault BACKUP_UNSOUND[1]; /* the store is not what its sum says */

struct backup_plan {
    struct backup_recipients to;
    struct bytes seal;                       /* the seal's text, to go along; empty: not */
    void (*told)(void *ctx, uint64_t items); /* every 1,024 items; NULL: to nobody */
    void *ctx;
    const atomic_bool *stop; /* set: it is given up, BACKUP_STOPPED; NULL: nobody does */
    _Atomic uint64_t *items; /* counts on while it is made; NULL: nobody looks */
};

/* Into a new, empty file, and on the disk when OK. Takes a reader of the store for as long; any
 * thread. A record that does not open, or a store that is not what its sum says, fells it. */
fallible backup_make(const struct house *, const struct backup_plan *, int fd,
                     struct backup_tail *);
