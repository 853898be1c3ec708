/* STS in AWS's words: its operations as rows, its errors as rows. Held against the service model by
 * tests/model. */
#include "wire/aws/sts.h"
#include "core/identity/identity.h"
#include "wire/aws/patterns.h"

/* clang-format off */
/* `in_`: how the credentials stand in T, with its dot; nothing: T is them. */
#define CREDENTIALS(T, in_)                          \
    GROUP("Credentials",                             \
        GIVE(T, in_ id,      "AccessKeyId"),         \
        GIVE(T, in_ secret,  "SecretAccessKey"),     \
        GIVE(T, in_ token,   "SessionToken"),        \
        GIVE(T, in_ expires, "Expiration"))

static SHAPE(pair, tag,
    NEED(pair, name,  "Key",   1, 128, MATCHES(pattern_tag_key)),
    NEED(pair, value, "Value", 0, 256, MATCHES(pattern_tag_value)));
/* {"arn": "..."}, of which nothing is kept but the text. */
static SHAPE(bytes, policy, {NAME("arn"), .member = {.kind = KIND_TEXT}, SPAN(20, 2048), MATCHES(pattern_arn)});

static SHAPE(bytes, tag_key, ITEM(1, 128, MATCHES(pattern_tag_key)));
static SHAPE(pair, context,
    MAY(pair, name,  "ProviderArn",     20, 2048, MATCHES(pattern_arn)),
    MAY(pair, value, "ContextAssertion", 4, 2048));

const struct route aws_sts_routes[] = {
    ROUTE("AssumeRole", session_assume,
        IN (NEED(session_assume_in, role,        "RoleArn",          20,  2048, MATCHES(pattern_arn)),
            NEED(session_assume_in, name,        "RoleSessionName",   2,    64, MATCHES(pattern_session_name)),
            LIST(session_assume_in, policies,    "PolicyArns", bytes, policy, 0, 10),
            MAY (session_assume_in, policy,      "Policy",            1,     0, MATCHES(pattern_document)),
            MAY (session_assume_in, seconds,     "DurationSeconds", 900, 43200),
            LIST(session_assume_in, tags,        "Tags", pair, tag,   0,    50),
            LIST(session_assume_in, transitive,  "TransitiveTagKeys", bytes, tag_key, 0, 50),
            MAY (session_assume_in, external_id, "ExternalId",        2,  1224, MATCHES(pattern_external_id)),
            MAY (session_assume_in, device,      "SerialNumber",      9,   256, MATCHES(pattern_device)),
            MAY (session_assume_in, code,        "TokenCode",         6,     6, MATCHES(pattern_digits)),
            MAY (session_assume_in, source_identity, "SourceIdentity", 2,   64, MATCHES(pattern_session_name)),
            LIST(session_assume_in, contexts,    "ProvidedContexts", pair, context, 1, 5)),
        OUT(CREDENTIALS(session_assume_out, credentials.),
            GROUP("AssumedRoleUser",
                GIVE(session_assume_out, id,     "AssumedRoleId"),
                GIVE(session_assume_out, arn,    "Arn")),
            GIVE(session_assume_out, packed,     "PackedPolicySize"))),

    ROUTE("GetAccessKeyInfo", access_key_owner,
        IN (NEED(access_key_in, id, "AccessKeyId", 16, 128, MATCHES(pattern_word))),
        OUT(GIVE(access_key_owner_out, account, "Account"))),

    ROUTE("GetCallerIdentity", identity_caller,
        IN ({{0}, {0}}),
        OUT(GIVE(identity_caller_out, id,      "UserId"),
            GIVE(identity_caller_out, account, "Account"),
            GIVE(identity_caller_out, arn,     "Arn"))),

    ROUTE("GetFederationToken", session_federate,
        IN (NEED(session_federate_in, name,     "Name",              2,     32, MATCHES(pattern_session_name)),
            MAY (session_federate_in, policy,   "Policy",            1,   2048, MATCHES(pattern_document)),
            LIST(session_federate_in, policies, "PolicyArns", bytes, policy, 0, 10),
            MAY (session_federate_in, seconds,  "DurationSeconds", 900, 129600),
            LIST(session_federate_in, tags,     "Tags", pair, tag,   0,     50)),
        OUT(CREDENTIALS(session_federate_out, credentials.),
            GROUP("FederatedUser",
                GIVE(session_federate_out, id,  "FederatedUserId"),
                GIVE(session_federate_out, arn, "Arn")),
            GIVE(session_federate_out, packed,  "PackedPolicySize"))),

    ROUTE("GetSessionToken", session_get,
        IN (MAY (session_get_in, seconds, "DurationSeconds", 900, 129600),
            MAY (session_get_in, device,  "SerialNumber",      9,    256, MATCHES(pattern_device)),
            MAY (session_get_in, code,    "TokenCode",         6,      6, MATCHES(pattern_digits))),
        OUT(CREDENTIALS(session_credentials, ))),
    {0},
};

#define STS(fault_, code_, text_) {.fault = (fault_), .status = 400, .code = (code_), .text = (text_)}

const struct fault_row aws_sts_faults[] = {
    STS(ROLE_ARN,          "ValidationError", "{} is invalid"),
    STS(SESSION_LONG,      "ValidationError", NULL),
    STS(SESSION_CHAINED_LONG, "ValidationError", NULL),
    STS(SESSION_BEYOND,    "ValidationError", NULL),
    STS(USER_TAG,          "InvalidParameterValue", NULL),
    STS(SESSION_PACKED,    "PackedPolicyTooLarge", NULL),
    STS(POLICY_ARN_ABSENT, "ValidationError", NULL),
    STS(POLICY_MALFORMED,  "MalformedPolicyDocument", NULL),
    STS(POLICY_BEYOND,     "MalformedPolicyDocument", NULL),
    STS(ACCESS_KEY_ABSENT, "ValidationError", "Access Key {} is not valid."),
    {0},
};
/* clang-format on */
