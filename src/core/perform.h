/* perform: the one path that every operation walks: locate, authorise, run, record, commit; again
 * on conflict. Nobody but these functions calls an operation, so nobody can forget to authorise or
 * to record. */
#pragma once

#include "core/operation.h"
#include "store/engine.h"

enum progress { DONE = 1, PARKED };

extern const struct fault NOBODY[1];        /* no principal, and the operation is not open */
extern const struct fault PERFORM_WROTE[1]; /* ours: it says it only reads, and wrote */

/* One operation under way. Lies in the call's arena; while PARKED it belongs to the committer: no
 * rewind, no close. */
struct attempt {
    struct call *call;
    const struct operation *operation;
    const void *in;
    void *out; /* zeroed before every run */

    /* perform's own */
    struct arena_mark mark; /* taken after authenticate and decode, which run once */
    struct batch batch;
    const struct fault *fault; /* valid once DONE */
    struct worker *home;       /* the worker that it came from and returns to */
    bool settled;              /* a re-run came to `fault` and wants nothing changed */
};

/* Opens the call's snapshot on its worker's reader; before authenticate, so that one snapshot
 * serves all. */
fallible call_begin(struct call *);
/* Gives the snapshot back. Every call that began ends, whatever happened between; a parked one has
 * given it already. */
void call_end(struct call *);

/* Runs it. DONE: attempt->fault is the outcome and the record is among the turn's notes (a read's
 * or refusal's reply may leave only after turn_write() wrote them). PARKED: handed to the
 * committer; when the batch comes back through the worker's mailbox, perform_resume makes it DONE.
 * A worker without committer commits at once and is never PARKED. */
enum progress perform(struct attempt *);
void perform_resume(struct attempt *);
struct attempt *attempt_of(struct batch *);

/* For loading (house->gather): commits what came back PARKED, up to some thousand at once, in one
 * durable step; each is DONE afterwards. Their notes stay in the outbox until a server with a
 * journal starts. */
void perform_commit(struct attempt *const parked[], size_t n);

/* For operations: run another one inside this one (authorised, recorded; same transaction, no
 * commit of its own). */
fallible perform_within(struct call *, const struct operation *, const void *in, void *out);

/* For operations: is this action on this resource allowed too? DENIED, with its words, if not. */
fallible also_allowed(struct call *, const char *action, const struct resource *);
