/* Give a secret a resource policy; one that it has is replaced. */
#include "core/secrets/policy.h"

FAULT(SECRET_POLICY_NAME, FAULT_CALLER, "secret.policy_name",
      "There is only one resource policy of a secret, and it is called default.");
FAULT(SECRET_POLICY_PUBLIC, FAULT_CALLER, "secret.policy_public",
      "The resource policy lets everybody in.");

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_policy_put_in *in = in_;
    struct secret_policy_out *out = out_;
    struct secret *secret = secret_located(c);
    struct secret_policy policy;

    ENSURE(secret_policy_is_default(in->name), SECRET_POLICY_NAME);
    TRY(secret_changeable(secret));
    TRY(secret_policy_read(c, in->document, &policy));
    ENSURE(!in->block_public.value || !policy_is_public(policy.judged), SECRET_POLICY_PUBLIC);
    TRY(secret_policy_save(c, secret, &policy));
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    *out = (struct secret_policy_out){
        .arn = secret->arn, .name = secret->name, .policy = SECRET_POLICY_DEFAULT};
    return OK;
}

const struct operation secret_policy_put = {
    .name = "secret.policy_put",
    .action = "secretsmanager:PutResourcePolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_policy_put_in),
    .out_size = sizeof(struct secret_policy_out),
    .audit =
        (const struct audited[]){AUDITED(secret_policy_put_in, id, "secretId"),
                                 AUDITED(secret_policy_put_in, document, "resourcePolicy"),
                                 AUDITED(secret_policy_put_in, block_public, "blockPublicPolicy"),
                                 {0}},
    .locate = secret_locate,
    .run = run,
};
