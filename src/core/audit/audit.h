/* audit: exactly one record per request, an allow-list of typed members, never a dump (DESIGN 6, SECURITY 9, 10). A
 * change's record is committed with it (the outbox) and appended to the journal by the committer; all others go to the
 * journal at the end of the turn, before the turn's replies leave. What cannot be recorded does not happen. */
#pragma once

#include "core/authorise.h"
#include "core/resource.h"

/* One record in the making: its JSON but for what only the appender knows (sequence, chain, and for a parked change
 * the commit number and the outcome). In the call's arena. */
struct note {
    struct note *older;
    struct bytes body;
    const struct fault *outcome;
};

/* Makes the record of `operation` with `outcome` and keeps it in call->notes. `resource` and `decision` may be NULL.
 * Called by perform, and by wire/answer.c for what never reached perform (operation NULL: then only who, where, when,
 * the error and `c->detail`-free words of the fault are recorded). */
fallible audit_note(struct call *, const struct operation *, const void *in, const struct resource *,
                    const struct decision *, const struct fault *outcome);

/* Hands the notes of a finished call to the worker's turn. Door refusals (nobody recognised) are counted per address
 * and summed beyond 10 a minute and reason. */
fallible turn_add(struct worker *, struct call *);

/* Writes all notes of the turn in one write. On failure the caller must answer no request of this turn with its reply. */
fallible turn_write(struct worker *);
