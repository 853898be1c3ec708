/* record: sealed bodies in the store. A record is deterministic CBOR with small integer keys,
 * sealed under its account's record key; table, whole key, format, revision and account are its
 * associated data, so that it opens in no other place. Unknown members survive a rewrite; a record
 * that needs a newer reader is refused, never skipped. */
#pragma once

#include "core/operation.h"

extern const struct fault RECORD_DAMAGED[1]; /* does not open, or is no record */
extern const struct fault RECORD_NEWER[1];   /* by a newer Coffer: not to be read by this one */
extern const struct fault RECORD_KEY[1];     /* a name too strange or long to be a key */

/* The table letters; each is the first byte of its keys. */
enum table {
    TABLE_ACCOUNT = 'A',    /* A<account>: name, wrapped keys */
    TABLE_GENERATION = 'G', /* G<account>: changes with every identity or policy change */
    TABLE_USER = 'u',       /* u<account><name>: id, inline policies, access key ids */
    TABLE_ROLE = 'r',       /* r<account><name>: id, who may assume it, inline policies */
    TABLE_ACCESS_KEY = 'i', /* i<access key id>: account, user, status, wrapped secret */
    TABLE_SECRET = 's',     /* s<account><region><name> */
    TABLE_POLICY = 'b',     /* b<account><region><name>: as it is judged; <"text">: as it is told */
    TABLE_INVITED =
        'n', /* n<account><who><region><name>: that secret's policy allows who something */
    TABLE_VALUE = 'v', /* v<account><region><name><suffix><version id> */
    TABLE_LAST_USE = 'l',
    TABLE_DUE = 'd',    /* d<time><kind><key> (no account prefix): core/due.h */
    TABLE_ANCHOR = 'J', /* J: the journal's last checkpoint */
    TABLE_LISTED = 'x', /* x<account><region><list>...: core/secrets/index.h */
    TABLE_OUTBOX = 'o'  /* o/<number>: the engine's own */
};

enum { RECORD_PART_MOST = 352, RECORD_PART_KEPT = 320 };

/* A key: letter, then parts each ended by a NUL (parts never hold one, nor 0x01). A part past
 * RECORD_PART_MOST bytes is cut to RECORD_PART_KEPT and followed by 0x01 and 31 characters of a
 * hash of the whole: order and prefixes hold up to there. n 0: the letter alone, for scans.
 * RECORD_KEY: a part is not fit, or all of it passes STORE_KEY_MOST. */
fallible record_key(struct arena *, enum table, const struct bytes parts[], size_t n,
                    struct bytes *key);

/* Reads and opens: STORE_ABSENT, RECORD_DAMAGED, RECORD_NEWER. The body is CBOR in the call's
 * arena. `account` chooses the record key; for tables without an account in their key it is the
 * empty text (the house's own record key). */
fallible record_load(struct call *, struct bytes account, struct bytes key, struct bytes *body);

/* Seals and puts. `body` is CBOR; the revision is one more than that of the record that this
 * transaction read. The record says that a reader of this build's version is needed; raise
 * RECORD_READER when a member is added that narrows access, so that an older Coffer refuses the
 * record instead of ignoring the member. */
enum { RECORD_READER = 3 }; /* 2: the resource policy of a secret; 3: sessions that were revoked */
fallible record_save(struct call *, struct bytes account, struct bytes key, struct bytes body);
fallible record_drop(struct call *, struct bytes key);

/* Seals without putting: for the outbox, whose rows have no key yet when they are written. */
fallible record_seal(struct call *, struct bytes account, struct bytes key, struct bytes body,
                     struct bytes *sealed);

/* For scans: opens one item that txn_scan gave. */
fallible record_open(struct call *, struct bytes account, struct bytes key, struct bytes sealed,
                     struct bytes *body);

/* How often since the start a record was met that does not open (each is also logged, one a second
 * at most). Any thread. */
uint64_t record_damaged_count(void);
