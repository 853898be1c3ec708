/* Write an inline policy of a user; one of the same name is replaced. */
#include "core/identity/operations.h"
#include "core/resource.h"

FAULT(USER_POLICY_NAME, FAULT_CALLER, "user_policy.name",
      "A policy's name has 1 to 128 characters, letters, digits and _+=,.@- only.");
FAULT(USER_POLICY_LIMIT, FAULT_LIMIT, "user_policy.limit", "A user has at most ten policies.");

enum { POLICY_NAME_MOST = 128 };

fallible identity_policy_fits(struct call *c, struct bytes document)
{
    const struct policy *policy;
    struct bytes reason;
    const struct fault *fault = policy_compile(c->arena, document, &policy, &reason);

    return fault == POLICY_MALFORMED || fault == POLICY_BEYOND ? why_said(c, fault, reason) : fault;
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct user_policy_in *in = in_;
    const struct bytes account = identity_account(c);
    struct user_policy *policy;
    struct user *user;

    (void)out;
    ENSURE(identity_name_fits(in->name, POLICY_NAME_MOST), USER_POLICY_NAME);
    TRY(identity_policy_fits(c, in->document));
    TRY(user_load(c, account, in->user, &user));
    policy = user_policy_find(user, in->name);
    if (policy == NULL) {
        ENSURE(user->policy_count < USER_POLICIES_MOST, USER_POLICY_LIMIT);
        policy = &user->policies[user->policy_count++];
    }
    *policy = (struct user_policy){.name = in->name, .document = in->document};
    TRY(user_save(c, account, user));
    return generation_bump(c, account);
}

const struct operation user_policy_put = {
    .name = "user_policy.put",
    .action = "iam:PutUserPolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "userName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      AUDITED(user_policy_in, document, "policyDocument"),
                                      {0}},
    .locate = user_policy_locate,
    .run = run,
};
