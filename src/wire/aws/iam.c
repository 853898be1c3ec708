/* IAM in AWS's words: its operations as rows, its errors as rows. Held against the service model by
 * tests/model. */
#include "wire/aws/iam.h"
#include "core/identity/identity.h"
#include "wire/aws/patterns.h"

/* clang-format off */
static SHAPE(pair, tag,
    NEED(pair, name,  "Key",   1, 128, MATCHES(pattern_tag_key)),
    NEED(pair, value, "Value", 0, 256, MATCHES(pattern_tag_value)));
static SHAPE(bytes, tag_key, ITEM(1, 128, MATCHES(pattern_tag_key)));
static SHAPE(bytes, name, ITEM(1, 128));

static const struct word statuses[] = {SAY("Active", 1), SAY("Inactive", 2), SAY("Expired", 3), {{0}, 0}};

/* What is a user's of the name that is asked for; who is made has to keep to 64 characters. */
#define NAMED(T, m)   NEED(T, m, "UserName", 1, 128, MATCHES(pattern_iam_name))
#define OR_SELF(T, m) MAY (T, m, "UserName", 1, 128, MATCHES(pattern_iam_name))
#define PAGE(T)                                                        \
    MAY(T, page.after, "Marker",   1,  320, MATCHES(pattern_marker)),  \
    MAY(T, page.max,   "MaxItems", 1, 1000)
#define MORE(T)                              \
    GIVE(T, more.there, "IsTruncated"),      \
    GIVE(T, more.next,  "Marker")

#define USER                                          \
    GIVE(user_item, path,    "Path"),                 \
    GIVE(user_item, name,    "UserName"),             \
    GIVE(user_item, id,      "UserId"),               \
    GIVE(user_item, arn,     "Arn"),                  \
    GIVE(user_item, created, "CreateDate")
#define TAGGED LIST(user_item, tags, "Tags", pair, tag, 0, 0)
static SHAPE(user_item, listed, USER);

static SHAPE(access_key_item, listed,
    GIVE(access_key_item, user,    "UserName"),
    GIVE(access_key_item, id,      "AccessKeyId"),
    GIVE(access_key_item, status,  "Status"),
    GIVE(access_key_item, created, "CreateDate"));

#define KEY_ID   NEED(access_key_in, id, "AccessKeyId", 16, 128, MATCHES(pattern_word_some))
#define POLICY   NEED(user_policy_in, name, "PolicyName", 1, 128, MATCHES(pattern_iam_name))

#define ROLE_OWN                                                        \
    GIVE(role_item, path,        "Path"),                               \
    GIVE(role_item, name,        "RoleName"),                           \
    GIVE(role_item, id,          "RoleId"),                             \
    GIVE(role_item, arn,         "Arn"),                                \
    GIVE(role_item, created,     "CreateDate"),                         \
    GIVE(role_item, trust,       "AssumeRolePolicyDocument", PERCENT),  \
    GIVE(role_item, description, "Description"),                        \
    GIVE(role_item, max_session, "MaxSessionDuration")
#define ROLE_TAGGED LIST(role_item, tags, "Tags", pair, tag, 0, 0)
static SHAPE(role_item, listed, ROLE_OWN);

#define ROLE(T, m)     NEED(T, m, "RoleName", 1, 64, MATCHES(pattern_iam_name))
#define TRUST(wire_)   NEED(role_in, trust, wire_, 1, 131072, MATCHES(pattern_document))
#define ROLE_ABOUT                                                                              \
    MAY(role_in, description, "Description", 0, 1000, MATCHES(pattern_description)),            \
    MAY(role_in, seconds,     "MaxSessionDuration", 3600, 43200)

