/* key: the table, in the vendor's words. */
#include "core/policy/key.h"

#include "codec/text.h"

enum { MANY = 1, OPEN = 2 /* a name of its own follows: a tag's key */, KEY_MOST = 512 };

static const struct row {
    const char *name;
    enum policy_key_id id;
    int is;
} rows[] = {
    /* clang-format off */
    {"aws:SourceIp", KEY_SOURCE_IP, 0},
    {"aws:SecureTransport", KEY_SECURE_TRANSPORT, 0},
    {"aws:CurrentTime", KEY_CURRENT_TIME, 0},
    {"aws:EpochTime", KEY_EPOCH_TIME, 0},
    {"aws:UserAgent", KEY_USER_AGENT, 0},
    {"aws:RequestedRegion", KEY_REQUESTED_REGION, 0},
    {"aws:ViaAWSService", KEY_VIA_SERVICE, 0},
    {"aws:CalledVia", KEY_CALLED_VIA, MANY},
    {"aws:CalledViaFirst", KEY_CALLED_VIA_FIRST, 0},
    {"aws:CalledViaLast", KEY_CALLED_VIA_LAST, 0},
    {"aws:PrincipalArn", KEY_PRINCIPAL_ARN, 0},
    {"aws:PrincipalAccount", KEY_PRINCIPAL_ACCOUNT, 0},
    {"aws:PrincipalType", KEY_PRINCIPAL_TYPE, 0},
    {"aws:PrincipalIsAWSService", KEY_PRINCIPAL_IS_SERVICE, 0},
    {"aws:PrincipalTag/", KEY_PRINCIPAL_TAG, OPEN},
    {"aws:username", KEY_USERNAME, 0},
    {"aws:userid", KEY_USERID, 0},
    {"aws:TokenIssueTime", KEY_TOKEN_ISSUE_TIME, 0},
    {"aws:MultiFactorAuthPresent", KEY_MFA_PRESENT, 0},
    {"aws:MultiFactorAuthAge", KEY_MFA_AGE, 0},
    {"aws:FederatedProvider", KEY_FEDERATED_PROVIDER, 0},
    {"aws:SourceIdentity", KEY_SOURCE_IDENTITY, 0},
    {"aws:ResourceAccount", KEY_RESOURCE_ACCOUNT, 0},
    {"aws:ResourceTag/", KEY_RESOURCE_TAG, OPEN},
    {"aws:RequestTag/", KEY_REQUEST_TAG, OPEN},
    {"aws:TagKeys", KEY_TAG_KEYS, MANY},
    {"aws:PrincipalOrgID", KEY_NEVER, 0},
    {"aws:PrincipalOrgPaths", KEY_NEVER, MANY},
    {"aws:PrincipalServiceName", KEY_NEVER, 0},
    {"aws:PrincipalServiceNamesList", KEY_NEVER, MANY},
    {"aws:ResourceOrgID", KEY_NEVER, 0},
    {"aws:ResourceOrgPaths", KEY_NEVER, MANY},
    {"aws:SourceArn", KEY_NEVER, 0},
    {"aws:SourceAccount", KEY_NEVER, 0},
    {"aws:SourceOrgID", KEY_NEVER, 0},
    {"aws:SourceOrgPaths", KEY_NEVER, MANY},
    {"aws:SourceVpc", KEY_NEVER, 0},
    {"aws:SourceVpcArn", KEY_NEVER, 0},
    {"aws:SourceVpce", KEY_NEVER, 0},
    {"aws:VpcSourceIp", KEY_NEVER, 0},
    {"aws:VpceAccount", KEY_NEVER, 0},
    {"aws:VpceOrgID", KEY_NEVER, 0},
    {"aws:VpceOrgPaths", KEY_NEVER, MANY},
    {"aws:Ec2InstanceSourceVpc", KEY_NEVER, 0},
    {"aws:Ec2InstanceSourcePrivateIPv4", KEY_NEVER, 0},
    {"secretsmanager:SecretId", KEY_SECRET_ID, 0},
    {"secretsmanager:VersionId", KEY_VERSION_ID, 0},
    {"secretsmanager:VersionStage", KEY_VERSION_STAGE, 0},
    {"secretsmanager:Name", KEY_SECRET_NAME, 0},
    {"secretsmanager:Description", KEY_SECRET_DESCRIPTION, 0},
    {"secretsmanager:KmsKeyId", KEY_SECRET_KMS_KEY, 0},
    {"secretsmanager:KmsKeyArn", KEY_SECRET_KMS_KEY, 0},
    {"secretsmanager:Type", KEY_SECRET_TYPE, 0},
    {"secretsmanager:ForceDeleteWithoutRecovery", KEY_SECRET_FORCE_DELETE, 0},
    {"secretsmanager:RecoveryWindowInDays", KEY_SECRET_WINDOW, 0},
    {"secretsmanager:BlockPublicPolicy", KEY_SECRET_BLOCK_PUBLIC, 0},
    {"secretsmanager:RotationLambdaARN", KEY_SECRET_LAMBDA, 0},
    {"secretsmanager:ModifyRotationRules", KEY_SECRET_ROTATION_RULES, 0},
    {"secretsmanager:RotateImmediately", KEY_SECRET_ROTATE_NOW, 0},
    {"secretsmanager:ExternalSecretRotationRoleArn", KEY_SECRET_ROTATION_ROLE, 0},
    {"secretsmanager:AddReplicaRegions", KEY_SECRET_REPLICA_REGIONS, MANY},
    {"secretsmanager:ForceOverwriteReplicaSecret", KEY_SECRET_FORCE_REPLICA, 0},
    {"secretsmanager:ResourceTag/", KEY_RESOURCE_TAG, OPEN},
    {"secretsmanager:resource/Type", KEY_SECRET_OWN_TYPE, 0},
    {"secretsmanager:resource/AllowRotationLambdaArn", KEY_SECRET_OWN_LAMBDA, 0},
    {"secretsmanager:SecretPrimaryRegion", KEY_SECRET_PRIMARY_REGION, 0},
    {"sts:ExternalId", KEY_STS_EXTERNAL_ID, 0},
    {"sts:RoleSessionName", KEY_STS_SESSION_NAME, 0},
    {"sts:SourceIdentity", KEY_STS_SOURCE_IDENTITY, 0},
    {"sts:TransitiveTagKeys", KEY_STS_TRANSITIVE_KEYS, MANY},
    {"sts:DurationSeconds", KEY_STS_DURATION, 0},
    /* clang-format on */
};

