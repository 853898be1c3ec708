/* tally: how often something happened in this minute, by who or what (a key of up to TALLY_KEY
 * bytes) and reason: the first TALLY_SINGLY of each minute are let through singly, the rest are
 * counted. For refusals of those whom nobody recognised, by address, and for wrong guesses at a
 * value, by secret. Bounded memory; what finds no place is counted together.
 * From any thread; sums are told by one. */
#pragma once

#include "base/arena.h"

enum { TALLY_SINGLY = 10, TALLY_KEY = 46 };

struct tally;

fallible tally_open(struct tally **);
void tally_close(struct tally *);

/* True: record this one singly. */
bool tally_admit(struct tally *, struct bytes key, const struct fault *reason, int64_t now_ms);

/* True: one more of this minute would not be let through. Counts nothing. */
bool tally_spent(struct tally *, struct bytes key, const struct fault *reason, int64_t now_ms);

/* What was counted in minutes that are over; called again until false. */
struct tally_sum {
    struct bytes key; /* until the next call; empty: of many */
    const struct fault *reason;
    uint64_t count;
    int64_t minute; /* since 1970 */
};
bool tally_next_sum(struct tally *, int64_t now_ms, struct tally_sum *);
