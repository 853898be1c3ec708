/* engine: what a storage engine has to be able to do. The transaction overlay, the read guards and
 * read-your-writes are store/txn.c's, once, for all engines. */
#pragma once

#include "base/arena.h"

struct engine_state;

struct item {
    struct bytes key, value;
    uint64_t revision; /* 0: absent */
};

struct guard { /* "this key still has the revision that I read" */
    struct bytes key;
    uint64_t revision;
};

struct change { /* value.at == NULL: drop */
    struct bytes key, value;
};

struct worker; /* core's; opaque here */
struct mailbox;
struct reader; /* one per thread: renewed and reset, never opened anew */

struct batch { /* what one request wants changed; lies in its arena */
    struct guard *guards;
    size_t guard_count;
    struct change *changes;
    size_t change_count;
    struct bytes note; /* its record, stored as o/<number> in the same step */

    const struct fault *outcome; /* the engine's answer */
    uint64_t number;             /* the commit number, known once the guards held */

    /* Run once more inside the open write transaction; false: it no longer wants anything changed. */
    bool (*again)(struct batch *, struct worker *, struct reader *inside);
    struct worker *there;
    struct mailbox *home; /* where the loop finds it, oldest first, woken by an eventfd */
    struct batch *next;
};

typedef fallible engine_each_fn(void *ctx, const struct item *, bool *stop);

struct engine {
    const char *name;
    fallible (*open)(struct bytes where, struct engine_state **);
    void (*close)(struct engine_state *);
    fallible (*reader)(struct engine_state *, struct reader **);
    fallible (*look)(struct reader *); /* a fresh snapshot */
    void (*done)(struct reader *);
    fallible (*get)(struct reader *, struct bytes key, struct item *); /* txn_get copies */
    fallible (*scan)(struct reader *, struct bytes prefix, struct bytes after, engine_each_fn *,
                     void *);
    /* Each batch all or none, all of them in one durable step; sets every outcome and number. Outbox
     * rows up to `outbox_synced` are in the synced journal and may go, at most 2n + 16 a call. */
    fallible (*commit)(struct engine_state *, struct batch *const[], size_t batches,
                       uint64_t outbox_synced);
};

extern const struct engine engine_lmdb, engine_etcd, engine_memory;
