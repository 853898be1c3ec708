/* audit: exactly one record per request, an allow-list of typed members, never a dump (DESIGN 6,
 * SECURITY 9, 10). A change's record is committed with it (the outbox) and appended to the journal
 * by the committer; all others go to the journal at the end of the turn, before the turn's replies
 * leave. What cannot be recorded does not happen. */
#pragma once

#include "core/authorise.h"
#include "core/resource.h"

/* One record in the making: its JSON but for what is known later (the outcome, sequence, chain,
 * commit number). In the call's arena. The text is head, then the outcome's members or the
 * response, then tail: the object "coffer", left open. */
struct note {
    struct note *older;
    struct arena_mark before; /* where the call's arena stood when it was begun */
    struct bytes head, tail;
    struct bytes request;  /* how head begins: what all records of the request say alike */
    struct bytes response; /* what it gave, told only if it came to be */
    int64_t number;        /* how many are older */
    bool within;           /* of what was done within the request */
    const struct fault *outcome;
    struct bytes code, message; /* of an outcome that is a fault */
    bool door;                  /* nobody was recognised: counted, beyond some a minute summed */
    bool cut;                   /* the head has not all that was sent: doc/journal.md */
};

/* Makes the record of `operation` with `outcome` and keeps it in call->notes. `resource` and
 * `decision` may be NULL. Called by perform, and by wire/answer.c for what never reached perform
 * (operation NULL: then only who, where, when, the error and `c->detail`-free words of the fault
 * are recorded). */
fallible audit_note(struct call *, const struct operation *, const void *in,
                    const struct resource *, const struct decision *, const struct fault *outcome);

/* A record of what was done beside any request (`in`: NULL if the row audits nothing): in the
 * journal when it returns OK. Not on a worker whose turn holds notes of requests. */
fallible audit_event(struct worker *, struct arena *, const struct operation *, const void *in,
                     const struct principal *who);

/* All notes that said OK say `fault` from now on: what they tell of was not committed. */
void notes_fail(struct call *, const struct fault *);

/* The texts of all notes, oldest first, a line each: what a batch carries. note_text: of one. */
fallible notes_text(struct call *, struct bytes *text);
fallible note_text(struct arena *, const struct note *, struct bytes *text);

/* Hands the notes of a finished call to the worker's turn and takes them out of the call. Called by
 * perform for what is DONE; by wire/answer.c for what never reached it. A call without notes gets a
 * bare one. Door refusals (nobody recognised) are counted per address and reason, and summed beyond
 * 10 a minute. On a fault the whole turn counts as not recorded: turn_write() will say so. */
fallible turn_add(struct worker *, struct call *);

bool turn_waits(const struct worker *); /* there is something to write */

/* Writes all notes of the turn in one write. On failure the caller must answer no request of this
 * turn with its reply. */
fallible turn_write(struct worker *);

/* The same for a loop, which does not wait for the disk: in a house with a syncer (audit = strict)
 * no reply of this turn may leave before turn_reached says `*ticket` or more, or a fault; the
 * worker's mailbox is woken then. 0: they may leave now. */
fallible turn_hand_over(struct worker *, uint64_t *ticket);
fallible turn_reached(const struct worker *, uint64_t *ticket);
