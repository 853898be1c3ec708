/* engine: what a storage engine has to be able to do. The transaction overlay, the read guards and
 * read-your-writes are store/txn.c's, once, for all engines. */
#pragma once

#include "base/arena.h"
#include "store/mailbox.h"

struct engine;
struct engine_state; /* an engine's own; each casts it to what it is */
struct worker;       /* core's; opaque here */

/* One per thread: renewed and reset, never opened anew, closed with the state. The first member of
 * every engine's own reader. */
struct reader {
    const struct engine *engine;
};

struct item {
    struct bytes key, value; /* seen only until the snapshot ends, or the next commit inside it */
    uint64_t revision;       /* number of the commit that wrote it; 0: absent */
};

struct guard { /* "this key still has the revision that I read" */
    struct bytes key;
    uint64_t revision;
};

struct change { /* value.at == NULL: drop */
    struct bytes key, value;
};

struct batch { /* what one request wants changed; lies in its arena, as all that it points to */
    struct guard *guards;
    size_t guard_count;
    struct change *changes;
    size_t change_count;
    struct bytes note; /* its record, sealed: stored as o/<number> in the same step; at == NULL:
                          none */
    struct bytes told; /* the same in clear, for who appends it to the journal after the commit */

    const struct fault *outcome; /* the engine's answer */
    uint64_t number; /* the commit number, known once the guards held; 0: nothing was changed */
    unsigned reruns; /* how often `again` was called */

    /* Run once more inside the open write transaction: fills guards, changes and note anew
     * (store_begin and txn_pack on `inside`, in this call alone). False: it no longer wants
     * anything changed; it has then its own reasons, and `outcome` tells only whether what it saw
     * was committed. NULL: a conflict is its outcome. Called by the committing thread. */
    bool (*again)(struct batch *, struct worker *, struct reader *inside);
    struct worker *there;
    struct mailbox *home; /* where the loop finds it, oldest first, woken by an eventfd */
    struct batch *next;
};

/* What an item weighs in the store's sum (store/weigh.h): a keyed code over all that it is given,
 * which nobody without the key can tell. Any thread; outlives the store. */
struct weigher {
    void *ctx;
    void (*weigh)(void *ctx, struct bytes key, uint64_t revision, struct bytes value,
                  uint8_t out[32]);
};

/* What somebody has in the store: how many items, and the bytes of their keys and values. */
struct used {
    uint64_t items, bytes;
};

/* Whose an item is, for counting and for quotas (store/usage.h). Outlives the store. */
enum { OWNERS_MOST = 2 };
struct owners {
    void *ctx;
    /* How many own it: parts of the key, 240 bytes at most. 0: it is not counted. */
    size_t (*of)(struct bytes key, struct bytes owners[OWNERS_MOST]);
    /* A change makes more of one than before: OK, or why that is too much, which is then the
     * batch's outcome. Called by the committing thread. */
    const struct fault *(*allows)(void *ctx, struct bytes owner, const struct used *before,
                                  const struct used *after);
};

struct sum;
struct usage;

/* How a store is opened. Zeroes are the defaults. */
struct engine_settings {
    struct bytes where; /* a folder, made (0700) when absent; its parent has to be there */
    size_t map_bytes; /* the most that it may hold; 0: 1 TiB of address space, reserved, not used */
    unsigned readers; /* the most that may be opened; 0: 126 */
    uint64_t begins_after; /* a new store counts its commits from here on; one that is there: as it
                              does */
    bool unsynced;         /* dev alone: no waiting for the disk, a power cut loses what it likes */

    /* Keeps the sum of all items, in the same step as each change; NULL: keeps none. A store with
     * items and no sum, or one that is not of its last commit, is STORE_UNWEIGHED; `weigh_anew`
     * takes what is there as it is. */
    const struct weigher *weigher;
    bool weigh_anew;

