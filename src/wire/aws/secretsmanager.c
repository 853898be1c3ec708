/* Secrets Manager in AWS's words: its operations as rows, its errors as rows. Held against the
 * service model by tests/model. */
#include "wire/aws/secretsmanager.h"
#include "codec/schedule.h"
#include "core/policy/policy.h"
#include "core/secrets/secrets.h"
#include "wire/aws/patterns.h"

/* clang-format off */
static SHAPE(bytes, stage, ITEM(1, 256));
static SHAPE(bytes, id, ITEM(1, 2048));
static SHAPE(bytes, region, ITEM(1, 128, MATCHES(pattern_region)));
static SHAPE(bytes, tag_key, ITEM(1, 128));
static SHAPE(bytes, filter_value, ITEM(0, 512, MATCHES(pattern_filter_value)));

static SHAPE(pair, tag,
    NEED(pair, name,  "Key",   1, 128),
    MAY (pair, value, "Value", 0, 256));

static SHAPE(pair, replica,
    MAY(pair, name,  "Region",   1,  128, MATCHES(pattern_region)),
    MAY(pair, value, "KmsKeyId", 0, 2048));

static const struct word filter_keys[] = {
    SAY("description",    1), SAY("name",          2), SAY("tag-key", 3), SAY("tag-value", 4),
    SAY("primary-region", 5), SAY("owning-service", 6), SAY("all",     7), {{0}, 0}};
static const struct word sort_orders[] = {SAY("asc", 1), SAY("desc", 2), {{0}, 0}};
static const struct word sort_bys[] = {
    SAY("created-date", 1), SAY("last-accessed-date", 2), SAY("last-changed-date", 3), SAY("name", 4), {{0}, 0}};

static SHAPE(secret_filter, filter,
    MAY (secret_filter, key,    "Key", 0, 0, ONE_OF(filter_keys)),
    LIST(secret_filter, values, "Values", bytes, filter_value, 1, 10));

static SHAPE(secret_policy_finding, finding,
    GIVE(secret_policy_finding, check,   "CheckName"),
    GIVE(secret_policy_finding, message, "ErrorMessage"));

/* {"<version id>": ["<stage>", ...]} */
static SHAPE(secret_version_stages, entry,
    GIVE(secret_version_stages, version, ""),
    LIST(secret_version_stages, stages,  "", bytes, stage, 0, 0));

static SHAPE(secret_replication, status,
    GIVE(secret_replication, region,        "Region"),
    GIVE(secret_replication, kms_key,       "KmsKeyId"),
    GIVE(secret_replication, status,        "Status"),
    GIVE(secret_replication, message,       "StatusMessage"),
    GIVE(secret_replication, last_accessed, "LastAccessedDate"));

/* Without these an item of ExternalSecretRotationMetadata says nothing. */
static SHAPE(pair, detail,
    NEED(pair, name,  "Key",   1,  256),
    NEED(pair, value, "Value", 1, 2048));

/* As DescribeSecret and ListSecrets tell a secret: alike, but for what they call its versions. */
#define TOLD(versions_)                                                              \
    GIVE(secret_item, arn,           "ARN"),                                         \
    GIVE(secret_item, name,          "Name"),                                        \
    GIVE(secret_item, description,   "Description"),                                 \
    GIVE(secret_item, kms_key,       "KmsKeyId"),                                    \
    GIVE(secret_item, rotation_enabled,  "RotationEnabled"),                         \
    GIVE(secret_item, rotation_function, "RotationLambdaARN"),                       \
    GROUP("RotationRules",                                                           \
        GIVE(secret_item, rotation_days, "AutomaticallyAfterDays"),                  \
        GIVE(secret_item, duration,      "Duration"),                                \
        GIVE(secret_item, schedule,      "ScheduleExpression")),                     \
    LIST(secret_item, external,       "ExternalSecretRotationMetadata", pair, detail, 0, 0), \
    GIVE(secret_item, external_role, "ExternalSecretRotationRoleArn"),               \
    GIVE(secret_item, last_changed,  "LastChangedDate"),                             \
    GIVE(secret_item, last_accessed, "LastAccessedDate"),                            \
    GIVE(secret_item, deleted,       "DeletedDate"),                                 \
    GIVE(secret_item, next_rotation, "NextRotationDate"),                                \
    LIST(secret_item, tags,          "Tags", pair, tag, 0, 0),                       \
    GIVE(secret_item, type,          "Type"),                                        \
    MAP (secret_item, versions,      versions_, secret_version_stages, entry, 0, 0), \
    GIVE(secret_item, created,       "CreatedDate"),                                 \
    GIVE(secret_item, primary_region, "PrimaryRegion")
