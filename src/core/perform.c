/* perform: the one path that every operation walks. Whoever adds an operation adds a row and a
 * function; that it is authorised, recorded and committed is decided here, once. */
#include "core/perform.h"

#include "core/audit/audit.h"
#include "core/audit/journal.h"
#include "core/audit/outbox.h"
#include "core/identity/identity.h"

#include <string.h>

FAULT(NOBODY, FAULT_UNKNOWN, "nobody", "Nobody was recognised, and this is not for everybody.");
static FAULT(UNSOUGHT, FAULT_ABSENT, "perform.unsought", "Nobody looked whether it is there.");
FAULT(PERFORM_WROTE, FAULT_INTERNAL, "perform.wrote", "An operation changed what it only reads.");

fallible call_begin(struct call *c)
{
    return store_begin(c->worker->reader, c->arena, &c->txn);
}

void call_end(struct call *c)
{
    if (c->txn != NULL)
        txn_end(c->txn);
    c->txn = NULL;
}

/* --- the walk: judged, then done --- */

static fallible admit(const struct call *c, const struct operation *operation)
{
    if (operation->open)
        return OK;
    ENSURE(c->who != NULL, NOBODY);
    ENSURE(!operation->local || c->who->type == PRINCIPAL_LOCAL || c->who->type == PRINCIPAL_COFFER,
           DENIED);
    ENSURE(operation->unjudged || identity_may_ask(c->who, operation->action), SESSION_LIMITED);
    return OK;
}

static fallible judged(struct call *c, const struct operation *operation,
                       const struct resource *resource, struct decision *decision)
{
    if (operation->unjudged || (operation->open && c->who == NULL))
        return OK;
    return authorise(c, operation->action, resource, decision);
}

struct findings { /* for the note */
    struct resource resource;
    struct decision decision;
};

static fallible worth_looking(struct call *c, const struct operation *operation,
                              const struct resource *resource, bool *worth)
{
    *worth = c->who == NULL || authorise_may_allow(c, operation->action, resource);
    if (*worth || resource->invites == NULL)
        return OK;
    return resource->invites(c, resource, worth);
}

/* What cannot be allowed is not looked for: its refusal would tell by its time whether it is
 * there. */
static fallible located(struct call *c, const struct operation *operation, const void *in,
                        struct resource *resource)
{
    bool worth;

    c->located = NULL;
    if (operation->locate == NULL)
        return OK;
    TRY(operation->locate(c, in, resource));
    if (resource->find == NULL)
        return OK;
    resource->unsought = resource->arn;
    TRY(worth_looking(c, operation, resource, &worth));
    return worth ? resource->find(c, resource) : UNSOUGHT;
}

static fallible walk(struct call *c, const struct operation *operation, const void *in, void *out,
                     struct findings *f)
{
    const struct fault *found;

    c->operation = operation;
    c->in = in;
    TRY(admit(c, operation));
    found = located(c, operation, in, &f->resource);
    /* locate names the thing even when it is absent: it is judged all the same, so that a stranger
     * cannot learn what exists. Any other failure of locate is told as what it is. */
    if (found != OK && found->class != FAULT_ABSENT)
        return found;
    TRY(judged(c, operation, &f->resource, &f->decision));
    TRY(found);
    return operation->run(c, in, out);
}

static fallible walk_noted(struct call *c, const struct operation *operation, const void *in,
                           void *out)
{
    struct findings f = {0};
    const struct fault *outcome = walk(c, operation, in, out, &f), *noted;

    c->out = outcome == OK ? out : NULL;
    noted = audit_note(c, operation, in, &f.resource, &f.decision, outcome);
    return noted != OK ? noted : outcome;
}

/* The wire's name is the request's; what it leads to is called as policies call it, without the
 * service. */
static struct bytes name_within(const struct call *c, const struct operation *operation)
{
    struct bytes name = bytes_of(operation->action), service;

    if (c->words.name.n == 0 || !bytes_cut(&name, ':', &service))
        return (struct bytes){0};
    return name;
}

