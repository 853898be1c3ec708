/* language: the policy language case by case, as its public documentation tells it: operators, sets
 * of values, variables; and whom a thing's policy spares. One line a case. */
#include "core/policy/policy.h"
#include "support/test.h"

#include <stdio.h>
#include <strings.h>

static struct arena *arena;

static int up(void **state)
{
    (void)state;
    arena = arena_open(8 << 20);
    return arena == NULL;
}

static int down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* What the request has: "key=value key=value ..."; a key again is another value of it. */
static enum circumstance circumstance(void *ctx, const struct policy_key *key, size_t i,
                                      struct bytes *value)
{
    struct bytes rest = bytes_of(ctx), fact, name;

    while (bytes_cut(&rest, ';', &fact)) {
        assert_true(bytes_cut(&fact, '=', &name));
        if (name.n == key->name.n &&
            strncasecmp((const char *)name.at, (const char *)key->name.at, name.n) == 0 &&
            i-- == 0) {
            *value = fact;
            return CIRCUMSTANCE_SAID;
        }
    }
    return CIRCUMSTANCE_NONE;
}

static enum verdict judged(const char *json, const char *facts, const char *resource)
{
    const struct policy *policy, *again;
    struct bytes reason, packed;
    char writable[256];
    const struct question q = {.action = LIT("a:B"),
                               .resource = bytes_of(resource),
                               .circumstance = circumstance,
                               .ctx = writable};
    enum verdict verdict;

    (void)snprintf(writable, sizeof writable, "%s", facts);
    if (policy_compile(arena, bytes_of(json), &policy, &reason) != OK)
        fail_msg("refused: %s: %.*s", json, (int)reason.n, (const char *)reason.at);
    assert_ok(policy_pack(arena, policy, &packed));
    assert_ok(policy_unpack(arena, packed, &again));
    verdict = policy_judge(&policy, 1, &q, NULL);
    assert_int_equal(policy_judge(&again, 1, &q, NULL), verdict);
    return verdict;
}

struct one {
    const char *condition, *facts;
    bool holds;
};

static void each(const struct one *cases, size_t n)
{
    char json[1024];

    for (size_t i = 0; i < n; i++) {
        (void)snprintf(json, sizeof json,
                       "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
                       "\"*\",\"Resource\":\"*\",\"Condition\":{%s}}}",
                       cases[i].condition);
        if ((judged(json, cases[i].facts, "*") == VERDICT_ALLOW) != cases[i].holds)
            fail_msg("%s with %s", cases[i].condition, cases[i].facts);
    }
}

#define EACH(cases)              each((cases), sizeof(cases) / sizeof *(cases))
#define IS(operator, key, value) "\"" operator"\":{\"" key "\":\"" value "\"}"

static void test_strings(void **state)
{
    static const struct one cases[] = {
        {IS("StringEquals", "aws:username", "ann"), "aws:username=ann;", true},
        {IS("StringEquals", "AWS:UserName", "ann"), "aws:username=ann;", true},
        {IS("StringEquals", "aws:username", "ann"), "aws:username=Ann;", false},
        {IS("StringEquals", "aws:username", "a*"), "aws:username=ann;", false},
        {IS("StringEquals", "aws:username", "ann"), "", false},
        {IS("StringNotEquals", "aws:username", "ann"), "aws:username=bob;", true},
        {IS("StringNotEquals", "aws:username", "ann"), "aws:username=ann;", false},
        {IS("StringNotEquals", "aws:username", "ann"), "", true},
        {IS("StringEqualsIgnoreCase", "aws:username", "ANN"), "aws:username=ann;", true},
        {IS("StringNotEqualsIgnoreCase", "aws:username", "ANN"), "aws:username=ann;", false},
        {IS("StringLike", "aws:username", "a?n*"), "aws:username=anna;", true},
        {IS("StringLike", "aws:username", "a?n*"), "aws:username=Anna;", false},
        {IS("StringLike", "aws:userid", "AROA*:*"), "aws:userid=AROA123:ann;", true},
        {IS("StringNotLike", "aws:username", "a*"), "aws:username=bob;", true},
        {IS("StringNotLike", "aws:username", "a*"), "aws:username=ann;", false},
        {"\"StringEquals\":{\"aws:username\":[\"bob\",\"ann\"]}", "aws:username=ann;", true},
        {"\"StringNotEquals\":{\"aws:username\":[\"bob\",\"ann\"]}", "aws:username=ann;", false},
        {"\"StringEquals\":{\"aws:username\":\"ann\",\"aws:userid\":\"1\"}",
         "aws:username=ann;aws:userid=2;", false},
        {IS("StringEquals", "aws:PrincipalTag/Team", "\xc3\xa9"), "aws:PrincipalTag/team=\xc3\xa9;",
         true},
        {"", "", true},
        {"\"StringEquals\":{}", "", true},
    };

    (void)state;
    EACH(cases);
}

