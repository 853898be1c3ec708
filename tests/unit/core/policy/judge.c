/* judge: what a policy says, and that nothing of the language passes unjudged. */
#include "core/policy/pattern.h"
#include "core/policy/policy.h"
#include "support/test.h"

#include <stdio.h>

static struct arena *arena;

static int up(void **state)
{
    (void)state;
    arena = arena_open(4 << 20);
    return arena == NULL;
}

static int down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

#define ARN "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-AbCdEf"

static enum verdict judged(const char *json, const char *action, const char *resource)
{
    const struct policy *policy;
    struct bytes reason;
    const struct question q = {.action = bytes_of(action), .resource = bytes_of(resource)};

    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    return policy_judge(&policy, 1, &q, NULL);
}

static const char *statement(const char *effect, const char *action, const char *resource)
{
    static char json[4096];

    snprintf(json, sizeof json,
             "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"%s\",\"Action\":\"%s\","
             "\"Resource\":\"%s\"}}",
             effect, action, resource);
    return json;
}

static bool resource_matches(const char *pattern, const char *resource)
{
    return judged(statement("Allow", "*", pattern), "a:B", resource) == VERDICT_ALLOW;
}

static bool action_matches(const char *pattern, const char *action)
{
    return judged(statement("Allow", pattern, "*"), action, ARN) == VERDICT_ALLOW;
}

static void test_actions(void **state)
{
    (void)state;
    assert_true(action_matches("*", "secretsmanager:GetSecretValue"));
    assert_true(action_matches("*:*", "secretsmanager:GetSecretValue"));
    assert_true(action_matches("secretsmanager:*", "secretsmanager:GetSecretValue"));
    assert_true(action_matches("SecretsManager:getsecretvalue", "secretsmanager:GetSecretValue"));
    assert_true(action_matches("secretsmanager:Get*Value", "secretsmanager:GetSecretValue"));
    assert_true(action_matches("secretsmanager:GetSecretValu?", "secretsmanager:GetSecretValue"));
    assert_false(action_matches("secretsmanager:GetSecret", "secretsmanager:GetSecretValue"));
    assert_false(action_matches("secretsmanager:GetSecretValue?", "secretsmanager:GetSecretValue"));
    assert_false(action_matches("kms:*", "secretsmanager:GetSecretValue"));
}

