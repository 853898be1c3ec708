/* open: a data folder becomes a house that workers can run calls in: the root unsealed, the store,
 * the journal (held against each other), the committer. Closed in reverse order. */
#pragma once

#include "core/latest.h"
#include "core/worker.h"
#include "keeper/root.h"
#include "server/config.h"

extern const struct fault OPEN_NO_SEAL[1]; /* no data folder, or one that was never finished */
extern const struct fault OPEN_DEV[1];     /* a folder of `coffer dev`, given to `coffer server` */
extern const struct fault OPEN_NOT_DEV[1]; /* the other way round */
extern const struct fault OPEN_LOOSE[1];   /* others may write, list or read what is in it */

/* What the folder says of itself. Opens nothing; the slices lie in the arena. */
fallible open_seal(struct arena *, const struct config *, struct root_sealed *);

/* Stays where it is while it is open: workers point at its house. */
struct scales;
struct opened {
    struct house house;
    struct owners owners;
    struct scales *scales;
    struct latest latest;
    struct worker *committing;
};

/* After sensitive_start and crypto_start, before there are threads. `accept` takes a store that was
 * rolled back. */
fallible house_open(struct arena *, const struct config *, const struct root_sealed *,
                    const struct root_opener *, bool accept, struct opened *);

/* Keeper and store alone, to look at them (core/inventory.h): nothing is recovered or written. */
fallible house_look(struct arena *, const struct config *, const struct root_sealed *,
                    const struct root_opener *, struct opened *);

/* No call may be open or parked. What was acknowledged is on the disk when it returns. */
void house_close(struct opened *);