static SHAPE(secret_item, listed, TOLD("SecretVersionsToStages"));

#define READ(T)                                                          \
    GIVE(T, arn,     "ARN"),                                             \
    GIVE(T, name,    "Name"),                                            \
    GIVE(T, version, "VersionId"),                                       \
    GIVE(T, binary,  "SecretBinary", BASE64),                            \
    GIVE(T, text,    "SecretString"),                                    \
    LIST(T, stages,  "VersionStages", bytes, stage, 0, 0),               \
    GIVE(T, created, "CreatedDate")
static SHAPE(secret_read_out, read, READ(secret_read_out));
static SHAPE(bytes, kms_key, ITEM(0, 2048));
static SHAPE(secret_version_item, version,
    GIVE(secret_version_item, id,            "VersionId"),
    LIST(secret_version_item, stages,        "VersionStages", bytes, stage, 0, 0),
    GIVE(secret_version_item, last_accessed, "LastAccessedDate"),
    GIVE(secret_version_item, created,       "CreatedDate"),
    LIST(secret_version_item, kms_keys,      "KmsKeyIds", bytes, kms_key, 0, 0));
static SHAPE(secret_batch_error, error,
    GIVE(secret_batch_error, id,      "SecretId"),
    GIVE(secret_batch_error, code,    "ErrorCode"),
    GIVE(secret_batch_error, message, "Message"));