    /* Counts what each has, and refuses what is too much. NULL: neither, and whoever opens the
     * store next with them counts it all anew. */
    const struct owners *owners;
};

struct engine_figures {
    uint64_t entries, pages, page_bytes; /* pages in use, of this size */
    uint64_t file_bytes, map_bytes;
    uint64_t number; /* of the last commit */
};

/* Keys with a prefix, in order; `down`: from the last to the first. */
struct range {
    struct bytes prefix,
        after; /* `after`: behind this one, on the way; empty: from the beginning */
    bool down;
};

typedef fallible engine_each_fn(void *ctx, const struct item *, bool *stop);

struct engine {
    const char *name;
    fallible (*open)(const struct engine_settings *, struct engine_state **);
    void (*close)(struct engine_state *); /* its readers too; no snapshot may be open */
    fallible (*reader)(struct engine_state *, struct reader **);
    fallible (*look)(struct reader *); /* a fresh snapshot; on a reader `inside`: nothing to do */
    void (*done)(struct reader *);
    /* The snapshot's name: two of one name hold the same. 0: it has none, it may still change. */
    uint64_t (*name_of)(const struct reader *);
    fallible (*get)(struct reader *, struct bytes key, struct item *); /* absent: OK, revision 0 */
    fallible (*scan)(struct reader *, const struct range *, engine_each_fn *, void *);
    fallible (*number)(struct reader *, uint64_t *); /* of the last commit in this snapshot */
    /* Each batch all or none, all of them in one durable step; sets every outcome and number, and
     * returns the fault that felled the group as a whole, which is then every outcome. Outbox
     * rows up to `outbox_synced` are in the synced journal and may go, at most 2n + 16 a call. */
    fallible (*commit)(struct engine_state *, struct batch *const[], size_t batches,
                       uint64_t outbox_synced);
    /* The sum that this snapshot keeps, and what it was weighed with. STORE_UNWEIGHED: none. */
    fallible (*weighed)(struct reader *, const struct weigher **, struct sum *);
    fallible (*describe)(struct engine_state *, struct engine_figures *);
    struct used (*used)(struct engine_state *, struct bytes owner); /* as committed; any thread */
    /* A copy without the holes (where destroyed values linger) into an existing, empty folder. */
    fallible (*copy)(struct engine_state *, struct bytes where);
};

extern const struct engine engine_lmdb, engine_memory;

/* What engines share. The outbox key of a commit: "o/" and the number, big end first. */
enum { OUTBOX_KEY = 10, OUTBOX_DROPS_BASE = 16, NUMBER_BYTES = 8 };
void number_write(uint8_t at[NUMBER_BYTES], uint64_t number); /* big end first */
uint64_t number_read(const uint8_t at[NUMBER_BYTES]);
struct bytes outbox_key(uint64_t number, uint8_t room[OUTBOX_KEY]);
bool outbox_number(struct bytes key, uint64_t *number); /* false: no outbox key */

/* The first key behind all that a range's prefix begins, in `room` (STORE_KEY_MOST bytes); empty:
 * there is none. */
struct bytes range_end(const struct range *, uint8_t *room);

/* Do the guards hold, as `reader` sees it? STORE_CONFLICT when not. */
fallible guards_hold(struct reader *, const struct guard *, size_t n);

/* The group's part that every engine with an open write transaction has in common: guards, `again`,
 * numbers from `*number` on, rows and outbox through `apply`. Sets outcomes; returns what fells
 * all. */
struct applier {
    fallible (*apply)(void *ctx, const struct change *, uint64_t revision);
    void *ctx;
    struct usage *usage; /* told of each change by `apply`; NULL: nothing is counted */
};
fallible group_apply(struct reader *inside, struct batch *const[], size_t batches, uint64_t *number,
                     const struct applier *);

/* The group failed as a whole: this is every outcome, and nothing has a number. */
void group_fail(struct batch *const[], size_t batches, const struct fault *);