const struct route aws_iam_routes[] = {
    ROUTE("CreateAccessKey", access_key_create,
        IN (OR_SELF(access_key_in, user)),
        OUT(GROUP("AccessKey",
            GIVE(access_key_create_out, user,    "UserName"),
            GIVE(access_key_create_out, id,      "AccessKeyId"),
            GIVE(access_key_create_out, status,  "Status"),
            GIVE(access_key_create_out, secret,  "SecretAccessKey"),
            GIVE(access_key_create_out, created, "CreateDate")))),

    ROUTE("CreateRole", role_create,
        IN (MAY (role_in, path,     "Path",                 1,  512, MATCHES(pattern_iam_path)),
            ROLE(role_in, name), TRUST("AssumeRolePolicyDocument"), ROLE_ABOUT,
            MAY (role_in, boundary, "PermissionsBoundary", 20, 2048),
            LIST(role_in, tags,     "Tags", pair, tag,      0,   50)),
        OUT(GROUP("Role", ROLE_OWN, ROLE_TAGGED))),

    ROUTE("CreateUser", user_create,
        IN (MAY (user_in, path,     "Path",                 1,  512, MATCHES(pattern_iam_path)),
            NEED(user_in, name,     "UserName",             1,   64, MATCHES(pattern_iam_name)),
            MAY (user_in, boundary, "PermissionsBoundary", 20, 2048),
            LIST(user_in, tags,     "Tags", pair, tag,      0,   50)),
        OUT(GROUP("User", USER, TAGGED))),

    ROUTE("DeleteAccessKey", access_key_delete,
        IN (OR_SELF(access_key_in, user), KEY_ID), NOTHING),

    ROUTE("DeleteRole", role_delete,
        IN (ROLE(role_in, name)), NOTHING),

    ROUTE("DeleteRolePolicy", role_policy_delete,
        IN (ROLE(user_policy_in, user), POLICY), NOTHING),

    ROUTE("DeleteUser", user_delete,
        IN (NAMED(user_in, name)), NOTHING),

    ROUTE("DeleteUserPolicy", user_policy_delete,
        IN (NAMED(user_policy_in, user), POLICY), NOTHING),

    ROUTE("GetAccessKeyLastUsed", access_key_used,
        IN (KEY_ID),
        OUT(GIVE(access_key_used_out, user,    "UserName"),
            GROUP("AccessKeyLastUsed",
                GIVE(access_key_used_out, last,    "LastUsedDate"),
                GIVE(access_key_used_out, service, "ServiceName"),
                GIVE(access_key_used_out, region,  "Region")))),

    ROUTE("GetRole", role_get,
        IN (ROLE(role_in, name)),
        OUT(GROUP("Role", ROLE_OWN, ROLE_TAGGED))),

    ROUTE("GetRolePolicy", role_policy_get,
        IN (ROLE(user_policy_in, user), POLICY),
        OUT(GIVE(user_policy_out, user,     "RoleName"),
            GIVE(user_policy_out, name,     "PolicyName"),
            GIVE(user_policy_out, document, "PolicyDocument", PERCENT))),

    ROUTE("GetUser", user_get,
        IN (OR_SELF(user_in, name)),
        OUT(GROUP("User", USER, TAGGED))),

    ROUTE("GetUserPolicy", user_policy_get,
        IN (NAMED(user_policy_in, user), POLICY),
        OUT(GIVE(user_policy_out, user,     "UserName"),
            GIVE(user_policy_out, name,     "PolicyName"),
            GIVE(user_policy_out, document, "PolicyDocument", PERCENT))),

    ROUTE("ListAccessKeys", access_key_list,
        IN (OR_SELF(access_key_in, user), PAGE(access_key_in)),
        OUT(LIST(access_key_list_out, keys, "AccessKeyMetadata", access_key_item, listed, 0, 0, MUST),
            MORE(access_key_list_out))),

    ROUTE("ListRolePolicies", role_policy_list,
        IN (ROLE(user_policy_in, user), PAGE(user_policy_in)),
        OUT(LIST(user_policy_list_out, names, "PolicyNames", bytes, name, 0, 0, MUST),
            MORE(user_policy_list_out))),

    ROUTE("ListRoles", role_list,
        IN (MAY (role_list_in, prefix, "PathPrefix", 1, 512, MATCHES(pattern_path_prefix)), PAGE(role_list_in)),
        OUT(LIST(role_list_out, roles, "Roles", role_item, listed, 0, 0, MUST),
            MORE(role_list_out))),

    ROUTE("ListUserPolicies", user_policy_list,
        IN (NAMED(user_policy_in, user), PAGE(user_policy_in)),
        OUT(LIST(user_policy_list_out, names, "PolicyNames", bytes, name, 0, 0, MUST),
            MORE(user_policy_list_out))),

    ROUTE("ListUserTags", user_tags,
        IN (NAMED(user_tags_in, name), PAGE(user_tags_in)),
        OUT(LIST(user_tags_out, tags, "Tags", pair, tag, 0, 0, MUST),
            MORE(user_tags_out))),

    ROUTE("ListUsers", user_list,
        IN (MAY (user_list_in, prefix, "PathPrefix", 1, 512, MATCHES(pattern_path_prefix)), PAGE(user_list_in)),
        OUT(LIST(user_list_out, users, "Users", user_item, listed, 0, 0, MUST),
            MORE(user_list_out))),

    ROUTE("PutRolePolicy", role_policy_put,
        IN (ROLE(user_policy_in, user), POLICY,
            NEED(user_policy_in, document, "PolicyDocument", 1, 131072, MATCHES(pattern_document))),
        NOTHING),

    ROUTE("PutUserPolicy", user_policy_put,
        IN (NAMED(user_policy_in, user), POLICY,
            NEED(user_policy_in, document, "PolicyDocument", 1, 131072, MATCHES(pattern_document))),
        NOTHING),

    ROUTE("TagUser", user_tag,
        IN (NAMED(user_tags_in, name),
            LIST(user_tags_in, tags, "Tags", pair, tag, 0, 50, MUST)),
        NOTHING),

    ROUTE("UntagUser", user_untag,
        IN (NAMED(user_tags_in, name),
            LIST(user_tags_in, keys, "TagKeys", bytes, tag_key, 0, 50, MUST)),
        NOTHING),

    ROUTE("UpdateAccessKey", access_key_update,
        IN (OR_SELF(access_key_in, user), KEY_ID,
            NEED(access_key_in, status, "Status", 0, 0, ONE_OF(statuses))),
        NOTHING),

    ROUTE("UpdateAssumeRolePolicy", role_update_trust,
        IN (ROLE(role_in, name), TRUST("PolicyDocument")), NOTHING),

    ROUTE("UpdateRole", role_update,
        IN (ROLE(role_in, name), ROLE_ABOUT), NOTHING, .empty = true),

    ROUTE("UpdateUser", user_update,
        IN (NAMED(user_update_in, name),
            MAY (user_update_in, new_path, "NewPath",     1, 512, MATCHES(pattern_iam_path)),
            MAY (user_update_in, new_name, "NewUserName", 1,  64, MATCHES(pattern_iam_name))),
        NOTHING),
    {0},
};

