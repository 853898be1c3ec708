/* worker: what one thread has of its own to run calls with: a reader on the store, caches, and the notes of the
 * turn. One per event loop and one for the committer; made at start, never shared, except what is said to be. */
#pragma once

#include "base/arena.h"

struct store;
struct reader;
struct committer;
struct mailbox;
struct keeper;
struct journal;
struct identity_cache;
struct record_keys;
struct turn;
struct marks;

/* What the operator set, shared by all workers, never changed while they run. */
struct house {
    struct store *store;
    struct committer *committer; /* NULL in tools that commit at once (init, loading): see worker_open */
    struct keeper *keeper;
    struct journal *journal;
    struct bytes account;        /* the account of `coffer init` */
    struct bytes region;         /* the region of `coffer init` */
    const struct bytes *regions; /* served; region_count 0: any well-formed one (coffer dev) */
    size_t region_count;
    bool dev; /* shows the canonical request in the answer to a wrong signature */
};

struct worker {
    const struct house *house;
    struct reader *reader;
    struct mailbox *home; /* where this thread's parked calls come back; NULL in the committer's */
    struct identity_cache *identities;
    struct record_keys *record_keys;
    struct turn *turn;   /* notes of the running turn, written at its end by journal_turn() */
    struct marks *marks; /* last-used marks, written every few seconds */
};

fallible worker_open(const struct house *, struct mailbox *home, struct worker **);
void worker_close(struct worker *);

/* After a group failed: what was read inside it may never have happened. */
void worker_forget(struct worker *);
