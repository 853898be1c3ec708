/* lmdb_rows: the engine's own rows, whose keys begin with a zero byte: numbers, and what each owner
 * has (store/usage.h). For the files of the engine alone; within one of its transactions. */
#pragma once

#include "store/lmdb_walk.h"
#include "store/usage.h"

struct lmdb_rows {
    MDB_txn *txn;
    MDB_dbi dbi;
};

fallible number_get(struct lmdb_rows, struct bytes name, uint64_t *); /* absent: 0 */
fallible number_put(struct lmdb_rows, struct bytes name, uint64_t);

/* The counters of commit `number`; *current false: they are of another, and have to be counted
 * anew (lmdb_usage_clear first). Saved: those that changed. Without a usage nothing is done, and
 * the counters are of another commit from then on. */
fallible lmdb_usage_load(struct lmdb_rows, struct usage *, uint64_t number, bool *current);
fallible lmdb_usage_clear(struct lmdb_rows);
fallible lmdb_usage_save(struct lmdb_rows, struct usage *, uint64_t number);