const struct route aws_secretsmanager_routes[] = {
    ROUTE("BatchGetSecretValue", secret_batch,
        IN (LIST(secret_batch_in,   ids,             "SecretIdList", bytes, id, 1, 20),
            LIST(secret_batch_in,   filters,         "Filters", secret_filter, filter, 0, 10),
            MAY (secret_batch_in,   max,             "MaxResults",          1,    20),
            MAY (secret_batch_in,   next,            "NextToken",           1,  4096)),
        OUT(LIST(secret_batch_out,  values,          "SecretValues", secret_read_out, read, 0, 0, MUST),
            GIVE(secret_batch_out,  next,            "NextToken"),
            LIST(secret_batch_out,  errors,          "Errors", secret_batch_error, error, 0, 0, MUST))),

    ROUTE("CancelRotateSecret", secret_cancel_rotation,
        IN (NEED(secret_cancel_rotation_in, id,      "SecretId",            1,  2048)),
        OUT(GIVE(secret_rotate_out, arn,             "ARN"),
            GIVE(secret_rotate_out, name,            "Name"),
            GIVE(secret_rotate_out, version,         "VersionId"))),

    ROUTE("CreateSecret", secret_create,
        IN (NEED(secret_create_in,  name,            "Name",                1,   512),
            MAY (secret_create_in,  token,           "ClientRequestToken", 32,    64),
            MAY (secret_create_in,  description,     "Description",         0,  2048),
            MAY (secret_create_in,  kms_key,         "KmsKeyId",            0,  2048),
            MAY (secret_create_in,  binary,          "SecretBinary",        1, 65536, RAISED(LIMIT_VALUE), BASE64),
            MAY (secret_create_in,  text,            "SecretString",        1, 65536, RAISED(LIMIT_VALUE)),
            LIST(secret_create_in,  tags,            "Tags", pair, tag,     0,    50, RAISED(LIMIT_TAGS)),
            LIST(secret_create_in,  replica_regions, "AddReplicaRegions", pair, replica, 1, 50),
            MAY (secret_create_in,  force_replica,   "ForceOverwriteReplicaSecret", 0, 0),
            MAY (secret_create_in,  type,            "Type",                0,   256),
            MAY (secret_create_in,  cross_account_primary, "CrossAccountPrimaryARN", 20, 2048)),
        OUT(GIVE(secret_create_out, arn,             "ARN"),
            GIVE(secret_create_out, name,            "Name"),
            GIVE(secret_create_out, version,         "VersionId"),
            LIST(secret_create_out, replication,     "ReplicationStatus", secret_replication, status, 0, 0))),

    ROUTE("DeleteResourcePolicy", secret_policy_delete,
        IN (NEED(secret_policy_in,  id,              "SecretId",            1,  2048),
            MAY (secret_policy_in,  name,            "PolicyName",          1,    64, MATCHES(pattern_policy_name))),
        OUT(GIVE(secret_policy_out, arn,             "ARN"),
            GIVE(secret_policy_out, name,            "Name"),
            GIVE(secret_policy_out, policy,          "PolicyName"))),

    ROUTE("DeleteSecret", secret_delete,
        IN (NEED(secret_delete_in,  id,              "SecretId",            1,  2048),
            MAY (secret_delete_in,  window_days,     "RecoveryWindowInDays", 0,    0, LONG),
            MAY (secret_delete_in,  force,           "ForceDeleteWithoutRecovery", 0, 0)),
        OUT(GIVE(secret_delete_out, arn,             "ARN"),
            GIVE(secret_delete_out, name,            "Name"),
            GIVE(secret_delete_out, deletion,        "DeletionDate"))),

    ROUTE("DescribeSecret", secret_describe,
        IN (NEED(secret_describe_in,  id,            "SecretId",            1,  2048)),
        OUT(TOLD("VersionIdsToStages"),
            LIST(secret_item,       replication,     "ReplicationStatus", secret_replication, status, 0, 0))),

    ROUTE("GetRandomPassword", password_make,
        IN (MAY (password_in,       length,          "PasswordLength",      1,  4096, LONG),
            MAY (password_in,       exclude,         "ExcludeCharacters",   0,  4096),
            MAY (password_in,       no_numbers,      "ExcludeNumbers",      0,     0),
            MAY (password_in,       no_punctuation,  "ExcludePunctuation",  0,     0),
            MAY (password_in,       no_uppercase,    "ExcludeUppercase",    0,     0),
            MAY (password_in,       no_lowercase,    "ExcludeLowercase",    0,     0),
            MAY (password_in,       space,           "IncludeSpace",        0,     0),
            MAY (password_in,       each_kind,       "RequireEachIncludedType", 0, 0)),
        OUT(GIVE(password_out,      password,        "RandomPassword"))),

    ROUTE("GetResourcePolicy", secret_policy_get,
        IN (NEED(secret_policy_in,  id,              "SecretId",            1,  2048),
            MAY (secret_policy_in,  name,            "PolicyName",          1,    64, MATCHES(pattern_policy_name))),
        OUT(GIVE(secret_policy_out, arn,             "ARN"),
            GIVE(secret_policy_out, name,            "Name"),
            GIVE(secret_policy_out, document,        "ResourcePolicy"),
            GIVE(secret_policy_out, policy,          "PolicyName"))),

    ROUTE("GetSecretValue", secret_read,
        IN (NEED(secret_read_in,    id,              "SecretId",            1,  2048),
            MAY (secret_read_in,    version,         "VersionId",          32,    64),
            MAY (secret_read_in,    stage,           "VersionStage",        1,   256)),
        OUT(READ(secret_read_out))),

    ROUTE("ListSecretVersionIds", secret_versions,
        IN (NEED(secret_versions_in, id,             "SecretId",            1,  2048),
            MAY (secret_versions_in, max,            "MaxResults",          1,   100),
            MAY (secret_versions_in, next,           "NextToken",           1,  4096),
            MAY (secret_versions_in, deprecated,     "IncludeDeprecated",   0,     0)),
        OUT(LIST(secret_versions_out, versions,      "Versions", secret_version_item, version, 0, 0, MUST),
            GIVE(secret_versions_out, next,          "NextToken"),
            GIVE(secret_versions_out, arn,           "ARN"),
            GIVE(secret_versions_out, name,          "Name"))),

    ROUTE("ListSecrets", secret_list,
        IN (MAY (secret_list_in,    include_planned_deletion, "IncludePlannedDeletion", 0, 0),
            MAY (secret_list_in,    max,             "MaxResults",          1,   100),
            MAY (secret_list_in,    next,            "NextToken",           1,  4096),
            LIST(secret_list_in,    filters,         "Filters", secret_filter, filter, 0, 10),
            MAY (secret_list_in,    sort_order,      "SortOrder",           0,     0, ONE_OF(sort_orders)),
            MAY (secret_list_in,    sort_by,         "SortBy",              0,     0, ONE_OF(sort_bys))),
        OUT(LIST(secret_list_out,   secrets,         "SecretList", secret_item, listed, 0, 0, MUST),
            GIVE(secret_list_out,   next,            "NextToken"))),

    ROUTE("PutResourcePolicy", secret_policy_put,
        IN (NEED(secret_policy_put_in, id,           "SecretId",            1,  2048),
            NEED(secret_policy_put_in, document,     "ResourcePolicy",      1, 20480, RAISED(LIMIT_POLICY)),
            MAY (secret_policy_put_in, name,         "PolicyName",          1,    64, MATCHES(pattern_policy_name)),
            MAY (secret_policy_put_in, block_public, "BlockPublicPolicy",   0,     0)),
        OUT(GIVE(secret_policy_out, arn,             "ARN"),
            GIVE(secret_policy_out, name,            "Name"),
            GIVE(secret_policy_out, policy,          "PolicyName"))),

    ROUTE("PutSecretValue", secret_put,
        IN (NEED(secret_put_in,     id,              "SecretId",            1,  2048),
            MAY (secret_put_in,     token,           "ClientRequestToken", 32,    64),
            MAY (secret_put_in,     binary,          "SecretBinary",        1, 65536, RAISED(LIMIT_VALUE), BASE64),
            MAY (secret_put_in,     text,            "SecretString",        1, 65536, RAISED(LIMIT_VALUE)),
            LIST(secret_put_in,     stages,          "VersionStages", bytes, stage, 1, 20, RAISED(LIMIT_STAGES)),
            MAY (secret_put_in,     rotation_token,  "RotationToken",      36,   256, MATCHES(pattern_token))),
        OUT(GIVE(secret_put_out,    arn,             "ARN"),
            GIVE(secret_put_out,    name,            "Name"),
            GIVE(secret_put_out,    version,         "VersionId"),
            LIST(secret_put_out,    stages,          "VersionStages", bytes, stage, 0, 0))),

    ROUTE("RemoveRegionsFromReplication", secret_unreplicate,
        IN (NEED(secret_unreplicate_in, id,          "SecretId",            1,  2048),
            LIST(secret_unreplicate_in, regions,     "RemoveReplicaRegions", bytes, region, 1, 50, MUST)),
        OUT(GIVE(secret_replicate_out, arn,          "ARN"),
            LIST(secret_replicate_out, replication,  "ReplicationStatus", secret_replication, status, 0, 0, MUST))),

    ROUTE("ReplicateSecretToRegions", secret_replicate,
        IN (NEED(secret_replicate_in, id,            "SecretId",            1,  2048),
            LIST(secret_replicate_in, regions,       "AddReplicaRegions", pair, replica, 1, 50, MUST),
            MAY (secret_replicate_in, force,         "ForceOverwriteReplicaSecret", 0, 0)),
        OUT(GIVE(secret_replicate_out, arn,          "ARN"),
            LIST(secret_replicate_out, replication,  "ReplicationStatus", secret_replication, status, 0, 0, MUST))),

    ROUTE("RestoreSecret", secret_restore,
        IN (NEED(secret_restore_in,  id,             "SecretId",            1,  2048)),
        OUT(GIVE(secret_restore_out, arn,            "ARN"),
            GIVE(secret_restore_out, name,           "Name"))),

    ROUTE("RotateSecret", secret_rotate,
        IN (NEED(secret_rotate_in,  id,              "SecretId",            1,  2048),
            MAY (secret_rotate_in,  token,           "ClientRequestToken", 32,    64),
            MAY (secret_rotate_in,  function,        "RotationLambdaARN",   0,  2048),
            GROUP("RotationRules",
                MAY(secret_rotate_in, days,          "AutomaticallyAfterDays", 1, 1000, LONG),
                MAY(secret_rotate_in, duration,      "Duration",            2,     3, MATCHES(pattern_hours)),
                MAY(secret_rotate_in, schedule,      "ScheduleExpression",  1,   256, MATCHES(pattern_schedule))),
            LIST(secret_rotate_in,  details,         "ExternalSecretRotationMetadata", pair, detail, 0, 50),
            MAY (secret_rotate_in,  role,            "ExternalSecretRotationRoleArn", 20, 2048),
            MAY (secret_rotate_in,  at_once,         "RotateImmediately",   0,     0)),
        OUT(GIVE(secret_rotate_out, arn,             "ARN"),
            GIVE(secret_rotate_out, name,            "Name"))),

    ROUTE("StopReplicationToReplica", secret_promote,
        IN (NEED(secret_promote_in, id,              "SecretId",            1,  2048)),
        OUT(GIVE(secret_promote_out, arn,            "ARN"))),

    ROUTE("TagResource", secret_tag,
        IN (NEED(secret_tag_in,     id,              "SecretId",            1,  2048),
            LIST(secret_tag_in,     tags,            "Tags", pair, tag,     0,    50, MUST, RAISED(LIMIT_TAGS))),
        NOTHING),

    ROUTE("UntagResource", secret_untag,
        IN (NEED(secret_untag_in,   id,              "SecretId",            1,  2048),
            LIST(secret_untag_in,   keys,            "TagKeys", bytes, tag_key, 0, 50, MUST, RAISED(LIMIT_TAGS))),
        NOTHING),

    ROUTE("UpdateSecret", secret_update,
        IN (NEED(secret_update_in,  id,              "SecretId",            1,  2048),
            MAY (secret_update_in,  token,           "ClientRequestToken", 32,    64),
            MAY (secret_update_in,  description,     "Description",         0,  2048),
            MAY (secret_update_in,  kms_key,         "KmsKeyId",            0,  2048),
            MAY (secret_update_in,  binary,          "SecretBinary",        1, 65536, RAISED(LIMIT_VALUE), BASE64),
            MAY (secret_update_in,  text,            "SecretString",        1, 65536, RAISED(LIMIT_VALUE)),
            MAY (secret_update_in,  type,            "Type",                0,   256)),
        OUT(GIVE(secret_update_out, arn,             "ARN"),
            GIVE(secret_update_out, name,            "Name"),
            GIVE(secret_update_out, version,         "VersionId"))),

    ROUTE("UpdateSecretVersionStage", secret_stage,
        IN (NEED(secret_stage_in,   id,              "SecretId",            1,  2048),
            NEED(secret_stage_in,   stage,           "VersionStage",        1,   256),
            MAY (secret_stage_in,   remove_from,     "RemoveFromVersionId", 32,   64),
            MAY (secret_stage_in,   move_to,         "MoveToVersionId",    32,    64)),
        OUT(GIVE(secret_stage_out,  arn,             "ARN"),
            GIVE(secret_stage_out,  name,            "Name"))),

    ROUTE("ValidateResourcePolicy", secret_policy_validate,
        IN (MAY (secret_policy_validate_in,  id,       "SecretId",          1,  2048),
            NEED(secret_policy_validate_in,  document, "ResourcePolicy",    1, 20480, RAISED(LIMIT_POLICY))),
        OUT(GIVE(secret_policy_validate_out, passed,   "PolicyValidationPassed"),
            LIST(secret_policy_validate_out, findings, "ValidationErrors", secret_policy_finding, finding, 0, 0, MUST))),
    {0},
};