#define SAYS(fault_, status_, code_, text_) {.fault = (fault_), .status = (status_), .code = (code_), .text = (text_)}

const struct fault_row aws_iam_faults[] = {
    SAYS(USER_ABSENT,        404, "NoSuchEntity",         "The user with name {} cannot be found."),
    SAYS(USER_EXISTS,        409, "EntityAlreadyExists",  "User with name {} already exists."),
    SAYS(USER_BUSY,          409, "DeleteConflict",       "Cannot delete entity, must remove referenced objects first."),
    SAYS(USER_NAME,          400, "ValidationError",      NULL),
    SAYS(USER_UNSAID,        400, "ValidationError",      NULL),
    SAYS(ROLE_ABSENT,        404, "NoSuchEntity",         "The role with name {} cannot be found."),
    SAYS(ROLE_EXISTS,        409, "EntityAlreadyExists",  "Role with name {} already exists."),
    SAYS(ROLE_BUSY,          409, "DeleteConflict",       "Cannot delete entity, must delete policies first."),
    SAYS(ROLE_POLICY_ABSENT, 404, "NoSuchEntity",         "The role policy with name {} cannot be found."),
    SAYS(POLICY_PRINCIPAL,   400, "MalformedPolicyDocument", NULL),
    SAYS(USER_TAG,           400, "InvalidInput",         NULL),
    SAYS(USER_TAGS_LIMIT,    409, "LimitExceeded",        NULL),
    SAYS(USER_POLICY_ABSENT, 404, "NoSuchEntity",         "The user policy with name {} cannot be found."),
    SAYS(USER_POLICY_NAME,   400, "ValidationError",      NULL),
    SAYS(USER_POLICY_LIMIT,  409, "LimitExceeded",        NULL),
    SAYS(ACCESS_KEY_ABSENT,  404, "NoSuchEntity",         "The Access Key with id {} cannot be found."),
    SAYS(ACCESS_KEY_LIMIT,   409, "LimitExceeded",        "Cannot exceed quota for AccessKeysPerUser: 2"),
    SAYS(ACCESS_KEY_STATUS,  400, "ValidationError",      NULL),
    SAYS(BOUNDARY_ABSENT,    404, "NoSuchEntity",         NULL),
    SAYS(IDENTITY_PAGE,      400, "ValidationError",      "Invalid Marker."),
    SAYS(POLICY_MALFORMED,   400, "MalformedPolicyDocument", NULL),
    SAYS(POLICY_BEYOND,      400, "MalformedPolicyDocument", NULL),
    {.class = FAULT_INTERNAL, .status = 500, .code = "ServiceFailure", .text = "An error occurred on the server side."},
    {0},
};
/* clang-format on */