static void test_resources(void **state)
{
    (void)state;
    assert_true(resource_matches("*", ARN));
    assert_true(resource_matches(ARN, ARN));
    assert_true(resource_matches(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-??????", ARN));
    assert_true(
        resource_matches("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/*", ARN));
    assert_true(resource_matches("arn:aws:secretsmanager:*:*:secret:app/*", ARN));
    assert_true(resource_matches("arn:aws:secretsmanager:eu-*-1:123456789012:secret:*", ARN));
    assert_true(resource_matches("arn:aws:secretsmanager:eu-west-?:123456789012:*:*", ARN));
    assert_true(resource_matches("arn:aws:secretsmanager:*", ARN));
    assert_false(
        resource_matches("arn:aws:secretsmanager:eu-west-1:123456789012:secret:APP/*", ARN));
    assert_false(
        resource_matches("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-?????", ARN));
    assert_false(
        resource_matches("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db", ARN));
}

/* In the first five segments a wildcard stays in its segment, but for a star that ends it
 * (SEMANTICS 3). */
static void test_segments(void **state)
{
    (void)state;
    assert_true(
        resource_matches("arn:aws:ssm:*:parameter/x", "arn:aws:ssm:eu-west-1:1234:parameter/x"));
    assert_false(resource_matches("arn:aws:ssm:e*1:1234:x", "arn:aws:ssm:eu:11:1234:x"));
    assert_false(resource_matches("arn:aws:ssm:eu?west:1234:x", "arn:aws:ssm:eu:west:1234:x"));
    assert_true(resource_matches("arn:aws:ssm:r:1:a?b*c", "arn:aws:ssm:r:1:a:b::/c"));
}

static void test_deny_wins(void **state)
{
    const char *both =
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},"
        "{\"Sid\":\"No\",\"Effect\":\"Deny\",\"Action\":\"a:B\",\"Resource\":\"*\"}]}";
    const struct question q = {.action = LIT("a:B"), .resource = LIT(ARN)};
    const struct policy *set[2];
    struct finding because;
    struct bytes reason;

    (void)state;
    assert_int_equal(judged(both, "a:B", ARN), VERDICT_DENY);
    assert_int_equal(judged(both, "a:C", ARN), VERDICT_ALLOW);
    assert_ok(policy_compile(arena, bytes_of(statement("Allow", "*", "*")), &set[0], &reason));
    assert_ok(policy_compile(arena, bytes_of(both), &set[1], &reason));
    assert_int_equal(policy_judge(set, 2, &q, &because), VERDICT_DENY);
    assert_int_equal(because.policy, 1);
    assert_bytes(because.statement, LIT("No"));
    assert_int_equal(policy_judge(set, 1, &q, &because), VERDICT_ALLOW);
    assert_bytes(because.statement, LIT("0"));
    assert_int_equal(policy_judge(set, 0, &q, &because), VERDICT_SILENT);
}

static void test_not(void **state)
{
    const char *json = "{\"Statement\":{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"kms:*\"],"
                       "\"NotResource\":\"arn:aws:s3:::b\"}}";

    (void)state;
    assert_int_equal(judged(json, "s3:Get", "arn:aws:s3:::a"), VERDICT_ALLOW);
    assert_int_equal(judged(json, "kms:Get", "arn:aws:s3:::a"), VERDICT_SILENT);
    assert_int_equal(judged(json, "s3:Get", "arn:aws:s3:::b"), VERDICT_SILENT);
}

static void test_too_many_steps_deny(void **state)
{
    char resource[2048];

    (void)state;
    memset(resource, 'a', sizeof resource - 1);
    memcpy(resource, "arn:aws:s:r:1:", 14);
    resource[sizeof resource - 1] = '\0';
    assert_int_equal(judged(statement("Allow", "*",
                                      "arn:aws:s:r:1:*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*c"),
                            "a:B", resource),
                     VERDICT_DENY);
}

/* Each pattern stays below what one may take; the last of them would allow. */
static void test_too_many_steps_together_deny(void **state)
{
    static const char costly[] = "\"arn:aws:s:r:1:*aaaaaaaaaaaaaaaaaaab\",";
    char resource[512], json[8192];

    (void)state;
    memset(resource, 'a', sizeof resource - 1);
    memcpy(resource, "arn:aws:s:r:1:", 14);
    resource[sizeof resource - 1] = '\0';
    for (int n = 1; n <= 100; n += 99) {
        size_t at = (size_t)snprintf(json, sizeof json,
                                     "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                     "\"Allow\",\"Action\":\"*\",\"Resource\":[");

        for (int i = 0; i < n; i++)
            at += (size_t)snprintf(json + at, sizeof json - at, "%s", costly);
        (void)snprintf(json + at, sizeof json - at, "\"*\"]}]}");
        assert_int_equal(judged(json, "a:B", resource), n == 1 ? VERDICT_ALLOW : VERDICT_DENY);
    }
}

/* Each is refused when written; each denies everything when found, were it even an Allow of all. */
static void test_nothing_passes_unjudged(void **state)
{
#define OF(member)                                                                       \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\"," \
    "\"Resource\":\"*\"" member "}]}"
#define ALLOW "\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""
    static const char *const refused[] = {
        OF(",\"Condition\":[]"),
        OF(",\"Condition\":{},\"Condition\":{}"),
        OF(",\"Condition\":{\"IpAddress\":[]}"),
        OF(",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[]}}"),
        OF(",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":{}}}"),
        OF(",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/33\"}}"),
        OF(",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0\"}}"),
        OF(",\"Condition\":{\"ipaddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}"),
        OF(",\"Condition\":{\"ForEach:Bool\":{\"aws:SecureTransport\":true}}"),
        OF(",\"Condition\":{\"NullIfExists\":{\"aws:username\":true}}"),
        OF(",\"Condition\":{\"ForAnyValue:Null\":{\"aws:username\":true}}"),
        OF(",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"yes\"}}"),
        OF(",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true},\"Bool\":{\"aws:"
           "ViaAWSService\":true}}"),
        OF(",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true,\"aws:SecureTransport\":true}}"),
        OF(",\"Condition\":{\"NumericEquals\":{\"aws:EpochTime\":\"1e3\"}}"),
        OF(",\"Condition\":{\"NumericEquals\":{\"aws:EpochTime\":\"\"}}"),
        OF(",\"Condition\":{\"NumericEquals\":{\"aws:EpochTime\":\"1234567890123456\"}}"),
        OF(",\"Condition\":{\"DateLessThan\":{\"aws:CurrentTime\":\"2026-02-30T00:00:00Z\"}}"),
        OF(",\"Condition\":{\"BinaryEquals\":{\"x:y\":\"YQ=\"}}"),
        OF(",\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":\"ann\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"username\":\"a\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:NoSuchKey\":\"a\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"secretsmanager:NoSuchKey\":\"a\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:ResourceTag/\":\"a\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"${aws:NoSuchKey}\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"${aws:TagKeys}\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"${aws:username\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"${aws:username, x}\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"${}\"}}"),
        OF(",\"Condition\":{\"StringEquals\":{\"aws:username\":\"a\\u0001\"}}"),
        OF(",\"Condition\":{\"StringLike\":{\"aws:username\":\"*a*b*c*d*e*f*g*h*i\"}}"),
        OF(",\"Condition\":{\"StringEqualsIgnoreCase\":{\"aws:username\":\"\\u00e9\"}}"),
        OF(",\"Principal\":\"*\""),
        OF(",\"NotPrincipal\":{\"AWS\":\"*\"}"),
        OF(",\"condition\":{}"),
        OF(",\"Unknown\":1"),
        OF(",\"Action\":\"*\""),
        OF(",\"NotAction\":\"a:B\""),
        OF(",\"NotResource\":\"*\""),
        OF(",\"Effect\":\"Allow\""),
        OF(",\"Sid\":\"a\",\"Sid\":\"b\""),
        OF(",\"Sid\":\"a b\""),
        OF(",\"Sid\":7"),
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
        "\"Resource\":"
        "\"arn:aws:s3:::${aws:nobody}\"}}",
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
        "\"Resource\":\"arn:aws:s3::${aws:username}:x\"}}",
        "{\"Statement\":{" ALLOW "},\"Statement\":{" ALLOW "}}",
        "{\"Statement\":{" ALLOW "},\"Version\":\"2012-10-17\",\"Version\":\"2012-10-17\"}",
        "{\"Statement\":{" ALLOW "},\"Id\":\"a\",\"Id\":\"a\"}",
        "{\"Statement\":{" ALLOW "},\"Other\":1}",
        "{\"Statement\":[{\"Sid\":\"a\"," ALLOW "},{\"Sid\":\"a\"," ALLOW "}]}",
        "{\"Version\":\"2013-10-17\",\"Statement\":{" ALLOW "}}",
        "{\"Statement\":[]}",
        "{\"Statement\":{}}",
        "{\"Statement\":{\"Action\":\"*\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[],\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[\"*\",7],\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":{\"a\":1},\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"nocolon\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s*:Get\",\"Resource\":\"*\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"name\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3\"}}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:s*3:r:1:x\"}"
        "}",
        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::*a*b*c*"
        "d*e*f*g*h*i\"}}",
        "{}",
        "[]",
        "",
        "{",
        "{\"Statement\":{" ALLOW "}} x",
        "null",
    };
    const struct question q = {.action = LIT("a:B"), .resource = LIT(ARN)};

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct policy *policy = NULL;
        struct bytes reason = {0};
        const struct fault *fault = policy_compile(arena, bytes_of(refused[i]), &policy, &reason);

        if (fault != POLICY_MALFORMED && fault != POLICY_BEYOND)
            fail_msg("accepted: %s", refused[i]);
        assert_true(reason.n != 0);
        assert_ok(policy_load(arena, bytes_of(refused[i]), &policy));
        assert_int_equal(policy_judge(&policy, 1, &q, NULL), VERDICT_DENY);
    }
}

static void test_limits(void **state)
{
    static char json[20000];
    const struct policy *policy;
    struct bytes reason;
    size_t n = (size_t)snprintf(json, sizeof json,
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[\"*\"");

    (void)state;
    while (n < 6200)
        n += (size_t)snprintf(json + n, sizeof json - n, ",\"a:B\"");
    snprintf(json + n, sizeof json - n, "],\"Resource\":\"*\"}}");
    assert_fault(policy_compile(arena, bytes_of(json), &policy, &reason), POLICY_MALFORMED);
    memset(json, ' ', sizeof json); /* blanks are not counted */
    snprintf(json + 7000, sizeof json - 7000, "%s", statement("Allow", "*", "*"));
    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
}

static size_t write_values(char *json, size_t room, const char *condition, const char *value, int n)
{
    size_t at = (size_t)snprintf(json, room,
                                 "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                                 "\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{%s[%s",
                                 condition, value);

    for (int i = 1; i < n; i++)
        at += (size_t)snprintf(json + at, room - at, ",%s", value);
    return at + (size_t)snprintf(json + at, room - at, "]}}}}");
}

/* As many networks as a document can name are kept; what is small to write and large to keep is
 * not. */
static void test_parts(void **state)
{
    static char json[8192];
    const struct policy *policy;
    struct bytes reason;

    (void)state;
    assert_true(write_values(json, sizeof json,
                             "\"IpAddress\":{\"aws:SourceIp\":", "\"10.11.12.13\"", 400) < 6144);
    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    assert_true(
        write_values(json, sizeof json, "\"NumericEquals\":{\"aws:EpochTime\":", "1", 3000) < 6144);
    assert_fault(policy_compile(arena, bytes_of(json), &policy, &reason), POLICY_BEYOND);
}

static enum circumstance account(void *ctx, const struct policy_key *key, size_t i,
                                 struct bytes *value)
{
    (void)ctx;
    (void)key;
    *value = LIT("123456789012");
    return i == 0 ? CIRCUMSTANCE_SAID : CIRCUMSTANCE_NONE;
}

static void test_nothing_of_the_document_is_kept(void **state)
{
    static char json[512];
    const struct policy *policy;
    struct bytes reason;
    const struct question q = {.action = LIT("secretsmanager:GetSecretValue"),
                               .resource = LIT(ARN),
                               .circumstance = account};

    (void)state;
    (void)snprintf(json, sizeof json,
                   "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"a\",\"Effect\":\"Allow\","
                   "\"Action\":\"secretsmanager:Get*\",\"Resource\":\"" ARN "\",\"Condition\":{"
                   "\"StringEquals\":{\"aws:PrincipalAccount\":123456789012},"
                   "\"StringLike\":{\"aws:username\":\"${aws:username}\"}}}]}");
    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    memset(json, 'x', sizeof json);
    assert_int_equal(policy_judge(&policy, 1, &q, NULL), VERDICT_ALLOW);
}

/* Without the 2012 version a variable is a text like any other, as AWS has it. */
static void test_old_version_has_no_variables(void **state)
{
    (void)state;
    assert_int_equal(judged("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":"
                            "\"arn:aws:s3:::${a}\"}}",
                            "a:B", "arn:aws:s3:::${a}"),
                     VERDICT_ALLOW);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

/* --- with the last six characters unknown: a refusal before anything is looked for --- */

#define UNKNOWN "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-??????"

static bool hopeful(const char *json)
{
    const struct policy *policy;
    struct bytes reason;
    const struct question q = {
        .action = LIT("secretsmanager:GetSecretValue"), .resource = LIT(UNKNOWN), .unknown = 6};

    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    return policy_may_allow(&policy, 1, &q);
}

static void test_hope(void **state)
{
    static const char *const may[] = {
        "*",
        ARN,
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-*",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-??????",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/*-A*F",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/d?-AbCdE?",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-Ab*"};
    static const char *const never[] = {
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-AbCdEfG",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/dc-AbCdEf",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/dc-*",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other/*",
        "arn:aws:secretsmanager:eu-west-2:123456789012:secret:app/db-*"};

    (void)state;
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        assert_true(hopeful(statement("Allow", "secretsmanager:Get*", may[i])));
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(hopeful(statement("Allow", "secretsmanager:Get*", never[i])));
    assert_false(hopeful(statement("Allow", "secretsmanager:List*", "*")));
}

static const char *with_all_allowed(const char *effect, const char *key, const char *resource)
{
    static char json[4096];

    snprintf(json, sizeof json,
             "{\"Version\":\"2012-10-17\",\"Statement\":["
             "{\"Effect\":\"%s\",\"Action\":\"*\",\"%s\":\"%s\"}"
             ",{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
             effect, key, resource);
    return json;
}

/* A Deny ends hope only when it speaks whatever the end is. */
static void test_hope_and_deny(void **state)
{
#define NAMED(rest) "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" rest
    (void)state;
    assert_false(hopeful(with_all_allowed("Deny", "Resource", NAMED("app/*"))));
    assert_false(hopeful(with_all_allowed("Deny", "Resource", NAMED("app/db-??????"))));
    assert_true(hopeful(with_all_allowed("Deny", "Resource", ARN)));
    assert_true(hopeful(with_all_allowed("Deny", "Resource", NAMED("app/db-A*"))));
    assert_false(hopeful(with_all_allowed("Deny", "NotResource", NAMED("other/*"))));
    assert_true(hopeful(with_all_allowed("Deny", "NotResource", ARN)));
    assert_true(hopeful(with_all_allowed("Deny", "NotResource", NAMED("app/*"))));
#undef NAMED
}

/* No hope has to mean: no end at all is allowed. */
static void test_no_hope_is_never_wrong(void **state)
{
    static const char *const ends[] = {"AbCdEf", "zzzzzz", "A00000", "00000F", "-b-d-f"};
    static const char *const patterns[] = {
        "*",
        ARN,
        "arn:aws:secretsmanager:*:*:secret:app/db-A*",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-?????F",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a*-??????",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*zz",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/d*-*-*"};
    static const char *const forms[][2] = {{"Allow", "Resource"},
                                           {"Allow", "NotResource"},
                                           {"Deny", "Resource"},
                                           {"Deny", "NotResource"}};
    char resource[256];

    (void)state;
    for (size_t f = 0; f < 4; f++)
        for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
            const char *json = with_all_allowed(forms[f][0], forms[f][1], patterns[p]);

            if (hopeful(json))
                continue;
            for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
                snprintf(resource, sizeof resource, "%.*s%s", (int)sizeof UNKNOWN - 7, UNKNOWN,
                         ends[e]);
                assert_int_not_equal(judged(json, "secretsmanager:GetSecretValue", resource),
                                     VERDICT_ALLOW);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hope, up, down),
        cmocka_unit_test_setup_teardown(test_hope_and_deny, up, down),
        cmocka_unit_test_setup_teardown(test_no_hope_is_never_wrong, up, down),
        CASE(test_actions),
        CASE(test_resources),
        CASE(test_segments),
        CASE(test_deny_wins),
        CASE(test_not),
        CASE(test_too_many_steps_deny),
        CASE(test_too_many_steps_together_deny),
        CASE(test_nothing_passes_unjudged),
        CASE(test_limits),
        CASE(test_parts),
        CASE(test_nothing_of_the_document_is_kept),
        CASE(test_old_version_has_no_variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
