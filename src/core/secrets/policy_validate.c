/* Say of a resource policy what would speak against it, and put it nowhere. */
#include "core/circumstances.h"
#include "core/identity/identity.h"
#include "core/secrets/policy.h"

enum { CHECKS = 2 };

/* AWS does not publish the names of its checks: these are ours, the sentences are AWS's. */
static const struct secret_policy_finding broad = {
    {(const uint8_t *)"BroadAccess", 11},
    {(const uint8_t *)"This resource policy grants broad access to your secret.", 56}};
static const struct secret_policy_finding lock_out = {
    {(const uint8_t *)"Lockout", 7},
    {(const uint8_t
          *)"Your requested changes will not allow you to manage this secret in the future.",
     78}};

/* As things are: in these circumstances, who asks would be denied to put another. */
static bool locks_out(struct call *c, const struct policy *policy)
{
    const struct secret *secret = secret_located(c);
    const struct resource resource = {
        .arn = secret != NULL ? secret->arn : LIT("*"),
        .fact = secret != NULL ? secret_fact : NULL,
        .thing = secret,
        .tags = {secret != NULL ? secret->tags : NULL, secret != NULL ? secret->tag_count : 0}};
    struct circumstances k = {.call = c, .resource = &resource};
    const struct question q = {.id = c->who->id,
                               .account = c->who->account,
                               .base = c->who->base,
                               .action = LIT("secretsmanager:PutResourcePolicy"),
                               .resource = resource.arn,
                               .circumstance = circumstances_of,
                               .ctx = &k};

    return policy_judge(&policy, 1, &q, NULL) == VERDICT_DENY;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_policy_validate_in *in = in_;
    struct secret_policy_validate_out *out = out_;
    struct secret_policy_finding *at = arena_get(c->arena, CHECKS * sizeof *at);
    struct secret_policy policy;

    ENSURE(at != NULL, ARENA_SPENT);
    TRY(secret_policy_read(c, in->document, &policy));
    out->findings.at = at;
    if (policy_is_public(policy.judged))
        at[out->findings.n++] = broad;
    if (locks_out(c, policy.judged))
        at[out->findings.n++] = lock_out;
    out->passed = out->findings.n == 0;
    return OK;
}

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct secret_policy_validate_in *in = in_;

    return in->id.n == 0 ? OK : secret_locate(c, in, resource);
}

const struct operation secret_policy_validate = {
    .name = "secret.policy_validate",
    .action = "secretsmanager:ValidateResourcePolicy",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_policy_validate_in),
    .out_size = sizeof(struct secret_policy_validate_out),
    .audit =
        (const struct audited[]){AUDITED(secret_policy_validate_in, id, "secretId"),
                                 AUDITED(secret_policy_validate_in, document, "resourcePolicy"),
                                 {0}},
    .locate = locate,
    .run = run,
};
