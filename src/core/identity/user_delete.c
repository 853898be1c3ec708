/* Delete a user that has neither keys nor policies any more. */
#include "core/identity/operations.h"
#include "core/resource.h"

FAULT(USER_BUSY, FAULT_STATE, "user.busy",
      "The user {} still has access keys or policies: delete those first.");

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_in *in = in_;

    return identity_locate_user(c, in->name, resource);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct user_in *in = in_;
    const struct bytes account = identity_account(c);
    struct user *user;

    (void)out;
    TRY(user_load(c, account, in->name, &user));
    if (user->keys.n != 0 || user->policy_count != 0)
        return why(c, USER_BUSY, in->name);
    TRY(user_drop(c, account, in->name));
    return generation_bump(c, account);
}

const struct operation user_delete = {
    .name = "user.delete",
    .action = "iam:DeleteUser",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_in, name, "userName"), {0}},
    .locate = locate,
    .run = run,
};
