/* latest: the latest time that was, so that a clock that is set back revives nothing (SECURITY 23):
 * what has ended stays ended. Known again at the next start from the store's newest checkpoint. It
 * is not raised while the clock is in doubt, and set to the clock as it is by `coffer clock
 * accept`. */
#pragma once

#include "core/operation.h"

#include <stdatomic.h>

/* One for a house, that all workers share; zeroed at first. */
struct latest {
    _Atomic int64_t ms;
    atomic_bool accepted; /* said since the timer looked last: it believes the clock again */
};

/* Never lower than it was. From any thread. */
void latest_raise(struct latest *, int64_t ms);

/* What ends by time is held against this: the call's own time, or the latest, when that is later.
 */
int64_t latest_now(const struct call *);

/* Over the admin socket: the clock is right as it is. Its in and out are struct nothing. */
extern const struct operation clock_accept;
