/* Tell of a user. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_in *in = in_;
    struct bytes name;

    TRY(identity_whose(c, in->name, &name));
    return identity_locate_user(c, name, resource);
}

static fallible tell_root(struct call *c, struct user_item *out)
{
    struct account *account;

    TRY(account_load(c, identity_account(c), &account));
    out->id = account->id;
    out->created = (struct moment){account->created};
    return identity_arn(c, account->id, (struct bytes){0}, (struct bytes){0}, &out->arn);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct user_in *in = in_;
    struct bytes name;
    struct user *user;

    TRY(identity_whose(c, in->name, &name));
    if (name.n == 0)
        return tell_root(c, out);
    TRY(user_load(c, identity_account(c), name, &user));
    return user_item_of(c, user, out);
}

const struct operation user_get = {
    .name = "user.get",
    .action = "iam:GetUser",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_in),
    .out_size = sizeof(struct user_item),
    .audit = (const struct audited[]){AUDITED(user_in, name, "userName"), {0}},
    .locate = locate,
    .run = run,
};
