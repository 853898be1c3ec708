/* operations: what several of identity's operations share. */
#include "core/identity/operations.h"

#include "core/resource.h"

FAULT(USER_POLICY_ABSENT, FAULT_ABSENT, "user_policy.absent",
      "The user policy with name {} cannot be found.");

fallible user_item_of(struct call *c, const struct user *user, struct user_item *out)
{
    *out = (struct user_item){.name = user->name,
                              .path = user->path,
                              .id = user->id,
                              .created = {user->created},
                              .tags = user->tags};
    return identity_arn(c, identity_account(c), user->path, user->name, &out->arn);
}

fallible access_key_locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct access_key_in *in = in_;
    struct bytes name;

    TRY(identity_whose(c, in->user, &name));
    return identity_locate_user(c, name, resource);
}

fallible user_policy_locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_policy_in *in = in_;

    return identity_locate_user(c, in->user, resource);
}

fallible access_key_of(struct call *c, const struct access_key_in *in, struct access_key **out)
{
    const struct fault *fault = access_key_load(c, in->id, out);
    struct bytes name;

    if (fault != OK && fault != ACCESS_KEY_ABSENT)
        return fault;
    TRY(identity_whose(c, in->user, &name));
    if (fault != OK || !bytes_same((*out)->account, identity_account(c)) ||
        !bytes_same((*out)->user, name))
        return why(c, ACCESS_KEY_ABSENT, in->id);
    return OK;
}

struct user_policy *user_policy_find(struct user *user, struct bytes name)
{
    for (size_t i = 0; i < user->policy_count; i++)
        if (bytes_same(user->policies[i].name, name))
            return &user->policies[i];
    return NULL;
}

fallible user_policy_of(struct call *c, const struct user_policy_in *in, struct user **user,
                        struct user_policy **out)
{
    TRY(user_load(c, identity_account(c), in->user, user));
    *out = user_policy_find(*user, in->name);
    return *out == NULL ? why(c, USER_POLICY_ABSENT, in->name) : OK;
}
