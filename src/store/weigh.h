/* weigh: one sum that stands for all items of a store. Each item has a weight that only the holder
 * of a key can tell; the sum modulo 2^256 changes with each commit, so that an item put back,
 * moved, dropped or added behind our back shows. */
#pragma once

#include "store/engine.h"

struct sum {
    uint64_t limb[4]; /* the least first */
};

/* Outbox rows count for nothing: the journal's chain has what they say. */
void sum_add(const struct weigher *, struct sum *, const struct item *);
void sum_take(const struct weigher *, struct sum *, const struct item *);

/* All items that the reader sees, counted from scratch, each shown to `each` (NULL: to nobody). */
fallible sum_all(struct reader *, const struct weigher *, engine_each_fn *each, void *ctx,
                 struct sum *);

/* How it is stored: masked (differences of two stored sums would tell weights), and sealed, both
 * with the number of its commit. False: this is not the sum of that commit. */
enum { SUM_ROW = 64 };
void sum_close(const struct weigher *, const struct sum *, uint64_t number, uint8_t row[SUM_ROW]);
bool sum_open(const struct weigher *, struct bytes row, uint64_t number, struct sum *);
