/* Delete an inline policy of a user. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible run(struct call *c, const void *in, void *out)
{
    const struct bytes account = identity_account(c);
    struct user_policy *policy;
    struct user *user;

    (void)out;
    TRY(user_policy_of(c, in, &user, &policy));
    *policy = user->policies[--user->policy_count];
    TRY(user_save(c, account, user));
    return generation_bump(c, account);
}

const struct operation user_policy_delete = {
    .name = "user_policy.delete",
    .action = "iam:DeleteUserPolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "userName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      {0}},
    .locate = user_policy_locate,
    .run = run,
};
