/* strangers: refusals of those whom nobody recognised, by address and reason: the first of each
 * minute are recorded singly, the rest are counted. Bounded memory, one per worker; what finds no
 * place is counted together. */
#pragma once

#include "base/arena.h"

enum { STRANGERS_SINGLY = 10 };

struct strangers;

fallible strangers_open(struct strangers **);
void strangers_close(struct strangers *);

/* True: record this one singly. */
bool strangers_admit(struct strangers *, struct bytes address, const struct fault *reason,
                     int64_t now_ms);

/* What was counted in minutes that are over; called again until false. */
struct strangers_sum {
    struct bytes address; /* until the next call; empty: of many */
    const struct fault *reason;
    uint64_t count;
    int64_t minute; /* since 1970 */
};
bool strangers_next_sum(struct strangers *, int64_t now_ms, struct strangers_sum *);