static void test_numbers_and_times(void **state)
{
    static const struct one cases[] = {
        {IS("NumericLessThanEquals", "aws:MultiFactorAuthAge", "10"), "aws:MultiFactorAuthAge=10;",
         true},
        {IS("NumericLessThan", "aws:MultiFactorAuthAge", "10"), "aws:MultiFactorAuthAge=10;",
         false},
        {IS("NumericLessThan", "aws:MultiFactorAuthAge", "10"), "aws:MultiFactorAuthAge=9;", true},
        {IS("NumericEquals", "aws:MultiFactorAuthAge", "1.50"), "aws:MultiFactorAuthAge=1.5;",
         true},
        {IS("NumericNotEquals", "aws:MultiFactorAuthAge", "2"), "aws:MultiFactorAuthAge=2.0;",
         false},
        {IS("NumericGreaterThan", "aws:MultiFactorAuthAge", "-1"), "aws:MultiFactorAuthAge=0;",
         true},
        {IS("NumericGreaterThanEquals", "aws:MultiFactorAuthAge", "1"), "aws:MultiFactorAuthAge=x;",
         false},
        {"\"NumericEquals\":{\"aws:MultiFactorAuthAge\":7}", "aws:MultiFactorAuthAge=7;", true},
        {IS("DateGreaterThan", "aws:CurrentTime", "2020-04-01T00:00:00Z"),
         "aws:CurrentTime=2020-04-01T00:00:01Z;", true},
        {IS("DateGreaterThan", "aws:CurrentTime", "2020-04-01T00:00:00Z"),
         "aws:CurrentTime=2020-04-01T00:00:00Z;", false},
        {IS("DateLessThan", "aws:CurrentTime", "2020-06-30T23:59:59Z"),
         "aws:CurrentTime=2020-06-30T23:59:58.999Z;", true},
        {IS("DateLessThan", "aws:CurrentTime", "2020-06-30"),
         "aws:CurrentTime=2020-06-29T23:00:00Z;", true},
        {IS("DateEquals", "aws:CurrentTime", "2020-06-30T02:00:00+02:00"),
         "aws:CurrentTime=2020-06-30T00:00:00Z;", true},
        {IS("DateLessThanEquals", "aws:EpochTime", "2001-09-09T01:46:40Z"),
         "aws:EpochTime=1000000000;", true},
        {IS("DateGreaterThanEquals", "aws:EpochTime", "1000000000"),
         "aws:EpochTime=2001-09-09T01:46:40Z;", true},
        {IS("DateNotEquals", "aws:EpochTime", "5"), "aws:EpochTime=5;", false},
    };

    (void)state;
    EACH(cases);
}

