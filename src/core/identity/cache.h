/* cache: the principals that a worker has assembled. An entry is used only while the generation
 * record's sealed bytes, read in the call's own snapshot, are those that it was built from; it has
 * no lifetime of its own. What was not found is not kept. One thread. For this folder alone. */
#pragma once

#include "core/identity/account.h"
#include "core/identity/identity.h"

enum {
    CACHE_ENTRIES = 512,     /* a worker's; the one longest unused makes room */
    CACHE_SCOPES = 16,       /* signing keys of one access key */
    CACHE_SCOPES_ALL = 1024, /* of all of a worker's: they lie in the keys region */
    CACHE_ENTRY_MOST =
        1024 * 1024, /* bytes of one principal: ten of POLICY_COMPILED_MOST, and more */
    SCOPE_TEXT = 160
};

struct scope {
    uint8_t text[SCOPE_TEXT]; /* "20261121/us-east-1/secretsmanager" */
    size_t n;
    uint64_t used;
    struct sensitive *key;
};

struct entry {
    struct principal principal; /* call->who points here */
    struct arena *arena;        /* of all that follows */
    struct entry *next;         /* in its bucket, or among the free */
    uint64_t used;
    struct bytes generation_key, sealed; /* as it was read */
    struct sight sight;                  /* in which snapshot last */
    struct bytes partition;
    struct bytes mark_key; /* empty: a session's use is not kept */
    struct bytes token,
        raw; /* a session's, as it is sent and as the keeper knows it; empty: none */
    struct account_keys keys;
    struct wrapped signer;
    struct scope *scopes; /* CACHE_SCOPES of them, once one is kept */
    size_t scope_count;
};

struct identity_cache {
    struct entry *buckets[CACHE_ENTRIES];
    struct entry entries[CACHE_ENTRIES];
    struct entry *free;
    uint64_t turn, forgotten;
    size_t scopes; /* kept in all */

    struct entry *current; /* of the last identity_find */
    struct scope derived;  /* not vouched for yet; its key lies in that call's arena */
};

/* The worker's, made on first use; emptied when the worker was told to forget. */
fallible cache_of(struct worker *, struct identity_cache **);

struct entry *cache_look(struct identity_cache *, struct bytes key_id); /* NULL: none */
/* An empty entry with an open arena, in no bucket. */
fallible cache_take(struct identity_cache *, struct entry **);
void cache_keep(struct identity_cache *, struct entry *); /* its principal is whole */
void cache_drop(struct identity_cache *, struct entry *); /* kept or not */

/* The entry that call->who is, if it is one. */
struct entry *cache_current(const struct call *);
/* The account's keys when `who` is of call->account; NULL: look in the store. */
const struct account_keys *identity_cached_keys(const struct call *);
