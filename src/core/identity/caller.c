/* Tell somebody who he is, as he was recognised. */
#include "core/identity/identity.h"

static fallible run(struct call *c, const void *in, void *out_)
{
    struct identity_caller_out *out = out_;

    (void)in;
    *out = (struct identity_caller_out){
        .id = c->who->id, .account = c->who->account, .arn = c->who->arn};
    return OK;
}

const struct operation identity_caller = {
    .name = "identity.caller",
    .action = "sts:GetCallerIdentity",
    .mode = OPERATION_READS,
    .unjudged = true,
    .in_size = sizeof(struct nothing),
    .out_size = sizeof(struct identity_caller_out),
    .audit = (const struct audited[]){{0}},
    .run = run,
};
