/* version: one more version of a secret, and room for it. */
#include "core/secrets/stages.h"
#include "core/secrets/value.h"
#include "core/worker.h"

#include <string.h>

FAULT(SECRET_VERSIONS_FULL, FAULT_LIMIT, "secret.versions_full",
      "The secret has as many versions as it may have, and none of them may go yet.");

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static size_t versions_most(const struct call *c)
{
    const size_t kept = c->worker->house->versions_kept;
    const size_t most = secret_limit(c, LIMIT_VERSIONS);

    return kept != 0 && kept < most ? kept : most;
}

/* AWS lets none go that is younger than a day; who set a number wants it kept. */
static bool may_go(const struct call *c, const struct version *version)
{
    return version->stage_count == 0 &&
           (c->worker->house->versions_kept != 0 || version->created <= c->now - DAY_MS);
}

static fallible drop_oldest(struct call *c, struct secret *secret)
{
    struct version *at = secret->versions, *const end = at + secret->version_count;

    while (at < end && !may_go(c, at))
        at++;
    ENSURE(at < end, SECRET_VERSIONS_FULL);
    TRY(value_drop(c, secret, at->id));
    memmove(at, at + 1, (size_t)(end - at - 1) * sizeof *at);
    secret->version_count--;
    return OK;
}

fallible version_add(struct call *c, struct secret *secret, struct bytes id,
                     const struct value *value, struct texts stages)
{
    struct version *fresh;

    while (secret->version_count >= versions_most(c))
        TRY(drop_oldest(c, secret));
    fresh = &secret->versions[secret->version_count];
    *fresh = (struct version){.id = id, .created = c->now};
    TRY(value_seal(c, secret, fresh, value));
    secret->version_count++;
    secret->changed = c->now;
    return stages_give(c->arena, secret, stages, fresh, secret_limit(c, LIMIT_STAGES));
}
