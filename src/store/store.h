/* store: an ordered map from bytes to bytes, changed by whole transactions. This header is all that
 * the domain sees: it can read and it can wish. Begin, commit and retry are core/perform.c's alone
 * (store/drive.h). */
#pragma once

#include "base/arena.h"

struct txn;

extern const struct fault STORE_ABSENT[1];   /* no such key */
extern const struct fault STORE_CONFLICT[1]; /* a key read here changed before commit: run again */
extern const struct fault STORE_DOWN[1];

/* Values live until the arena of the transaction is rewound. Reads see this transaction's writes.
 */
fallible txn_get(struct txn *, struct bytes key, struct bytes *value);
fallible txn_put(struct txn *, struct bytes key, struct bytes value);
fallible txn_drop(struct txn *, struct bytes key);

/* Keys with a prefix, in order, after `after`. Not guarded: a decision to write rests on txn_get.
 */
typedef fallible txn_each_fn(void *ctx, struct bytes key, struct bytes value, bool *stop);
fallible txn_scan(struct txn *, struct bytes prefix, struct bytes after, txn_each_fn *, void *ctx);
