/* Tell of a user. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_in *in = in_;

    return identity_locate_user(c, in->name, resource);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct user_in *in = in_;
    struct user *user;

    TRY(user_load(c, identity_account(c), in->name, &user));
    return user_item_of(c, user, out);
}

const struct operation user_get = {
    .name = "user.get",
    .action = "iam:GetUser",
    .mode = OPERATION_READS,
    .local = true,
    .in_size = sizeof(struct user_in),
    .out_size = sizeof(struct user_item),
    .audit = (const struct audited[]){AUDITED(user_in, name, "userName"), {0}},
    .locate = locate,
    .run = run,
};
