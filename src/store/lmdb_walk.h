/* lmdb_walk: LMDB's items in our words, and a cursor's way over a range of them. For the files of
 * the engine alone. */
#pragma once

#include <lmdb.h>

#include "store/engine.h"

/* LMDB's keys are not const, but it does not write through them. */
static inline MDB_val val_of(struct bytes from)
{
    return (MDB_val){from.n, (void *)(uintptr_t)from.at};
}

static inline struct bytes bytes_of_val(MDB_val from)
{
    return (struct bytes){from.mv_data, from.mv_size};
}

const struct fault *lmdb_fault(int rc); /* lmdb.c */

/* A stored value without the commit number in front of it; STORE_DAMAGED: there is none. */
fallible item_of(MDB_val key, MDB_val value, struct item *);

/* The engine's `scan`, on a cursor of its own. */
fallible lmdb_walk(MDB_cursor *, const struct range *, engine_each_fn *, void *ctx);
