/* Make a user, without keys or policies. */
#include "core/identity/operations.h"
#include "core/resource.h"

FAULT(USER_EXISTS, FAULT_STATE, "user.exists", "User with name {} already exists.");
FAULT(USER_NAME, FAULT_CALLER, "user.name",
      "A user's name has 1 to 64 characters, letters, digits and _+=,.@- only; a path begins and "
      "ends with /.");

enum { USER_ID_DRAWN = 17, PATH_MOST = 512 };

static bool path_fits(struct bytes path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.at[i] < 0x21 || path.at[i] > 0x7e || path.at[i] == '*' || path.at[i] == '?')
            return false;
    return path.n <= PATH_MOST && bytes_begins(path, LIT("/")) && bytes_ends(path, LIT("/"));
}

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_in *in = in_;

    return identity_locate_user(c, in->name, resource);
}

static fallible absent(struct call *c, struct bytes name)
{
    struct user *other;
    const struct fault *found = user_load(c, identity_account(c), name, &other);

    if (found == OK)
        return why(c, USER_EXISTS, name);
    return found == USER_ABSENT ? OK : found;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct user_in *in = in_;
    struct user_item *out = out_;
    const struct bytes path = in->path.n != 0 ? in->path : LIT("/");
    struct user user = {.name = in->name, .path = path, .created = c->now};

    ENSURE(identity_name_fits(in->name, USER_NAME_MOST) && path_fits(path), USER_NAME);
    TRY(absent(c, in->name));
    TRY(identity_draw_id(c, LIT("AIDA"), USER_ID_DRAWN, &user.id));
    TRY(user_save(c, identity_account(c), &user));
    TRY(generation_bump(c, identity_account(c)));
    return user_item_of(c, &user, out);
}

const struct operation user_create = {
    .name = "user.create",
    .action = "iam:CreateUser",
    .mode = OPERATION_WRITES,
    .local = true,
    .in_size = sizeof(struct user_in),
    .out_size = sizeof(struct user_item),
    .audit = (const struct audited[]){AUDITED(user_in, name, "userName"),
                                      AUDITED(user_in, path, "path"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(user_item, arn, "arn"),
                                     AUDITED(user_item, id, "userId"),
                                     {0}},
    .locate = locate,
    .run = run,
};