#define SM(fault_, code_, text_) {.fault = fault_, .status = 400, .code = code_, .text = text_}

const struct fault_row aws_secretsmanager_faults[] = {
    SM(SECRET_ABSENT,         "ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    SM(SECRET_STAGE_ABSENT,   "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: {}"),
    SM(SECRET_VERSION_ABSENT, "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: {}"),

    SM(SECRET_EXISTS,         "ResourceExistsException", "The operation failed because the secret {} already exists."),
    SM(SECRET_TOKEN_USED,     "ResourceExistsException",
        "You can't use ClientRequestToken {} because that value is already in use for a version of secret {}."),

    SM(SECRET_GUESSES,        "ThrottlingException", "Rate exceeded"),

    SM(SECRET_NAME,           "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"),

    SM(SECRET_DELETED,        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion."),
    SM(SECRET_NAME_DELETED,   "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion."),
    SM(SECRET_STAGE_ELSEWHERE, "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId."),
    SM(SECRET_TOKEN_MISSING,  "InvalidRequestException",
        "You must provide a ClientRequestToken value. We recommend a UUID-type value."),
    SM(SECRET_NO_VALUE,       "InvalidRequestException", "You must provide either SecretString or SecretBinary."),

    SM(SECRET_TWO_VALUES,     "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same secret."),
    SM(SECRET_STAGE_OWNED,    "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be empty. Staging label {} is currently attached to version {}, "
        "so you must explicitly reference that version in RemoveFromVersionId."),
    SM(SECRET_STAGE_NOT_THERE, "InvalidParameterException",
        "Staging label {} is not attached to version {}, which RemoveFromVersionId names."),
    SM(SECRET_CURRENT_STAYS,  "InvalidParameterException",
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."),
    SM(SECRET_WINDOW,         "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."),
    SM(SECRET_WINDOW_AND_FORCE, "InvalidParameterException",
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."),
    SM(SECRET_KMS_KEY,        "InvalidParameterException", NULL),
    SM(SECRET_TAG_TWICE,      "InvalidParameterException", NULL),
    SM(SECRET_TAG_RESERVED,   "InvalidParameterException", "You can't modify system tags. Tag key: '{}'."),
    SM(SECRET_TAGS_FULL,      "InvalidParameterException", NULL),
    SM(SECRET_FILTER_KEY,     "InvalidParameterException", "Invalid filter key"),
    SM(SECRET_FILTER_VALUES,  "InvalidParameterException", "Invalid filter values for key: {}"),
    SM(SECRET_BATCH_WHICH,    "InvalidParameterException",
        "Either 'SecretIdList' or 'Filters' must be provided, but not both."),
    SM(SECRET_BATCH_PAGE,     "InvalidParameterException",
        "'Filters' not specified. 'Filters' must also be specified when '{}' is provided."),
    SM(PASSWORD_EMPTY,        "InvalidParameterException", "All characters have been excluded from selection."),
    SM(PASSWORD_KIND_EMPTY,   "InvalidParameterException", "All characters of the desired type have been excluded."),
    SM(PASSWORD_SHORT,        "InvalidParameterException",
        "Password length is too short based on the required types."),
    SM(SECRET_BEYOND,         "InvalidParameterException", NULL),

    SM(SECRET_POLICY_NAME,    "InvalidParameterException", NULL),
    SM(SECRET_POLICY_ABSENT,  "ResourceNotFoundException", "Secrets Manager can't find the specified resource policy."),
    SM(SECRET_POLICY_PUBLIC,  "PublicPolicyException",
        "You can't attach a resource-based policy that allows broad access to the secret."),
    SM(POLICY_MALFORMED,      "MalformedPolicyDocumentException", NULL),
    SM(POLICY_BEYOND,         "MalformedPolicyDocumentException", NULL),
    SM(POLICY_PRINCIPAL,      "MalformedPolicyDocumentException", NULL),
    SM(POLICY_SERVICE,        "MalformedPolicyDocumentException", NULL),

    SM(SECRET_REPLICA,        "InvalidParameterException",
        "Operation not permitted on a replica secret. Call must be made in primary secret's region."),
    SM(SECRET_NO_REPLICA,     "InvalidParameterException",
        "Operation not permitted on a primary secret. Call must be made in replica secret's region."),
    SM(SECRET_REPLICA_REGION, "InvalidParameterException", "Invalid replica region."),
    SM(SECRET_HAS_REPLICAS,   "InvalidParameterException",
        "You can't delete secret {} that still has replica regions [{}]."),
    SM(SECRET_REPLICAS_FULL,  "LimitExceededException", NULL),
    SM(SECRET_ROTATION_TOKEN, "InvalidParameterException",
        "You must provide a ClientRequestToken value. We recommend a UUID-type value."),
    SM(SECRET_TWO_SCHEDULES,  "InvalidParameterException",
        "You cannot specify both rotation frequency and schedule expression together."),
    SM(SECRET_NO_SCHEDULE,    "InvalidParameterException", NULL),
    SM(SCHEDULE_FORM,         "InvalidParameterException", NULL),
    SM(SCHEDULE_OFTEN,        "InvalidParameterException", NULL),
    SM(SCHEDULE_RARE,         "InvalidParameterException", NULL),
    SM(SCHEDULE_NEVER,        "InvalidParameterException", NULL),
    SM(SCHEDULE_WINDOW,       "InvalidParameterException", NULL),
    SM(SECRET_NO_FUNCTION,    "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret."),
    SM(SECRET_FUNCTION_UNUSABLE, "AccessDeniedException",
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access "
        "to the principal secretsmanager.amazonaws.com."),
    SM(SECRET_ROTATING,       "InvalidRequestException",
        "A previous rotation isn't complete. That rotation will be reattempted."),
    SM(SECRET_NOT_ROTATED,    "InvalidRequestException",
        "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you "
        "didn't include such an ARN as a parameter in this call."),

    SM(SECRET_PAGE,           "InvalidNextTokenException", "The NextToken value is invalid."),

    SM(SECRET_VERSIONS_FULL,  "LimitExceededException", NULL),
    SM(SECRET_STAGES_FULL,    "LimitExceededException", NULL),
    SM(SECRET_QUOTA,          "LimitExceededException", NULL),

    {.class = FAULT_ABSENT,   .status = 400, .code = "ResourceNotFoundException"},
    {.class = FAULT_STATE,    .status = 400, .code = "InvalidRequestException"},
    {.class = FAULT_INTERNAL, .status = 500, .code = "InternalServiceError",
        .text = "An error occurred on the server side."},
    {0},
};
/* clang-format on */
