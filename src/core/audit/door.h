/* door: refusals of those whom nobody recognised, by address and reason: the first of each minute are recorded singly,
 * the rest are counted. Bounded memory, one per worker; what finds no place is counted together. */
#pragma once

#include "base/arena.h"

enum { DOOR_SINGLY = 10 };

struct door;

fallible door_open(struct door **);
void door_close(struct door *);

/* True: record this one singly. */
bool door_admits(struct door *, struct bytes address, const struct fault *reason, int64_t now_ms);

/* What was counted in minutes that are over; called again until false. */
struct door_sum {
    struct bytes address; /* until the next call; empty: of many */
    const struct fault *reason;
    uint64_t count;
    int64_t minute; /* since 1970 */
};
bool door_next_sum(struct door *, int64_t now_ms, struct door_sum *);
