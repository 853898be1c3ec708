/* Give a user another name or path. His id stays, and with it what policies of secrets say of him;
 * his sessions end. */
#include "core/identity/operations.h"
#include "core/perform.h"
#include "core/resource.h"

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_update_in *in = in_;

    return identity_locate_user(c, in->name, resource);
}

/* Whoever may rename only some users may not give them others' names. */
static fallible may_become(struct call *c, const struct user *user, struct bytes name,
                           struct bytes path)
{
    struct resource target = {.type = LIT("AWS::IAM::User"), .tags = user->tags};

    TRY(identity_arn(c, identity_account(c), path, name, &target.arn));
    target.asked = target.arn;
    return also_allowed(c, user_update.action, &target);
}

/* The keys say by name whose they are. */
static fallible rename_keys(struct call *c, const struct user *user, struct bytes name)
{
    struct access_key *key;

    for (size_t i = 0; i < user->keys.n; i++) {
        TRY(access_key_load(c, user->keys.at[i], &key));
        key->user = name;
        TRY(access_key_save(c, key));
    }
    return OK;
}

static fallible move(struct call *c, struct user *user, struct bytes name)
{
    const struct bytes account = identity_account(c);

    if (bytes_same(name, user->name))
        return OK;
    ENSURE(identity_name_fits(name, USER_NAME_MOST), USER_NAME);
    TRY(user_vacant(c, name));
    TRY(rename_keys(c, user, name));
    TRY(user_drop(c, account, user->name));
    user->name = name;
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct user_update_in *in = in_;
    const struct bytes account = identity_account(c);
    struct bytes name, path;
    struct user *user;

    (void)out;
    TRY(user_load(c, account, in->name, &user));
    name = in->new_name.n != 0 ? in->new_name : user->name;
    path = in->new_path.n != 0 ? in->new_path : user->path;
    ENSURE(identity_path_fits(path), USER_NAME);
    TRY(may_become(c, user, name, path));
    TRY(move(c, user, name));
    user->path = path;
    TRY(user_save(c, account, user));
    return generation_bump(c, account);
}

const struct operation user_update = {
    .name = "user.update",
    .action = "iam:UpdateUser",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_update_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(user_update_in, name, "userName"),
                                      AUDITED(user_update_in, new_name, "newUserName"),
                                      AUDITED(user_update_in, new_path, "newPath"),
                                      {0}},
    .locate = locate,
    .run = run,
};
