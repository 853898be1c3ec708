/* Tell which account an access key is of. */
#include "core/identity/session.h"

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct access_key_in *in = in_;
    struct access_key_owner_out *out = out_;
    struct access_key *key;
    const struct fault *fault;

    if (session_account(c, in->id, &out->account))
        return OK;
    fault = access_key_load(c, in->id, &key);
    if (fault == ACCESS_KEY_ABSENT)
        return why(c, ACCESS_KEY_ABSENT, in->id);
    TRY(fault);
    out->account = key->account;
    return OK;
}

const struct operation access_key_owner = {
    .name = "access_key.owner",
    .action = "sts:GetAccessKeyInfo",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct access_key_owner_out),
    .audit = (const struct audited[]){AUDITED(access_key_in, id, "accessKeyId"), {0}},
    .run = run,
};