fallible perform_within(struct call *c, const struct operation *operation, const void *in,
                        void *out)
{
    void *const located = c->located;
    const struct operation *const outer = c->operation;
    const void *const outer_in = c->in;
    const struct bytes name = c->words.name;
    const bool within = c->within;
    const struct fault *outcome;

    c->words.name = name_within(c, operation);
    c->within = true;
    memset(out, 0, operation->out_size);
    outcome = walk_noted(c, operation, in, out);
    c->words.name = name;
    c->within = within;
    c->located = located;
    c->operation = outer;
    c->in = outer_in;
    return outcome;
}

fallible also_allowed(struct call *c, const char *action, const struct resource *resource)
{
    struct decision unused;

    return authorise(c, action, resource, &unused);
}

/* --- one attempt: the walk in a transaction, and what it wished --- */

/* A change is not begun while it could not be recorded. */
static fallible may_begin(const struct attempt *a)
{
    const struct journal *journal = a->call->worker->house->journal;

    return a->operation->mode == OPERATION_READS || journal == NULL ? OK
                                                                    : journal_writable(journal);
}

static fallible try_once(struct attempt *a)
{
    struct call *c = a->call;
    const struct fault *outcome = may_begin(a);

    if (outcome == OK)
        outcome = walk_noted(c, a->operation, a->in, a->out);
    else if (audit_note(c, a->operation, a->in, NULL, NULL, outcome) != OK)
        outcome = ARENA_SPENT;
    if (outcome == OK && a->operation->mode == OPERATION_READS && txn_has_writes(c->txn))
        outcome = PERFORM_WROTE;
    if (outcome != OK)
        txn_forget_writes(c->txn);
    return outcome;
}

/* What it wants changed, with its record; nothing points into the map any more. */
static fallible pack(struct attempt *a)
{
    TRY(notes_text(a->call, &a->batch.told));
    TRY(outbox_seal(a->call, a->batch.told, &a->batch.note));
    return txn_pack(a->call->txn, &a->batch);
}

/* As it was when perform began, for another run. */
static void start_over(struct attempt *a)
{
    struct call *c = a->call;

    call_end(c);
    arena_rewind(c->arena, a->mark);
    memset(a->out, 0, a->operation->out_size);
    c->who = NULL;
    c->subjects = (struct texts){0};
    c->detail = (struct bytes){0};
    c->notes = NULL;
    c->within = false;
    c->out = NULL;
}

static fallible again_once(struct attempt *a, struct worker *worker, struct reader *reader)
{
    struct call *c = a->call;

    start_over(a);
    c->worker = worker;
    TRY(store_begin(reader, c->arena, &c->txn));
    TRY(identity_again(c));
    return OK;
}

/* A run after the first: with who asks looked up anew. What fails before the walk has its note,
 * too. */
static fallible run_again(struct attempt *a, struct worker *worker, struct reader *reader)
{
    const struct fault *outcome = again_once(a, worker, reader);

    if (outcome == OK)
        return try_once(a);
    if (audit_note(a->call, a->operation, a->in, NULL, NULL, outcome) != OK)
        return ARENA_SPENT;
    return outcome;
}

static bool wants_change(const struct attempt *a, const struct fault *outcome)
{
    return outcome == OK && txn_has_writes(a->call->txn);
}

/* --- ends --- */

static void finish(struct attempt *a, const struct fault *outcome)
{
    struct call *c = a->call;
    const struct fault *kept;

    call_end(c);
    c->worker = a->home;
    if (outcome != OK)
        notes_fail(c, outcome);
    kept = turn_add(a->home, c);
    a->fault = kept != OK ? kept : outcome;
}

/* Committed: its record is in the outbox, and so in the journal. */
static void finish_committed(struct attempt *a)
{
    call_end(a->call);
    a->call->worker = a->home;
    a->call->notes = NULL;
    a->fault = OK;
}

