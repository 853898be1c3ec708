/* The inline policies of a role. */
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/identity/role.h"
#include "core/resource.h"

FAULT(ROLE_POLICY_ABSENT, FAULT_ABSENT, "role_policy.absent",
      "The role policy with name {} cannot be found.");

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_policy_in *in = in_;

    return role_locate(c, in->user, resource);
}

static fallible load(struct call *c, const struct user_policy_in *in, struct role **role)
{
    return role_load(c, identity_account(c), in->user, role);
}

/* NULL: it has none of that name. */
static struct user_policy *find(struct role *role, struct bytes name)
{
    for (size_t i = 0; i < role->policy_count; i++)
        if (bytes_same(role->policies[i].name, name))
            return &role->policies[i];
    return NULL;
}

static fallible keep(struct call *c, const struct role *role)
{
    TRY(role_save(c, identity_account(c), role));
    return generation_bump(c, identity_account(c));
}

static fallible run_put(struct call *c, const void *in_, void *out)
{
    const struct user_policy_in *in = in_;
    struct user_policy *policy;
    struct role *role;

    (void)out;
    TRY(identity_policy_fits(c, in->document));
    TRY(load(c, in, &role));
    policy = find(role, in->name);
    if (policy == NULL) {
        ENSURE(role->policy_count < USER_POLICIES_MOST, USER_POLICY_LIMIT);
        policy = &role->policies[role->policy_count++];
    }
    *policy = (struct user_policy){.name = in->name, .document = in->document};
    return keep(c, role);
}

static fallible run_get(struct call *c, const void *in_, void *out_)
{
    const struct user_policy_in *in = in_;
    struct user_policy_out *out = out_;
    const struct user_policy *policy;
    struct role *role;

    TRY(load(c, in, &role));
    policy = find(role, in->name);
    if (policy == NULL)
        return why(c, ROLE_POLICY_ABSENT, in->name);
    *out = (struct user_policy_out){
        .user = role->name, .name = policy->name, .document = policy->document};
    return OK;
}

static fallible run_delete(struct call *c, const void *in_, void *out)
{
    const struct user_policy_in *in = in_;
    struct user_policy *policy;
    struct role *role;

    (void)out;
    TRY(load(c, in, &role));
    policy = find(role, in->name);
    if (policy == NULL)
        return why(c, ROLE_POLICY_ABSENT, in->name);
    *policy = role->policies[--role->policy_count];
    return keep(c, role);
}

static fallible run_list(struct call *c, const void *in_, void *out_)
{
    const struct user_policy_in *in = in_;
    struct user_policy_list_out *out = out_;
    struct bytes *names = arena_get(c->arena, USER_POLICIES_MOST * sizeof *names);
    struct role *role;
    size_t first;

    ENSURE(names != NULL, ARENA_SPENT);
    TRY(load(c, in, &role));
    for (size_t i = 0; i < role->policy_count; i++)
        names[i] = role->policies[i].name;
    TRY(page_of(&in->page, (struct texts){names, role->policy_count}, &first, &out->names.n,
                &out->more));
    out->names.at = names + first;
    return OK;
}

const struct operation role_policy_put = {
    .name = "role_policy.put",
    .action = "iam:PutRolePolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "roleName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      AUDITED(user_policy_in, document, "policyDocument"),
                                      {0}},
    .locate = locate,
    .run = run_put,
};

const struct operation role_policy_get = {
    .name = "role_policy.get",
    .action = "iam:GetRolePolicy",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct user_policy_out),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "roleName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      {0}},
    .locate = locate,
    .run = run_get,
};

const struct operation role_policy_delete = {
    .name = "role_policy.delete",
    .action = "iam:DeleteRolePolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "roleName"),
                                      AUDITED(user_policy_in, name, "policyName"),
                                      {0}},
    .locate = locate,
    .run = run_delete,
};

const struct operation role_policy_list = {
    .name = "role_policy.list",
    .action = "iam:ListRolePolicies",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_policy_in),
    .out_size = sizeof(struct user_policy_list_out),
    .audit = (const struct audited[]){AUDITED(user_policy_in, user, "roleName"), {0}},
    .locate = locate,
    .run = run_list,
};
