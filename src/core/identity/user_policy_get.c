/* Show an inline policy of a user, as it was written. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible run(struct call *c, const void *in, void *out_)
{
    struct user_policy_out *out = out_;
    struct user_policy *policy;
    struct user *user;

    TRY(user_policy_of(c, in, &user, &policy));
    *out = (struct user_policy_out){
        .user = user->name, .name = policy->name, .document = policy->document};
    return OK;
}

const struct operation user_policy_get = {
    .name = "user_policy.get",
    .action = "iam:GetUserPolicy",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct user_policy_out),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "userName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      {0}},
    .locate = user_policy_locate,
    .run = run,
};