static bool again(struct batch *batch, struct worker *there, struct reader *inside)
{
    struct attempt *a = attempt_of(batch);
    const struct fault *outcome = run_again(a, there, inside);
    const bool changes = wants_change(a, outcome);

    if (changes)
        outcome = pack(a);
    call_end(a->call);
    a->call->who = NULL;
    if (changes && outcome == OK)
        return true;
    a->settled = true;
    a->fault = outcome;
    return false;
}

struct attempt *attempt_of(struct batch *batch)
{
    return (struct attempt *)(void *)((uint8_t *)batch - offsetof(struct attempt, batch));
}

void perform_resume(struct attempt *a)
{
    const struct fault *outcome = a->batch.outcome;

    /* A refusal or an idempotent success that a re-run came to counts only if what it saw was
     * committed. */
    if (outcome == OK && a->settled)
        finish(a, a->fault);
    else if (outcome == OK)
        finish_committed(a);
    else
        finish(a, outcome);
}

/* --- hand-over --- */

static void prepare_batch(struct attempt *a)
{
    const struct house *house = a->home->house;

    a->batch.again = again;
    a->batch.home = a->home->home;
    a->batch.there = house->committing != NULL ? house->committing : a->home;
    a->settled = false;
}

static enum progress hand_over(struct attempt *a)
{
    const struct house *house = a->home->house;
    const struct fault *fault = pack(a);

    call_end(a->call);
    a->call->who = NULL;
    if (fault == OK && house->committer != NULL)
        fault = committer_submit(house->committer, &a->batch);
    if (fault == OK)
        return PARKED;
    finish(a, fault);
    return DONE;
}

/* Without a committer: here and now, as often as it takes. */
static void commit_here(struct attempt *a)
{
    struct batch *const group[] = {&a->batch};
    const struct fault *fault = pack(a);

    call_end(a->call);
    if (fault == OK)
        fault = store_commit(a->home->house->store, group, 1, 0);
    if (fault != OK) {
        worker_forget(a->home); /* a re-run may have seen what was not committed */
        finish(a, fault);
        return;
    }
    perform_resume(a);
    /* What could not be appended stands in the outbox, and is at the next start. */
    if (a->home->house->journal != NULL)
        (void)!outbox_committed(a->home, group, 1);
}

/* Of what changes nothing. The turn has a copy of the note, which was the last thing made: the
 * reply is written where it lay, in memory that is still at hand. */
static void finish_reading(struct attempt *a, const struct fault *outcome)
{
    struct call *c = a->call;
    const struct note *note = c->notes;

    finish(a, outcome);
    if (outcome == OK && a->fault == OK && note != NULL)
        arena_rewind(c->arena, note->before);
}

enum progress perform(struct attempt *a)
{
    const struct house *house = a->call->worker->house;
    const struct fault *outcome;

    a->home = a->call->worker;
    a->mark = arena_mark(a->call->arena);
    memset(a->out, 0, a->operation->out_size);
    outcome = try_once(a);
    if (!wants_change(a, outcome)) {
        finish_reading(a, outcome);
        return DONE;
    }
    prepare_batch(a);
    if (house->committer != NULL || house->gather)
        return hand_over(a);
    commit_here(a);
    return DONE;
}

enum { COMMIT_AT_ONCE = 512 };

static void commit_some(struct attempt *const parked[], size_t n)
{
    struct batch *group[COMMIT_AT_ONCE];
    const struct fault *fault;

    for (size_t i = 0; i < n; i++)
        group[i] = &parked[i]->batch;
    fault = store_commit(parked[0]->home->house->store, group, n, 0);
    for (size_t i = 0; i < n; i++) {
        if (fault != OK)
            group[i]->outcome = fault;
        perform_resume(parked[i]);
    }
}

void perform_commit(struct attempt *const parked[], size_t n)
{
    for (size_t done = 0; done < n; done += COMMIT_AT_ONCE)
        commit_some(parked + done, n - done < COMMIT_AT_ONCE ? n - done : COMMIT_AT_ONCE);
}
