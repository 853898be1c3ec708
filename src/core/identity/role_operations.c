/* A role: made, told of, changed, deleted. */
#include "core/identity/operations.h"
#include "core/identity/role.h"
#include "core/identity/usertags.h"
#include "core/perform.h"
#include "core/resource.h"

FAULT(ROLE_EXISTS, FAULT_STATE, "role.exists", "Role with name {} already exists.");
FAULT(ROLE_BUSY, FAULT_STATE, "role.busy", "Cannot delete entity, must delete policies first.");

enum { ROLE_ID_DRAWN = 17, SESSION_USUAL = 3600 };

static struct bytes path_of(const struct role_in *in)
{
    return in->path.n != 0 ? in->path : LIT("/");
}

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct role_in *in = in_;

    return role_locate(c, in->name, resource);
}

/* It is not there yet: the ARN that it is to have. */
static fallible locate_new(struct call *c, const void *in_, struct resource *resource)
{
    const struct role_in *in = in_;

    resource->type = LIT("AWS::IAM::Role");
    TRY(identity_role_arn(c, identity_account(c), path_of(in), in->name, &resource->arn));
    resource->asked = resource->arn;
    return OK;
}

static fallible vacant(struct call *c, struct bytes name)
{
    struct role *other;
    const struct fault *found = role_load(c, identity_account(c), name, &other);

    if (found == OK)
        return why(c, ROLE_EXISTS, name);
    return found == ROLE_ABSENT ? OK : found;
}

static fallible may_tag(struct call *c, const struct role_in *in)
{
    struct resource role = {0};

    if (in->tags.n == 0)
        return OK;
    TRY(user_tags_fit(c, in->tags));
    TRY(locate_new(c, in, &role));
    return also_allowed(c, "iam:TagRole", &role);
}

static fallible run_create(struct call *c, const void *in_, void *out)
{
    const struct role_in *in = in_;
    const struct bytes account = identity_account(c);
    struct role role = {.name = in->name,
                        .path = path_of(in),
                        .created = c->now,
                        .description = in->description,
                        .tags = in->tags,
                        .max_session = in->seconds.said ? in->seconds.value : SESSION_USUAL};

    ENSURE(identity_name_fits(in->name, USER_NAME_MOST) && identity_path_fits(role.path),
           USER_NAME);
    TRY(may_tag(c, in));
    if (in->boundary.at != NULL)
        return why(c, BOUNDARY_ABSENT, in->boundary);
    TRY(role_trust(c, &role, in->trust));
    TRY(vacant(c, in->name));
    TRY(identity_draw_id(c, LIT("AROA"), ROLE_ID_DRAWN, &role.id));
    TRY(role_save(c, account, &role));
    TRY(generation_bump(c, account));
    return role_item_of(c, &role, out);
}

static fallible run_get(struct call *c, const void *in_, void *out)
{
    const struct role_in *in = in_;
    struct role *role;

    TRY(role_load(c, identity_account(c), in->name, &role));
    return role_item_of(c, role, out);
}

static fallible keep(struct call *c, const struct role *role)
{
    TRY(role_save(c, identity_account(c), role));
    return generation_bump(c, identity_account(c));
}

static fallible run_update(struct call *c, const void *in_, void *out)
{
    const struct role_in *in = in_;
    struct role *role;

    (void)out;
    TRY(role_load(c, identity_account(c), in->name, &role));
    if (in->description.at != NULL)
        role->description = in->description;
    if (in->seconds.said)
        role->max_session = in->seconds.value;
    return keep(c, role);
}

static fallible run_trust(struct call *c, const void *in_, void *out)
{
    const struct role_in *in = in_;
    struct role *role;

    (void)out;
    TRY(role_load(c, identity_account(c), in->name, &role));
    TRY(role_trust(c, role, in->trust));
    return keep(c, role);
}

static fallible run_delete(struct call *c, const void *in_, void *out)
{
    const struct role_in *in = in_;
    struct role *role;

    (void)out;
    TRY(role_load(c, identity_account(c), in->name, &role));
    ENSURE(role->policy_count == 0, ROLE_BUSY);
    TRY(role_drop(c, identity_account(c), in->name));
    return generation_bump(c, identity_account(c));
}

const struct operation role_create = {
    .name = "role.create",
    .action = "iam:CreateRole",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct role_in),
    .out_size = sizeof(struct role_item),
    .audit = (const struct audited[]){AUDITED(role_in, name, "roleName"),
                                      AUDITED(role_in, path, "path"),
                                      AUDITED(role_in, trust, "assumeRolePolicyDocument"),
                                      AUDITED(role_in, description, "description"),
                                      AUDITED(role_in, seconds, "maxSessionDuration"),
                                      AUDITED(role_in, boundary, "permissionsBoundary"),
                                      AUDITED(role_in, tags, "tags"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(role_item, arn, "arn"),
                                     AUDITED(role_item, id, "roleId"),
                                     {0}},
    .locate = locate_new,
    .run = run_create,
};

const struct operation role_get = {
    .name = "role.get",
    .action = "iam:GetRole",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct role_in),
    .out_size = sizeof(struct role_item),
    .audit = (const struct audited[]){AUDITED(role_in, name, "roleName"), {0}},
    .locate = locate,
    .run = run_get,
};

const struct operation role_update = {
    .name = "role.update",
    .action = "iam:UpdateRole",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct role_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(role_in, name, "roleName"),
                                      AUDITED(role_in, description, "description"),
                                      AUDITED(role_in, seconds, "maxSessionDuration"),
                                      {0}},
    .locate = locate,
    .run = run_update,
};

const struct operation role_update_trust = {
    .name = "role.update_trust",
    .action = "iam:UpdateAssumeRolePolicy",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct role_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(role_in, name, "roleName"),
                                      AUDITED(role_in, trust, "policyDocument"),
                                      {0}},
    .locate = locate,
    .run = run_trust,
};

const struct operation role_delete = {
    .name = "role.delete",
    .action = "iam:DeleteRole",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct role_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(role_in, name, "roleName"), {0}},
    .locate = locate,
    .run = run_delete,
};
