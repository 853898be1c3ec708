/* whom: the unique id behind the name that a policy uses for somebody. */
#include "core/identity/role.h"

#include <string.h>

/* "arn:<partition>:iam::<account>:" of this call's; what follows goes to *rest. */
static bool in_account(const struct call *c, struct bytes arn, struct bytes *rest)
{
    const struct bytes wanted[] = {LIT("arn"), c->partition.n != 0 ? c->partition : LIT("aws"),
                                   LIT("iam"), LIT(""), c->account};
    struct bytes part;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!bytes_cut(&arn, ':', &part) || !bytes_same(part, wanted[i]))
            return false;
    *rest = arn;
    return true;
}

static struct bytes behind_last_slash(struct bytes text)
{
    const uint8_t *slash = memrchr(text.at, '/', text.n);

    return slash == NULL ? text : bytes_after(text, (size_t)(slash - text.at) + 1);
}

/* Path and all: another's ARN is nobody's. */
static fallible user_of_arn(struct call *c, struct bytes arn, struct bytes path_and_name,
                            struct bytes *id)
{
    const struct bytes name = behind_last_slash(path_and_name);
    struct user *user;
    struct bytes own;

    ENSURE(identity_name_fits(name, USER_NAME_MOST), USER_ABSENT);
    TRY(user_load(c, c->account, name, &user));
    TRY(identity_arn(c, c->account, user->path, user->name, &own));
    ENSURE(bytes_same(own, arn), USER_ABSENT);
    *id = user->id;
    return OK;
}

/* As of a user: path and all. */
static fallible role_of_arn(struct call *c, struct bytes arn, struct bytes path_and_name,
                            struct bytes *id)
{
    const struct bytes name = behind_last_slash(path_and_name);
    struct role *role;
    struct bytes own;

    ENSURE(identity_name_fits(name, USER_NAME_MOST), ROLE_ABSENT);
    TRY(role_load(c, c->account, name, &role));
    TRY(identity_role_arn(c, c->account, role->path, role->name, &own));
    ENSURE(bytes_same(own, arn), ROLE_ABSENT);
    *id = role->id;
    return OK;
}

static const struct fault *nobody(const struct fault *fault)
{
    return fault == ROLE_ABSENT ? USER_ABSENT : fault;
}

fallible identity_id_of(struct call *c, struct bytes named, struct bytes *id, struct bytes *arn)
{
    const struct bytes user = LIT("user/");
    struct bytes rest;

    *arn = named;
    *id = c->account;
    if (c->account.n != 0 && bytes_same(named, c->account))
        return identity_arn(c, c->account, (struct bytes){0}, (struct bytes){0}, arn);
    ENSURE(c->account.n != 0 && in_account(c, named, &rest), USER_ABSENT);
    if (bytes_same(rest, LIT("root")))
        return OK;
    if (bytes_begins(rest, LIT("role/")))
        return nobody(role_of_arn(c, named, bytes_after(rest, sizeof("role/") - 1), id));
    ENSURE(bytes_begins(rest, user), USER_ABSENT);
    return user_of_arn(c, named, bytes_after(rest, user.n), id);
}
