/* Take a secret's resource policy away. */
#include "core/secrets/policy.h"

static fallible take_away(struct call *c, struct secret *secret)
{
    TRY(secret_policy_drop(c, secret));
    secret->policy = 0;
    secret->changed = c->now;
    return secret_save(c, secret);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_policy_in *in = in_;
    struct secret_policy_out *out = out_;
    struct secret *secret = secret_located(c);

    ENSURE(secret_policy_is_default(in->name), SECRET_POLICY_NAME);
    TRY(secret_changeable(secret));
    if (secret->policy != 0)
        TRY(take_away(c, secret));
    *out = (struct secret_policy_out){
        .arn = secret->arn, .name = secret->name, .policy = SECRET_POLICY_DEFAULT};
    return OK;
}

const struct operation secret_policy_delete = {
    .name = "secret.policy_delete",
    .action = "secretsmanager:DeleteResourcePolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_policy_in),
    .out_size = sizeof(struct secret_policy_out),
    .audit = (const struct audited[]){AUDITED(secret_policy_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
