/* due: what happens by itself. A due time is a row in the store, written in the same transaction as
 * what it is about; a runner performs each, when its time has come, as an internal operation
 * (principal arn:coffer:local::self, recorded). Readers honour a due time themselves, even before
 * the runner came. A clock in doubt stops what cannot be undone (SECURITY 23). */
#pragma once

#include "core/perform.h"
#include "core/resource.h"

/* A kind of thing that falls due: what is performed, and how its `in` is made from the key that
 * due_put was given. */
struct due_kind {
    struct bytes name; /* "purge"; no NUL; stands in the key */
    const struct operation *operation;
    bool irreversible; /* waits while the clock is in doubt */
    /* Fills call->account and region, and makes `in` in the call's arena (zeroed, in_size bytes
     * given). */
    fallible (*read)(struct call *, struct bytes key, struct moment due, void *in);
};

/* For operations, in their transaction: `key` is up to 400 bytes of anything that `read`
 * understands. The operation performed has to end with due_drop of its own row, or move it. */
fallible due_put(struct call *, struct bytes kind, struct moment due, struct bytes key);
fallible due_drop(struct call *, struct bytes kind, struct moment due, struct bytes key);

enum {
    DUE_TURN_MOST = 100,           /* performed in one turn */
    DUE_QUIET_MS = 10 * 60 * 1000, /* after the start, before anything that cannot be undone */
    DUE_JUMP_MS = 60 * 60 * 1000,  /* the two clocks differ by more: in doubt */
    DUE_AHEAD_MS = 5 * 60 * 1000   /* the store's time is ahead of ours by more: in doubt */
};

/* What the runner knows of the clock. One per process; its thread's own. */
struct due_clock {
    int64_t started_ms; /* wall time at the start */
    int64_t started_ns; /* monotonic time at the start */
    bool doubt;         /* stays until due_clock_accept */
};
/* `stored`: the highest time known from the store (the anchor's), 0: none. */
void due_clock_start(struct due_clock *, int64_t stored, int64_t now_ms, int64_t monotonic_ns);
/* Looks at both clocks; true: what cannot be undone may be done now. */
bool due_clock_sure(struct due_clock *, int64_t now_ms, int64_t monotonic_ns);
void due_clock_accept(struct due_clock *, int64_t now_ms, int64_t monotonic_ns);

/* What failed is left alone for a while, twice as long each time (as far as the table has room:
 * else it comes too early), and a turn goes on behind the one before: rows that always fail hold up
 * no other, and fill no journal. One per process; its thread's own. */
enum {
    DUE_RESTS = 1024,
    DUE_REST_WAYS = 8,
    DUE_REST_MS = 10 * 1000,
    DUE_REST_MOST_MS = 60 * 60 * 1000
};
struct due_runner {
    struct due_clock clock;
    struct due_rest {
        uint64_t row;
        int64_t until_ms, ms;
    } rests[DUE_RESTS];
    uint8_t after[STORE_KEY_MOST]; /* where the turn before stopped; after_n 0: from the first */
    size_t after_n;
};

/* One turn on a worker of the caller's own thread (its mailbox serves nothing else): performs what
 * fell due by `now`, at most DUE_TURN_MOST, and waits for each. `*done` tells how many; when it is
 * DUE_TURN_MOST, come again at once. What fails is left for a later turn; what is absent or in no
 * state for it any more is dropped. */
fallible due_run(struct worker *, const struct due_kind kinds[], size_t n, struct due_runner *,
                 size_t *done);