/* Whose keys all stand above. */
static const char *const ours[] = {"aws", "secretsmanager", "sts", "iam", "coffer"};

static bool is(const struct row *row, struct bytes name)
{
    const struct bytes wanted = bytes_of(row->name);

    if (row->is & OPEN)
        return name.n > wanted.n && text_same_caseless((struct bytes){name.at, wanted.n}, wanted);
    return text_same_caseless(name, wanted);
}

static bool of_ours(struct bytes service)
{
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (text_same_caseless(service, bytes_of(ours[i])))
            return true;
    return false;
}

static const struct row *row_of(struct bytes name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is(&rows[i], name))
            return &rows[i];
    return NULL;
}

enum policy_key_standing policy_key_of(struct bytes name, struct policy_key *out)
{
    const struct row *row = row_of(name);
    struct bytes rest = name, service;

    *out = (struct policy_key){.name = name};
    if (name.n > KEY_MOST || !bytes_cut(&rest, ':', &service) || service.n == 0 || rest.n == 0)
        return KEY_ILL_FORMED;
    if (row == NULL)
        return of_ours(service) ? KEY_UNKNOWN : KEY_KNOWN;
    out->id = row->id;
    out->many = row->is & MANY;
    if (row->is & OPEN)
        out->suffix = bytes_after(name, bytes_of(row->name).n);
    return KEY_KNOWN;
}

bool policy_key_of_thing(enum policy_key_id id)
{
    return id == KEY_RESOURCE_TAG || id == KEY_SECRET_OWN_TYPE || id == KEY_SECRET_OWN_LAMBDA ||
           id == KEY_SECRET_PRIMARY_REGION;
}
