/* keeper: the only holder of key bytes in the clear. It owns no store and no socket to the world:
 * it is handed wrapped keys and hands back results. One keeper serves all threads at once. It is a
 * struct in the same process (keeper_local); another process behind a socket pair is to fit behind
 * the same class.
 *
 * root (one per generation)
 *     -> wrapping key -> account keys, customer keys, HMAC keys, access-key secrets
 *                        an account's or customer's key -> the data key of one value
 *     -> record key of an account, index key of an account (lent: see below)
 *     -> the key that backups' own keys are wrapped under
 *     -> journal-signing key, the two keys of session tokens (they stay here) */
#pragma once

#include "base/sensitive.h"
#include "crypto/bound.h"

enum key_kind { /* what the bytes are; more kinds are added at the end (stored) */
                KEY_NO_KIND,
                KEY_AES_256,       /* 32 bytes */
                KEY_HMAC_256,      /* 32 bytes */
                KEY_ACCESS_SECRET, /* the secret half of an access key: 1 to 128 bytes of text
                                      (coffer dev takes "test") */
                KEY_KINDS,
};

enum key_use { /* what a key may do; every method refuses a key that is not meant for it (stored) */
               KEY_NO_USE,
               KEY_FOR_VALUES,     /* an account's own: wraps the data keys of its values (AES) */
               KEY_FOR_CUSTOMER,   /* a customer's: seal and open, and data keys too (AES) */
               KEY_FOR_MACS,       /* mac (HMAC) */
               KEY_FOR_SIGNATURES, /* derive: checking AWS signatures (access secret) */
               KEY_USES,
};

/* Which key it is. The blob authenticates all of it: given differently, the blob does not open. */
struct key_identity {
    struct bytes account; /* twelve digits */
    struct bytes id;      /* of the key, never used twice within the account; 1 to 128 bytes */
    uint32_t version;     /* of its material: 1, 2, ... */
    enum key_kind kind;
    enum key_use use;
};

struct wrapped { /* a key under the wrapping key: safe to store; its blob is its generation and the
                    seal */
    struct key_identity is;
    struct bytes blob; /* keeper_blob_generation() tells under which root generation it lies */
};

struct sealed_value {      /* a value under a data key of its own; both parts are safe to store */
    struct bytes data_key; /* the data key, under an account's or a customer's key */
    struct bytes sealed;
};

enum lent { LENT_RECORD, LENT_INDEX };

extern const struct fault KEEPER_SEALED[1];  /* no root key of that generation */
extern const struct fault KEEPER_REFUSED[1]; /* wrong key or place, or altered: which is not told */
extern const struct fault KEEPER_MISUSED[1]; /* the caller's mistake: no such work for this key */

struct keeper {
    const struct keeper_class *class; /* first member of every keeper */
    uint32_t generation;              /* of the root that wraps and lends what is new */
};

/* Results are taken from the arena (secrets: from the regions). Any thread, at the same time.
 * Members are called through the functions below. */
struct keeper_class {
    const char *name; /* "local" */
    fallible (*make)(struct keeper *, struct arena *, const struct key_identity *,
                     struct wrapped *);
    fallible (*admit)(struct keeper *, struct arena *, const struct key_identity *,
                      struct sensitive_view key, struct wrapped *);
    fallible (*rewrap)(struct keeper *, struct arena *, const struct wrapped *, struct wrapped *);
    fallible (*value_seal)(struct keeper *, struct arena *, const struct wrapped *,
                           const struct bound *, struct sensitive_view plain,
                           struct sealed_value *);
    fallible (*value_open)(struct keeper *, struct arena *, const struct wrapped *,
                           const struct bound *, const struct sealed_value *,
                           struct sensitive **plain);
    fallible (*seal)(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                     struct sensitive_view plain, struct bytes *sealed);
    fallible (*open)(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                     struct bytes sealed, struct sensitive **plain);
    fallible (*mac)(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                    struct sensitive_view message, uint8_t tag[32]);
    fallible (*derive)(struct keeper *, struct arena *, const struct wrapped *,
                       const struct bytes scope[3], struct sensitive **key);
    fallible (*session_seal)(struct keeper *, struct arena *, struct bytes id, struct bytes claims,
                             struct bytes *token);
    fallible (*session_open)(struct keeper *, struct arena *, struct bytes id, struct bytes token,
                             struct bytes *claims);
    fallible (*session_secret)(struct keeper *, struct arena *, struct bytes token,
                               struct sensitive **secret);
    fallible (*session_derive)(struct keeper *, struct arena *, struct bytes token,
                               const struct bytes scope[3], struct sensitive **key);
    fallible (*lend)(struct keeper *, struct arena *, enum lent, uint32_t generation,
                     struct bytes account, struct sensitive **key);
    fallible (*journal_sign)(struct keeper *, uint32_t generation, struct bytes message,
                             uint8_t signature[64]);
    fallible (*journal_public)(struct keeper *, uint32_t generation, uint8_t public_key[32]);
    fallible (*backup_seal)(struct keeper *, struct arena *, const struct bound *,
                            struct sensitive_view key, struct bytes *sealed);
    fallible (*backup_open)(struct keeper *, struct arena *, uint32_t generation,
                            const struct bound *, struct bytes sealed, struct sensitive **key);
    void (*close)(struct keeper *);
};

