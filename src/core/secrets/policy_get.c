/* Tell a secret's resource policy; a secret without one tells its name. */
#include "core/secrets/policy.h"

FAULT(SECRET_POLICY_ABSENT, FAULT_ABSENT, "secret.policy_absent",
      "There is no resource policy of that name.");

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_policy_in *in = in_;
    struct secret_policy_out *out = out_;
    const struct secret *secret = secret_located(c);

    ENSURE(secret_policy_is_default(in->name), SECRET_POLICY_ABSENT);
    ENSURE(secret->deleted == 0, SECRET_DELETED);
    *out = (struct secret_policy_out){.arn = secret->arn, .name = secret->name};
    if (secret->policy == 0)
        return OK;
    out->policy = SECRET_POLICY_DEFAULT;
    return secret_policy_tell(c, secret, &out->document);
}

const struct operation secret_policy_get = {
    .name = "secret.policy_get",
    .action = "secretsmanager:GetResourcePolicy",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_policy_in),
    .out_size = sizeof(struct secret_policy_out),
    .audit = (const struct audited[]){AUDITED(secret_policy_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
