/* Make a user, without keys or policies. */
#include "core/identity/operations.h"
#include "core/identity/usertags.h"
#include "core/perform.h"
#include "core/resource.h"

FAULT(USER_EXISTS, FAULT_STATE, "user.exists", "User with name {} already exists.");
FAULT(USER_NAME, FAULT_CALLER, "user.name",
      "A user's name has 1 to 64 characters, letters, digits and _+=,.@- only; a path begins and "
      "ends with /.");

FAULT(BOUNDARY_ABSENT, FAULT_ABSENT, "boundary.absent",
      "Scope ARN: {} does not exist or is not attachable.");

enum { USER_ID_DRAWN = 17, PATH_MOST = 512 };

bool identity_path_fits(struct bytes path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.at[i] < 0x21 || path.at[i] > 0x7e || path.at[i] == '*' || path.at[i] == '?')
            return false;
    return path.n <= PATH_MOST && bytes_begins(path, LIT("/")) && bytes_ends(path, LIT("/"));
}

static struct bytes path_of(const struct user_in *in)
{
    return in->path.n != 0 ? in->path : LIT("/");
}

/* He is not there yet: the ARN that he is to have. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_in *in = in_;

    resource->type = LIT("AWS::IAM::User");
    TRY(identity_arn(c, identity_account(c), path_of(in), in->name, &resource->arn));
    resource->asked = resource->arn;
    return OK;
}

fallible user_vacant(struct call *c, struct bytes name)
{
    struct user *other;
    const struct fault *found = user_load(c, identity_account(c), name, &other);

    if (found == OK)
        return why(c, USER_EXISTS, name);
    return found == USER_ABSENT ? OK : found;
}

/* With tags: whoever makes a user may not write on him what he may not write on others. */
static fallible may_tag(struct call *c, const struct user_in *in)
{
    struct resource user = {0};

    if (in->tags.n == 0)
        return OK;
    TRY(locate(c, in, &user));
    return also_allowed(c, user_tag.action, &user);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct user_in *in = in_;
    struct user_item *out = out_;
    struct user user = {.name = in->name, .path = path_of(in), .created = c->now};

    ENSURE(identity_name_fits(in->name, USER_NAME_MOST) && identity_path_fits(user.path),
           USER_NAME);
    TRY(may_tag(c, in));
    if (in->boundary.at != NULL)
        return why(c, BOUNDARY_ABSENT, in->boundary);
    TRY(user_vacant(c, in->name));
    TRY(user_tags_put(c, &user, in->tags));
    TRY(identity_draw_id(c, LIT("AIDA"), USER_ID_DRAWN, &user.id));
    TRY(user_save(c, identity_account(c), &user));
    TRY(generation_bump(c, identity_account(c)));
    return user_item_of(c, &user, out);
}

const struct operation user_create = {
    .name = "user.create",
    .action = "iam:CreateUser",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct user_in),
    .out_size = sizeof(struct user_item),
    .audit = (const struct audited[]){AUDITED(user_in, name, "userName"),
                                      AUDITED(user_in, path, "path"),
                                      AUDITED(user_in, boundary, "permissionsBoundary"),
                                      AUDITED(user_in, tags, "tags"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(user_item, arn, "arn"),
                                     AUDITED(user_item, id, "userId"),
                                     {0}},
    .locate = locate,
    .run = run,
};
