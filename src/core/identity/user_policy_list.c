/* List the names of a user's inline policies. */
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/resource.h"

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct user_policy_in *in = in_;
    struct user_policy_list_out *out = out_;
    struct bytes *names = arena_get(c->arena, USER_POLICIES_MOST * sizeof(struct bytes));
    struct user *user;
    size_t first;

    ENSURE(names != NULL, ARENA_SPENT);
    TRY(user_load(c, identity_account(c), in->user, &user));
    for (size_t i = 0; i < user->policy_count; i++)
        names[i] = user->policies[i].name;
    TRY(page_of(&in->page, (struct texts){names, user->policy_count}, &first, &out->names.n,
                &out->more));
    out->names.at = names + first;
    return OK;
}

const struct operation user_policy_list = {
    .name = "user_policy.list",
    .action = "iam:ListUserPolicies",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct user_policy_list_out),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "userName"), {0}},
    .locate = user_policy_locate,
    .run = run,
};
