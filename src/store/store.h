/* store: an ordered map from bytes to bytes, changed by whole transactions. This header is all that
 * the domain sees: it can read and it can wish. Begin, commit and retry are core/perform.c's alone
 * (store/drive.h).
 *
 * A key has 1 to 511 bytes; those that begin with a zero byte, or with "o/" (the audit outbox), are
 * the store's own and are refused when written. One transaction belongs to one thread at a time. */
#pragma once

#include "base/arena.h"

struct txn;

extern const struct fault STORE_ABSENT[1];   /* no such key */
extern const struct fault STORE_CONFLICT[1]; /* a key read here changed before commit: run again */
extern const struct fault STORE_DOWN[1];     /* the disk failed: nothing more is acknowledged */
extern const struct fault STORE_FULL[1]; /* disk or map is full: reads go on, heals with space */
extern const struct fault STORE_KEY[1];  /* an empty, too long or reserved key: our mistake */
extern const struct fault STORE_TOO_MUCH[1]; /* more than one transaction may change */
extern const struct fault STORE_DAMAGED[1];  /* what lies on the disk is not what was written */

enum {
    STORE_KEY_MOST = 511, /* bytes: LMDB's limit; never cut, always refused */
    /* Keys changed by one transaction: a secret with all of its versions, tags and rows goes at
     * once. (An etcd takes 128 unless its --max-txn-ops is raised.) */
    STORE_CHANGES_MOST = 2048,
    STORE_BYTES_MOST = 1536 * 1024, /* keys and values changed by one transaction: etcd's limit */
    STORE_GUARDS_MOST = 4096,       /* keys read by a transaction that also changes something */
};

/* Values live until the arena of the transaction is rewound. Reads see this transaction's writes.
 * A key read here, also an absent one, is guarded: if it changes before the commit, the transaction
 * conflicts. An empty value is present (at != NULL, n == 0). */
fallible txn_get(struct txn *, struct bytes key, struct bytes *value);

/* The same for who only looks: not guarded, nothing is copied; seen until the transaction writes or
 * ends. */
fallible txn_look(struct txn *, struct bytes key, struct bytes *value);

/* The same, but the value is seen only as long as the transaction is open: it lies in the snapshot
 * (or in this transaction's wishes) and is not copied. */
fallible txn_see(struct txn *, struct bytes key, struct bytes *value);

/* The same, and when that was: for who keeps what he makes of the value beyond the transaction. */
struct sight {
    uint64_t snapshot, revision;
};
fallible txn_see_when(struct txn *, struct bytes key, struct bytes *value, struct sight *);

/* Is this transaction's snapshot the very one that the key was seen in? Then it has nothing else to
 * say of it, and the key counts as read here: it is guarded. */
fallible txn_seen(struct txn *, struct bytes key, const struct sight *, bool *same);

/* Key and value are copied: the caller's memory may go. A value's `at` may be NULL only if n is
 * 0. */
fallible txn_put(struct txn *, struct bytes key, struct bytes value);

/* Dropping what is absent is no failure. */
fallible txn_drop(struct txn *, struct bytes key);

/* Keys with a prefix, in order, after `after` (empty: from the first). Not guarded: a decision to
 * write rests on txn_get. Key and value are seen only during the call: whoever keeps them copies
 * them. The function must not write in this transaction; a fault of it ends the scan and is
 * returned. */
typedef fallible txn_each_fn(void *ctx, struct bytes key, struct bytes value, bool *stop);
fallible txn_scan(struct txn *, struct bytes prefix, struct bytes after, txn_each_fn *, void *ctx);

/* The same from the last to the first, before `before` (empty: from the last). */
fallible txn_scan_down(struct txn *, struct bytes prefix, struct bytes before, txn_each_fn *,
                       void *ctx);