static void test_networks_and_truths(void **state)
{
    static const struct one cases[] = {
        {IS("IpAddress", "aws:SourceIp", "203.0.113.0/24"), "aws:SourceIp=203.0.113.255;", true},
        {IS("IpAddress", "aws:SourceIp", "203.0.113.0/24"), "aws:SourceIp=203.0.114.0;", false},
        {IS("IpAddress", "aws:SourceIp", "203.0.113.77/24"), "aws:SourceIp=203.0.113.1;", true},
        {IS("IpAddress", "aws:SourceIp", "203.0.113.7"), "aws:SourceIp=203.0.113.7;", true},
        {IS("IpAddress", "aws:SourceIp", "0.0.0.0/0"), "aws:SourceIp=203.0.113.7;", true},
        {IS("IpAddress", "aws:SourceIp", "0.0.0.0/0"), "aws:SourceIp=2001:db8::1;", false},
        {IS("IpAddress", "aws:SourceIp", "::/0"), "aws:SourceIp=203.0.113.7;", false},
        {IS("IpAddress", "aws:SourceIp", "203.0.113.0/24"), "aws:SourceIp=::ffff:203.0.113.9;",
         true},
        {IS("IpAddress", "aws:SourceIp", "2001:db8:1234:5678::/64"),
         "aws:SourceIp=2001:DB8:1234:5678::1;", true},
        {IS("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "aws:SourceIp=11.0.0.1;", true},
        {IS("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "", true},
        {"\"NotIpAddress\":{\"aws:SourceIp\":[\"10.0.0.0/8\",\"11.0.0.0/8\"]}",
         "aws:SourceIp=11.0.0.1;", false},
        {IS("Bool", "aws:SecureTransport", "true"), "aws:SecureTransport=true;", true},
        {"\"Bool\":{\"aws:SecureTransport\":false}", "aws:SecureTransport=true;", false},
        {IS("Bool", "aws:MultiFactorAuthPresent", "false"), "", false},
        {IS("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), "", true},
        {IS("Null", "aws:TokenIssueTime", "true"), "", true},
        {IS("Null", "aws:TokenIssueTime", "false"), "", false},
        {IS("Null", "aws:TokenIssueTime", "false"), "aws:TokenIssueTime=5;", true},
        {IS("BinaryEquals", "other:blob", "QmluYXJ5"), "other:blob=QmluYXJ5;", true},
        {IS("BinaryEquals", "other:blob", "QmluYXJ5"), "other:blob=YQ==;", false},
    };

    (void)state;
    EACH(cases);
}

static void test_arns(void **state)
{
#define WHO "aws:PrincipalArn"
    static const struct one cases[] = {
        {IS("ArnEquals", WHO, "arn:aws:iam::1:user/ann"), WHO "=arn:aws:iam::1:user/ann;", true},
        {IS("ArnEquals", WHO, "arn:aws:iam::1:user/*"), WHO "=arn:aws:iam::1:user/ann;", true},
        {IS("ArnLike", WHO, "arn:aws:iam::*:user/ann"), WHO "=arn:aws:iam::1:user/ann;", true},
        {IS("ArnLike", WHO, "arn:aws:iam::1:*"), WHO "=arn:aws:iam::1:user/a:b;", true},
        {IS("ArnLike", WHO, "arn:aws:iam:*::user/ann"), WHO "=arn:aws:iam::1:user/ann;", false},
        {IS("ArnLike", WHO, "arn:*:*:*:*:*"), WHO "=arn:aws:iam::1:user/ann;", true},
        {IS("ArnLike", WHO, "arn:aws:iam::1:user/ann"), WHO "=ann;", false},
        {IS("ArnNotLike", WHO, "arn:aws:iam::1:user/a*"), WHO "=arn:aws:iam::1:user/bob;", true},
        {IS("ArnNotEquals", WHO, "arn:aws:iam::1:user/a*"), WHO "=arn:aws:iam::1:user/ann;", false},
        {IS("ArnLike", WHO, "arn:aws:iam::1:user/${aws:username}"),
         WHO "=arn:aws:iam::1:user/ann;aws:username=ann;", true},
    };

    (void)state;
    EACH(cases);
}

/* Sets of values, as the documentation's tables have them. */
static void test_sets(void **state)
{
#define ALL(values) "\"ForAllValues:StringEquals\":{\"aws:TagKeys\":" values "}"
#define ANY(values) "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":" values "}"
    static const struct one cases[] = {
        {ALL("[\"a\",\"b\"]"), "aws:TagKeys=a;", true},
        {ALL("[\"a\",\"b\"]"), "aws:TagKeys=a;aws:TagKeys=b;", true},
        {ALL("[\"a\",\"b\"]"), "aws:TagKeys=a;aws:TagKeys=c;", false},
        {ALL("[\"a\",\"b\"]"), "", true},
        {ANY("[\"a\",\"b\"]"), "aws:TagKeys=c;aws:TagKeys=b;", true},
        {ANY("[\"a\",\"b\"]"), "aws:TagKeys=c;", false},
        {ANY("[\"a\",\"b\"]"), "", false},
        {"\"ForAnyValue:StringEqualsIfExists\":{\"aws:TagKeys\":\"a\"}", "", false},
        {"\"ForAllValues:StringNotEquals\":{\"aws:TagKeys\":\"a\"}", "aws:TagKeys=b;aws:TagKeys=a;",
         false},
        {"\"ForAllValues:StringNotEquals\":{\"aws:TagKeys\":\"a\"}", "aws:TagKeys=b;", true},
        {"\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":\"a\"}", "aws:TagKeys=b;aws:TagKeys=a;",
         true},
        {"\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":\"a\"}", "aws:TagKeys=a;", false},
        {IS("StringEquals", "aws:TagKeys", "a"), "aws:TagKeys=b;aws:TagKeys=a;", true},
        {IS("StringNotEquals", "aws:TagKeys", "a"), "aws:TagKeys=b;aws:TagKeys=a;", false},
        {IS("StringEqualsIfExists", "aws:username", "ann"), "", true},
        {IS("StringEqualsIfExists", "aws:username", "ann"), "aws:username=bob;", false},
    };

    (void)state;
    EACH(cases);
}

static void test_variables(void **state)
{
    static const struct one cases[] = {
        {IS("StringEquals", "aws:ResourceTag/owner", "${aws:username}"),
         "aws:ResourceTag/owner=ann;aws:username=ann;", true},
        {IS("StringEquals", "aws:ResourceTag/owner", "${AWS:USERNAME}"),
         "aws:ResourceTag/owner=ann;aws:username=bob;", false},
        {IS("StringEquals", "aws:ResourceTag/owner", "${aws:username}"), "aws:ResourceTag/owner=;",
         false},
        {IS("StringEquals", "aws:ResourceTag/owner", "${aws:username, 'all'}"),
         "aws:ResourceTag/owner=all;", true},
        {IS("StringEquals", "aws:ResourceTag/owner", "${aws:username,''}"),
         "aws:ResourceTag/owner=;", true},
        {IS("StringNotEquals", "aws:ResourceTag/owner", "${aws:username}"),
         "aws:ResourceTag/owner=ann;", false},
        {IS("StringLike", "aws:ResourceTag/path", "${aws:username}/*"),
         "aws:ResourceTag/path=ann/x;aws:username=ann;", true},
        {IS("StringLike", "aws:ResourceTag/path", "${aws:PrincipalTag/any}"),
         "aws:ResourceTag/path=ann;aws:PrincipalTag/any=*;", false},
        {IS("StringLike", "aws:ResourceTag/path", "${aws:PrincipalTag/any}"),
         "aws:ResourceTag/path=*;aws:PrincipalTag/any=*;", true},
        {IS("StringLike", "aws:ResourceTag/path", "a${*}${?}${$}b*"),
         "aws:ResourceTag/path=a*?$bc;", true},
        {IS("StringLike", "aws:ResourceTag/path", "a${*}"), "aws:ResourceTag/path=ab;", false},
        {IS("StringEquals", "aws:ResourceTag/path", "${aws:PrincipalTag/a}"),
         "aws:ResourceTag/path=${aws:username};aws:PrincipalTag/a=${aws:username};aws:username=x;",
         true},
    };

    (void)state;
    EACH(cases);
}

#define OF(effect, rest)                                                                          \
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"" effect "\",\"Action\":\"*\"," rest \
    "}}"

static void test_variables_in_resources(void **state)
{
#define HOME "arn:aws:s3:::b/${aws:username}/*"
#define ANN  "arn:aws:s3:::b/ann/x"
    (void)state;
    assert_int_equal(judged(OF("Allow", "\"Resource\":\"" HOME "\""), "aws:username=ann;", ANN),
                     VERDICT_ALLOW);
    assert_int_equal(judged(OF("Allow", "\"Resource\":\"" HOME "\""), "aws:username=bob;", ANN),
                     VERDICT_SILENT);
    assert_int_equal(judged(OF("Allow", "\"Resource\":\"" HOME "\""), "aws:username=*;", ANN),
                     VERDICT_SILENT);
    assert_int_equal(judged(OF("Allow", "\"Resource\":\"" HOME "\""), "", ANN), VERDICT_SILENT);
    assert_int_equal(judged(OF("Allow", "\"NotResource\":\"" HOME "\""), "", ANN), VERDICT_SILENT);
    assert_int_equal(judged(OF("Deny", "\"NotResource\":\"" HOME "\""), "", ANN), VERDICT_DENY);
    assert_int_equal(judged(OF("Deny", "\"NotResource\":\"" HOME "\""), "aws:username=ann;", ANN),
                     VERDICT_SILENT);
}

/* What grows beyond bounds in a request is judged against who sends it. */
static void test_too_long_denies(void **state)
{
    static char json[1200];
    size_t n = (size_t)snprintf(json, sizeof json,
                                "{\"Version\":\"2012-10-17\",\"Statement\":{"
                                "\"Effect\":\"Allow\",\"Action\":\"*\","
                                "\"Resource\":\"arn:aws:s3:::");

    (void)state;
    for (int i = 0; i < 50; i++)
        n += (size_t)snprintf(json + n, sizeof json - n, "${aws:username}");
    (void)snprintf(json + n, sizeof json - n, "\"}}");
    assert_int_equal(judged(json, "aws:username=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
                            "arn:aws:s3:::a"),
                     VERDICT_DENY);
    assert_int_equal(judged(json, "aws:username=a;", "arn:aws:s3:::a"), VERDICT_SILENT);
}

/* What was not looked for yet may be, and must not be. */
static enum circumstance later(void *ctx, const struct policy_key *key, size_t i,
                               struct bytes *value)
{
    return policy_key_of_thing(key->id) ? CIRCUMSTANCE_LATER : circumstance(ctx, key, i, value);
}

static bool hopeful(const char *json)
{
    const struct policy *policy;
    struct bytes reason;
    char facts[] = "aws:username=ann;";
    const struct question q = {
        .action = LIT("a:B"), .resource = LIT("*"), .circumstance = later, .ctx = facts};

    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    if (policy_judge(&policy, 1, &q, NULL) == VERDICT_ALLOW)
        assert_true(policy_may_allow(&policy, 1, &q));
    return policy_may_allow(&policy, 1, &q);
}

static void test_hope(void **state)
{
#define ALLOW(condition) \
    "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" condition "}}"
#define DENY(condition) \
    "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" condition "}}"
#define SET(statements) "{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
    (void)state;
    assert_true(hopeful(SET(ALLOW(IS("StringEquals", "aws:ResourceTag/a", "b")))));
    assert_true(hopeful(SET(ALLOW(IS("StringEquals", "aws:username", "ann")))));
    assert_false(hopeful(SET(ALLOW(IS("StringEquals", "aws:username", "bob")))));
    assert_false(hopeful(SET(ALLOW(IS("StringEquals", "aws:username",
                                      "bob") "," IS("StringLike", "aws:ResourceTag/a", "b")))));
    assert_true(hopeful(SET(ALLOW("") "," DENY(IS("StringEquals", "aws:ResourceTag/a", "b")))));
    assert_true(hopeful(SET(ALLOW("") "," DENY(IS("StringNotEquals", "aws:ResourceTag/a", "b")))));
    assert_false(hopeful(SET(ALLOW("") "," DENY(IS("StringEquals", "aws:username", "ann")))));
    assert_true(hopeful(SET(ALLOW(IS("StringEquals", "aws:username", "${aws:ResourceTag/a}")))));
}

/* Unfinished knowledge is no permission. */
static void test_later_denies(void **state)
{
    const struct policy *policy;
    struct bytes reason;
    char facts[] = "";
    const struct question q = {
        .action = LIT("a:B"), .resource = LIT("*"), .circumstance = later, .ctx = facts};

    (void)state;
    assert_ok(policy_compile(
        arena, LIT(SET(ALLOW(IS("StringNotEquals", "aws:ResourceTag/a", "b")))), &policy, &reason));
    assert_int_equal(policy_judge(&policy, 1, &q, NULL), VERDICT_DENY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_strings),
        CASE(test_numbers_and_times),
        CASE(test_networks_and_truths),
        CASE(test_arns),
        CASE(test_sets),
        CASE(test_variables),
        CASE(test_variables_in_resources),
        CASE(test_too_long_denies),
        CASE(test_hope),
        CASE(test_later_denies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
