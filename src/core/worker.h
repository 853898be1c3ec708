/* worker: what one thread has of its own to run calls with: a reader on the store, caches, and the
 * notes of the turn. One per event loop and one for the committer; made at start, never shared,
 * except what is said to be. */
#pragma once

#include "base/arena.h"
#include "core/limits.h"
#include "core/quota.h"

struct store;
struct reader;
struct committer;
struct mailbox;
struct keeper;
struct journal;
struct syncer;
struct latest;
struct identity_cache;
struct record_keys;
struct turn;
struct marks;
struct rates;
struct tally;
struct seen;
struct batch;
struct backup_desk;

/* What the operator set, shared by all workers, never changed while they run. */
struct house {
    struct store *store;
    struct committer *committer; /* NULL in tools that commit at once (init, loading) */
    struct keeper *keeper;
    struct journal *journal;
    struct latest *latest; /* the latest time that was (core/latest.h); NULL in tools */
    struct tally *guesses; /* shared by all workers; NULL: each has one of its own */
    struct seen *seen;     /* core/identity/seen.h; NULL, in tools and `coffer dev`: none is */
    struct syncer *syncer; /* with audit = strict, of a server: core/audit/syncer.h; else NULL */
    struct bytes account;  /* the account of `coffer init` */
    struct bytes region;   /* the region of `coffer init` */
    const struct bytes *regions; /* served; region_count 0: any well-formed one (coffer dev) */
    size_t region_count;
    /* Versions of a secret that are kept when a new one comes. 0: as AWS, 100, of which unlabelled
     * ones older than a day may go; else at most so many, the oldest unlabelled ones going first,
     * however young. */
    size_t versions_kept;
    struct limits limits;
    struct quotas quotas; /* core/quota.h: heeded where the store was opened with their owners */
    size_t rate_per_principal, rate_per_account; /* requests a second (core/rate.h); 0: no bound */
    size_t journal_days;  /* that segments are kept after they were closed; 0: for ever */
    bool lists_described; /* ListSecrets shows only what the caller may describe, too */
    size_t loops;         /* that share these rates */
    bool dev;             /* shows the canonical request in the answer to a wrong signature */

    struct backup_desk *desk; /* core/backup/desk.h; NULL: it makes no backups */

    /* The committer's own worker, which re-runs conflicts; set before the first request. */
    struct worker *committing;
    bool gather; /* loading: changes come back PARKED, perform_commit() commits many at once */
};

struct worker {
    const struct house *house;
    struct reader *reader;
    struct mailbox *home; /* where this thread's parked calls come back; NULL in the committer's */
    struct identity_cache *identities;
    struct record_keys *record_keys;
    struct turn *turn;     /* notes of the running turn, written at its end by turn_write() */
    struct tally *guesses; /* wrong guesses at a value, by secret (core/secrets/value.c) */
    struct marks *marks;   /* last-used marks, written every few seconds */
    struct rates *rates, *account_rates; /* what each has left to ask for (core/rate.h) */

    /* For good: what a cache makes on first use; arena_part() on it is how a cache gets closed. */
    struct arena *arena;
    bool outbox_behind; /* core/audit/outbox.c: an append failed, the rows have it */
    /* Counts worker_forget(): a cache that last saw another count empties itself first. */
    uint64_t forgotten;
};

/* After store_open and the journal; on the thread that starts it or the one that will run it, in
 * turn. A worker runs on one thread at a time. `house` outlives it. */
fallible worker_open(const struct house *, struct mailbox *home, struct worker **);
void worker_close(struct worker *); /* NULL is fine; no call of it may be open or parked */

/* After a group failed: what was read inside it may never have happened. */
void worker_forget(struct worker *);

/* Once a second or so, on the worker's own thread: last-used marks and the journal's last
 * checkpoint go to the store, counted door refusals to the turn. Never waits; what fails is tried
 * again. */
void worker_tick(struct worker *, int64_t now);

/* A batch came home: true when it was the worker's own (marks), and nothing else is to be done with
 * it. */
bool worker_keeps(struct worker *, struct batch *);
