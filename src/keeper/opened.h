/* opened: the keys that were opened last, so that an account's key is not unwrapped for each value.
 * Their 32 bytes lie in the keys region; what they are found by (identity and blob, both public)
 * does not. */
#pragma once

#include "keeper/keeper.h"

struct opened;

/* Room for 256 keys, four to a set, the one used longest ago makes place. The arena outlives it. */
fallible opened_new(struct arena *, struct opened **);

/* Any thread. False: not here, or too long to be kept. A key is found only by exactly the identity
 * and the blob it was opened with, so nothing that was not checked is found. */
bool opened_find(struct opened *, const struct wrapped *, uint8_t key[32]);
void opened_keep(struct opened *, const struct wrapped *, struct sensitive_view key);
void opened_forget(struct opened *); /* wipes them all, and the lock: before the arena ends */