/* A fresh random key (AES or HMAC) that nobody sees; a key from outside (an access-key secret,
 * BYOK). The wrapped result borrows `identity`'s bytes and lies in the arena. */
fallible keeper_make(struct keeper *, struct arena *, const struct key_identity *,
                     struct wrapped *);
fallible keeper_admit(struct keeper *, struct arena *, const struct key_identity *,
                      struct sensitive_view key, struct wrapped *);
fallible keeper_rewrap(struct keeper *, struct arena *, const struct wrapped *,
                       struct wrapped *newest);
bool keeper_blob_generation(struct bytes blob, uint32_t *generation); /* false: this is no blob */

/* A value under a fresh data key, and back: one call each, so that a read asks the keeper once. The
 * key is KEY_FOR_VALUES or KEY_FOR_CUSTOMER; the bound is FOR_VALUE and names the value's whole
 * place (account, region, secret, version). The data key is bound to the same place and to the
 * wrapping key's identity. */
fallible keeper_value_seal(struct keeper *, struct arena *, const struct wrapped *,
                           const struct bound *, struct sensitive_view plain,
                           struct sealed_value *);
fallible keeper_value_open(struct keeper *, struct arena *, const struct wrapped *,
                           const struct bound *, const struct sealed_value *,
                           struct sensitive **plain);

/* Straight under a KEY_FOR_CUSTOMER key, FOR_KMS (an encryption context in the bound). */
fallible keeper_seal(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                     struct sensitive_view plain, struct bytes *sealed);
fallible keeper_open(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                     struct bytes sealed, struct sensitive **plain);

/* HMAC-SHA-256 under a KEY_FOR_MACS key over the written bound and the message: a value's digest
 * for idempotency. 32 bytes, to be compared with bytes_same_hidden. */
fallible keeper_mac(struct keeper *, struct arena *, const struct wrapped *, const struct bound *,
                    struct sensitive_view message, uint8_t tag[32]);

/* AWS's signing key of a scope {date, region, service} from a KEY_FOR_SIGNATURES key: 32 bytes in
 * the keys region, worth keeping for the day. Scope parts: 1 to 64 bytes each. */
fallible keeper_derive(struct keeper *, struct arena *, const struct wrapped *,
                       const struct bytes scope[3], struct sensitive **key);

/* A session's token: what it claims (no secret, not empty), sealed under the newest generation's
 * token key, for the access key id that it is given out with, and no other. It names its
 * generation; sealed under one that is gone, it opens no more (KEEPER_SEALED). */
enum { KEEPER_TOKEN_EXTRA = 45 }; /* bytes that a token has beyond its claims */
fallible keeper_session_seal(struct keeper *, struct arena *, struct bytes id, struct bytes claims,
                             struct bytes *token);
fallible keeper_session_open(struct keeper *, struct arena *, struct bytes id, struct bytes token,
                             struct bytes *claims);

/* The secret that belongs to a token, stored nowhere: KEEPER_SESSION_SECRET characters, made of the
 * token by a key of its own; and AWS's signing key of a scope from it, as keeper_derive. For a
 * token that was opened, or just sealed: here any bytes have a secret. */
enum { KEEPER_SESSION_SECRET = 40 };
fallible keeper_session_secret(struct keeper *, struct arena *, struct bytes token,
                               struct sensitive **secret);
fallible keeper_session_derive(struct keeper *, struct arena *, struct bytes token,
                               const struct bytes scope[3], struct sensitive **key);

/* The keys that live above the keeper, both per account (empty: the house's own), generation 0: the
 * newest. The record key opens names, policies, metadata and page tokens, never a value, a key or
 * an access-key secret; the index key opens nothing: it only makes index entries. 32 bytes in the
 * keys region; the caller keeps them. */
fallible keeper_lend(struct keeper *, struct arena *, enum lent, uint32_t generation,
                     struct bytes account, struct sensitive **key);

/* Ed25519 over a journal checkpoint; the public half is no secret. */
fallible keeper_journal_sign(struct keeper *, uint32_t generation, struct bytes message,
                             uint8_t signature[64]);
fallible keeper_journal_public(struct keeper *, uint32_t generation, uint8_t public_key[32]);

/* A backup's own key, drawn by who makes it: wrapped by the newest root, for whoever has that root.
 * FOR_BACKUP. */
fallible keeper_backup_seal(struct keeper *, struct arena *, const struct bound *,
                            struct sensitive_view key, struct bytes *sealed);
fallible keeper_backup_open(struct keeper *, struct arena *, uint32_t generation,
                            const struct bound *, struct bytes sealed, struct sensitive **key);

void keeper_close(struct keeper *); /* wipes all it held; NULL is fine */
