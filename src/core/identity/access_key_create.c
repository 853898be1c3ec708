/* Make an access key for a user: the only time that its secret is shown. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct access_key_in *in = in_;
    struct access_key_create_out *out = out_;
    struct identity_new_key key;
    struct bytes name;

    TRY(identity_whose(c, in->user, &name));
    TRY(identity_create_key(c, identity_account(c), name, NULL, &key));
    *out = (struct access_key_create_out){.user = name,
                                          .id = key.id,
                                          .status = LIT("Active"),
                                          .secret = key.secret,
                                          .created = {c->now}};
    return OK;
}

const struct operation access_key_create = {
    .name = "access_key.create",
    .action = "iam:CreateAccessKey",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct access_key_create_out),
    .audit = (const struct audited[]){AUDITED(access_key_in, user, "userName"), {0}},
    .told = (const struct audited[]){AUDITED(access_key_create_out, id, "accessKeyId"), {0}},
    .locate = access_key_locate,
    .run = run,
};
