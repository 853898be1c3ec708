/* policy: the resource policy of a secret: what it lets in and keeps out, what is told of it, and
 * that whom it does not name learns nothing by asking. */
#include "nouns_kit.h"

#include "base/faultpoint.h"
#include "core/authorise.h"
#include "core/policy/policy.h"
#include "support/each_fault.h"

#include <stdio.h>
#include <stdlib.h>

#define V1  "11111111-1111-1111-1111-111111111111"
#define CI  "arn:aws:iam::123456789012:user/ci"
#define OPS "arn:aws:iam::123456789012:user/team/ops"

static char ids[2][32];
static struct principal ci, ops;

static struct principal principal_of(const char *name, const char *path, char *id)
{
    const struct user_in in = {.name = bytes_of(name), .path = bytes_of(path)};
    struct principal who = {.type = PRINCIPAL_USER,
                            .account = LIT("123456789012"),
                            .arn = LIT("arn:aws:iam::123456789012:user/x"),
                            .generation = 1};
    struct user_item out;

    nouns.who = &nouns_local;
    assert_ok(ask(&user_create, &in, &out));
    nouns.who = &kit_root;
    snprintf(id, 32, "%.*s", (int)out.id.n, (const char *)out.id.at);
    who.id = bytes_of(id);
    return who;
}

static int up(void **state)
{
    const struct secret_create_in in = {
        .name = LIT("app/db"), .token = LIT(V1), .text = (nouns_up(state), value_of("one"))};
    struct secret_create_out out;

    assert_ok(ask(&secret_create, &in, &out));
    ci = principal_of("ci", NULL, ids[0]);
    ops = principal_of("ops", "/team/", ids[1]);
    return 0;
}

static const struct fault *put_as(const char *document, bool block)
{
    const struct secret_policy_put_in in = {
        .id = LIT("app/db"), .document = bytes_of(document), .block_public = {block, block}};
    struct secret_policy_out out;

    return ask(&secret_policy_put, &in, &out);
}

static const char *statement(const char *effect, const char *principal, const char *action)
{
    static char json[2][16384];
    static int turn;
    char *to = json[turn++ % 2];

    snprintf(to, sizeof json[0],
             "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"%s\",\"Principal\":%s,"
             "\"Action\":\"secretsmanager:%s\",\"Resource\":\"*\"}}",
             effect, principal, action);
    return to;
}

static const struct fault *put(const char *effect, const char *principal, const char *action)
{
    return put_as(statement(effect, principal, action), false);
}

static struct secret_policy_out got;

static const struct fault *fetch(void)
{
    const struct secret_policy_in in = {.id = LIT("app/db")};

    return ask(&secret_policy_get, &in, &got);
}

static const struct fault *drop(const struct principal *who)
{
    const struct secret_policy_in in = {.id = LIT("app/db")};
    struct secret_policy_out out;
    const struct fault *fault;

    nouns.who = who;
    fault = ask(&secret_policy_delete, &in, &out);
    nouns.who = &kit_root;
    return fault;
}

static const struct fault *read_as(const struct principal *who, const char *id)
{
    const struct secret_read_in in = {.id = bytes_of(id)};
    struct secret_read_out out;
    const struct fault *fault;

    nouns.who = who;
    fault = ask(&secret_read, &in, &out);
    nouns.who = &kit_root;
    return fault;
}

static const struct fault *remove_user(const char *name)
{
    const struct user_in in = {.name = bytes_of(name)};
    struct nothing out;
    const struct fault *fault;

    nouns.who = &nouns_local;
    fault = ask(&user_delete, &in, &out);
    nouns.who = &kit_root;
    return fault;
}

static struct principal with_policy(struct principal who, const char *json)
{
    static const struct policy *policies[1];
    static const struct bytes names[] = {{(const uint8_t *)"own", 3}};

    assert_ok(policy_load(nouns.values, bytes_of(json), &policies[0]));
    who.policies = policies;
    who.policy_names = names;
    who.policy_count = 1;
    return who;
}

#define ALL "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"

static void assert_said(const char *tail)
{
    if (!bytes_ends(nouns.last->detail, bytes_of(tail)))
        fail_msg("%.*s", (int)nouns.last->detail.n, (const char *)nouns.last->detail.at);
}

/* --- what it does --- */

static void test_told_as_it_was_put(void **state)
{
    const char *document = statement("Allow", "{\"AWS\":[\"" CI "\", \"" OPS "\"]}", "*");

    (void)state;
    assert_ok(fetch());
    assert_null(got.document.at);
    assert_null(got.policy.at);
    assert_bytes(got.name, LIT("app/db"));
    assert_ok(put_as(document, false));
    assert_ok(fetch());
    assert_bytes(got.document, bytes_of(document));
    assert_bytes(got.policy, LIT("default"));
    assert_ok(drop(&kit_root));
    assert_ok(drop(&kit_root));
    assert_ok(fetch());
    assert_null(got.document.at);
}

static void test_an_account_is_told_as_its_root(void **state)
{
    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"123456789012\"}", "*"));
    assert_ok(fetch());
    assert_bytes(got.document,
                 bytes_of(statement("Allow", "{\"AWS\":\"arn:aws:iam::123456789012:root\"}", "*")));
}

static void test_lets_in_whom_it_names(void **state)
{
    (void)state;
    assert_fault(read_as(&ci, "app/db"), DENIED);
    assert_ok(put("Allow", "{\"AWS\":\"" CI "\"}", "GetSecretValue"));
    assert_ok(read_as(&ci, "app/db"));
    assert_ok(read_as(&ci, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db"));
    assert_fault(read_as(&ops, "app/db"), DENIED);
    assert_fault(read_as(&ci, "app/other"), DENIED);
    assert_fault(drop(&ci), DENIED); /* another action */
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "GetSecretValue"));
    assert_fault(read_as(&ci, "app/db"), DENIED);
    assert_ok(read_as(&ops, "app/db"));
    assert_ok(drop(&kit_root));
    assert_fault(read_as(&ops, "app/db"), DENIED);
    assert_ok(put("Allow", "\"*\"", "GetSecretValue"));
    assert_ok(read_as(&ci, "app/db"));
}

static void test_a_deny_wins(void **state)
{
    const struct principal mighty = with_policy(ci, ALL);

    (void)state;
    assert_ok(read_as(&mighty, "app/db"));
    assert_ok(put("Deny", "{\"AWS\":\"" CI "\"}", "GetSecretValue"));
    assert_fault(read_as(&mighty, "app/db"), DENIED);
    assert_said(" with an explicit deny in a resource-based policy");
    assert_fault(read_as(&ci, "app/db"), DENIED); /* whom nothing allows it learns no more */
    assert_said(
        " because no identity-based policy allows the secretsmanager:GetSecretValue action");
    assert_ok(put("Deny", "{\"AWS\":\"123456789012\"}", "GetSecretValue"));
    assert_fault(read_as(&mighty, "app/db"), DENIED);
    assert_ok(put("Deny", "{\"AWS\":\"" OPS "\"}", "GetSecretValue"));
    assert_ok(read_as(&mighty, "app/db"));
}

/* What asks for a second permission asks the same policy. */
static void test_lets_tag_whom_it_names(void **state)
{
    const struct pair tags[] = {{LIT("team"), LIT("red")}};
    const struct secret_tag_in in = {.id = LIT("app/db"), .tags = {tags, 1}};
    struct nothing none;

    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"" CI "\"}", "TagResource"));
    nouns.who = &ci;
    assert_ok(ask(&secret_tag, &in, &none));
    nouns.who = &ops;
    assert_fault(ask(&secret_tag, &in, &none), DENIED);
    nouns.who = &kit_root;
}

/* Root is denied, too, but can take the policy away. */
static void test_nobody_is_locked_out_for_good(void **state)
{
    const struct principal mighty = with_policy(ci, ALL);

    (void)state;
    assert_ok(put("Deny", "\"*\"", "*"));
    assert_fault(read_as(&kit_root, "app/db"), DENIED);
    assert_said(" with an explicit deny in a resource-based policy");
    assert_fault(put("Allow", "\"*\"", "*"), DENIED);
    assert_fault(drop(&mighty), DENIED);
    assert_ok(drop(&kit_root));
    assert_ok(read_as(&kit_root, "app/db"));
}

/* An account that is allowed leaves its users to their own policies. */
static void test_an_account_gives_nobody_access(void **state)
{
    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"arn:aws:iam::123456789012:root\"}", "*"));
    assert_fault(read_as(&ci, "app/db"), DENIED);
    assert_ok(read_as(&kit_root, "app/db"));
}

static void test_another_of_the_same_name_inherits_nothing(void **state)
{
    char id[32], wanted[64];

    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "*"));
    assert_ok(remove_user("ops"));
    snprintf(wanted, sizeof wanted, "{\"AWS\":\"%s\"}", ids[1]);
    assert_ok(fetch());
    assert_bytes(got.document, bytes_of(statement("Allow", wanted, "*")));
    ops = principal_of("ops", "/team/", id);
    assert_fault(read_as(&ops, "app/db"), DENIED);
    assert_ok(fetch());
    assert_bytes(got.document, bytes_of(statement("Allow", wanted, "*")));
    /* What is told of him can not be put again. */
    assert_fault(put("Allow", wanted, "*"), POLICY_PRINCIPAL);
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "*"));
    assert_ok(read_as(&ops, "app/db"));
}

/* --- what is refused --- */

static void test_principals_that_are_nobody(void **state)
{
    static const char *const nobody[] = {
        "{\"AWS\":\"arn:aws:iam::123456789012:user/nobody\"}",
        "{\"AWS\":\"arn:aws:iam::123456789012:user/ops\"}", /* his path is another */
        "{\"AWS\":\"arn:aws:iam::999999999999:root\"}",
        "{\"AWS\":\"999999999999\"}",
        "{\"AWS\":\"arn:aws:iam::123456789012:role/r\"}",
        "{\"AWS\":\"arn:aws:iam::123456789012:user/*\"}",
        "{\"AWS\":\"arn:aws:iam::123456789012:user/\"}",
        "{\"AWS\":\"arn:aws-cn:iam::123456789012:root\"}",
        "{\"AWS\":\"ci\"}",
        "{\"AWS\":\"\"}",
        "{\"Federated\":\"accounts.google.com\"}",
        "{\"CanonicalUser\":\"a\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        assert_fault(put("Allow", nobody[i], "*"), POLICY_PRINCIPAL);
        assert_fault(put("Deny", nobody[i], "*"), POLICY_PRINCIPAL);
        assert_said("This resource policy contains an unsupported principal.");
    }
    assert_fault(put("Allow", "{\"Service\":\"lambda.amazonaws.com\"}", "*"), POLICY_SERVICE);
    assert_said("This resource policy contains an invalid service principal.");
    assert_ok(fetch());
    assert_null(got.document.at);
}

static void test_what_cannot_be_judged(void **state)
{
    (void)state;
    assert_fault(put_as("{", false), POLICY_MALFORMED);
    assert_said("This resource policy contains a syntax error. The document is no JSON.");
    assert_fault(put("Allowed", "\"*\"", "*"), POLICY_MALFORMED);
    assert_fault(put_as(ALL, false), POLICY_MALFORMED); /* of whom? */
    assert_fault(put_as("{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
                        "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:NoSuchKey\":true}}}}",
                        false),
                 POLICY_BEYOND);
    assert_fault(put_as("{\"Statement\":{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"" CI
                        "\"},"
                        "\"Action\":\"*\",\"Resource\":\"*\"}}",
                        false),
                 POLICY_MALFORMED);
}

static void test_broad_access(void **state)
{
    (void)state;
    assert_fault(put_as(statement("Allow", "\"*\"", "*"), true), SECRET_POLICY_PUBLIC);
    assert_fault(put_as(statement("Allow", "{\"AWS\":[\"" CI "\",\"*\"]}", "*"), true),
                 SECRET_POLICY_PUBLIC);
    assert_ok(put_as(statement("Deny", "\"*\"", "DeleteSecret"), true));
    assert_ok(put_as(statement("Allow", "{\"AWS\":\"" CI "\"}", "*"), true));
}

static void test_names_and_states(void **state)
{
    const struct secret_policy_put_in other = {
        .id = LIT("app/db"), .document = LIT("{}"), .name = LIT("other")};
    const struct secret_policy_in named = {.id = LIT("app/db"), .name = LIT("other")};
    const struct secret_delete_in erase = {.id = LIT("app/db")};
    struct secret_delete_out erased;
    struct secret_policy_out out;

    (void)state;
    assert_fault(ask(&secret_policy_put, &other, &out), SECRET_POLICY_NAME);
    assert_fault(ask(&secret_policy_get, &named, &out), SECRET_POLICY_ABSENT);
    assert_fault(ask(&secret_policy_delete, &named, &out), SECRET_POLICY_NAME);
    assert_ok(ask(&secret_delete, &erase, &erased));
    assert_fault(put("Allow", "\"*\"", "*"), SECRET_DELETED);
    assert_fault(fetch(), SECRET_DELETED);
    assert_fault(drop(&kit_root), SECRET_DELETED);
}

static void validates(const char *document, size_t findings)
{
    const struct secret_policy_validate_in in = {.id = LIT("app/db"),
                                                 .document = bytes_of(document)};
    struct secret_policy_validate_out out;

    assert_ok(ask(&secret_policy_validate, &in, &out));
    assert_int_equal(out.findings.n, findings);
    assert_int_equal(out.passed, findings == 0);
}

static void test_validate(void **state)
{
    const struct secret_policy_validate_in broken = {.document = LIT("{}")};
    struct secret_policy_validate_out out;

    (void)state;
    validates(statement("Allow", "{\"AWS\":\"" CI "\"}", "*"), 0);
    validates(statement("Allow", "\"*\"", "*"), 1);
    validates(statement("Deny", "\"*\"", "Put*"), 1);
    validates(statement("Deny", "\"*\"", "GetSecretValue"), 0);
    validates("{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
              "\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"123456789012\"},"
              "\"Action\":\"*\",\"Resource\":\"*\"}]}",
              2);
    assert_fault(ask(&secret_policy_validate, &broken, &out), POLICY_MALFORMED);
    assert_ok(fetch());
    assert_null(got.document.at);
}

/* --- what is left, and what shows --- */

static const char *many_users(size_t n)
{
    static char json[128 * 64];
    size_t at = (size_t)snprintf(json, sizeof json, "{\"AWS\":[");
    char name[16], id[32];

    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "u%zu", i);
        principal_of(name, NULL, id);
        at += (size_t)snprintf(json + at, sizeof json - at,
                               "%s\"arn:aws:iam::123456789012:user/%s\"", i == 0 ? "" : ",", name);
    }
    snprintf(json + at, sizeof json - at, "]}");
    return json;
}

static void test_a_hundred_users(void **state)
{
    const char *users = many_users(101);

    (void)state;
    assert_fault(put("Allow", users, "*"), POLICY_BEYOND);
    assert_ok(put("Deny", users, "*"));
    assert_int_equal(nouns_records('n'), 0);
}

static void assert_rows(size_t policy, size_t invited)
{
    assert_int_equal(nouns_records('b'), policy);
    assert_int_equal(nouns_records('n'), invited);
}

static void test_nothing_is_left(void **state)
{
    const struct secret_delete_in at_once = {.id = LIT("app/db"), .force = {true, true}};
    struct secret_delete_out erased;

    (void)state;
    assert_ok(put("Allow", "{\"AWS\":[\"" CI "\",\"" OPS "\",\"" CI "\"]}", "*"));
    assert_rows(2, 2);
    assert_ok(put("Allow", "{\"AWS\":\"" CI "\"}", "*"));
    assert_rows(2, 1);
    assert_ok(drop(&kit_root));
    assert_rows(0, 0);
    assert_ok(put("Allow", "\"*\"", "*"));
    assert_rows(2, 1);
    assert_ok(ask(&secret_delete, &at_once, &erased));
    assert_rows(0, 0);
}

static void test_an_update_keeps_it(void **state)
{
    const struct secret_update_in in = {
        .id = LIT("app/db"), .token = LIT(V1), .description = LIT("new")};
    struct secret_update_out out;

    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"" CI "\"}", "GetSecretValue"));
    assert_ok(ask(&secret_update, &in, &out));
    assert_ok(read_as(&ci, "app/db"));
}

/* All that a secret can have still goes in one transaction. */
static void test_the_fullest_secret_can_go(void **state)
{
    const struct secret_delete_in at_once = {.id = LIT("app/db"), .force = {true, true}};
    struct secret_delete_out erased;
    struct secret_put_out out;
    char token[40], keys[50][8];
    struct pair tags[50];
    const struct secret_tag_in tag = {.id = LIT("app/db"), .tags = {tags, 50}};
    struct nothing none;

    (void)state;
    for (int i = 0; i < 50; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        tags[i] = (struct pair){bytes_of(keys[i]), LIT("v")};
    }
    assert_ok(ask(&secret_tag, &tag, &none));
    for (int i = 1; i < 100; i++) {
        snprintf(token, sizeof token, "11111111-1111-1111-1111-%012d", i);
        const struct secret_put_in in = {
            .id = LIT("app/db"), .token = bytes_of(token), .text = value_of("more")};

        assert_ok(ask(&secret_put, &in, &out));
    }
    assert_ok(put("Allow", many_users(100), "*"));
    assert_rows(2, 100);
    assert_ok(ask(&secret_delete, &at_once, &erased));
    assert_rows(0, 0);
}

/* How much is done to refuse: each look at the store and each piece of memory is a fault point. */
static int64_t work_of(const struct principal *who, const char *id)
{
    enum { FAR = 1000000 };
    int64_t walked;

    fault_point_arm(FAR);
    assert_fault(read_as(who, id), DENIED);
    walked = FAR - fault_point_left;
    fault_point_left = 0;
    return walked;
}

/* SECURITY 20: for whom no policy allows anything, absent, there, and there with a policy for
 * others are one path and one answer. */
static void test_a_refusal_shows_nothing(void **state)
{
    const struct secret_create_in plain = {.name = LIT("app/xy"), .token = LIT(V1)};
    struct secret_create_out out;
    int64_t absent;
    char said[2][256];

    (void)state;
    assert_ok(ask(&secret_create, &plain, &out));
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "*"));
    (void)work_of(&ci, "app/zz"); /* the turn's own memory grows with the first */
    absent = work_of(&ci, "app/zz");
    assert_int_equal(work_of(&ci, "app/xy"), absent);
    assert_int_equal(work_of(&ci, "app/db"), absent);
    snprintf(said[0], sizeof said[0], "%.*s", (int)nouns.last->detail.n,
             (const char *)nouns.last->detail.at);
    assert_ok(put("Deny", "{\"AWS\":\"" CI "\"}", "*"));
    assert_int_equal(work_of(&ci, "app/db"), absent);
    snprintf(said[1], sizeof said[1], "%.*s", (int)nouns.last->detail.n,
             (const char *)nouns.last->detail.at);
    assert_string_equal(said[0], said[1]);
    assert_int_equal(work_of(&ops, "app/zz"), absent);
}

/* --- each fault: the old policy or the new one, whole --- */

static bool put_once(void *ctx)
{
    (void)ctx;
    return put("Allow", "{\"AWS\":\"" CI "\"}", "*") == OK;
}

static void check_put(void *ctx, bool succeeded)
{
    (void)ctx;
    assert_ok(fetch());
    assert_rows(2, 1);
    assert_int_equal(read_as(&ci, "app/db") == OK, succeeded);
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "*"));
}

static void test_each_fault(void **state)
{
    (void)state;
    assert_ok(put("Allow", "{\"AWS\":\"" OPS "\"}", "*"));
    assert_true(each_fault("policy", put_once, check_put, NULL) > 20);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_told_as_it_was_put),
        CASE(test_an_account_is_told_as_its_root),
        CASE(test_lets_in_whom_it_names),
        CASE(test_a_deny_wins),
        CASE(test_lets_tag_whom_it_names),
        CASE(test_nobody_is_locked_out_for_good),
        CASE(test_an_account_gives_nobody_access),
        CASE(test_another_of_the_same_name_inherits_nothing),
        CASE(test_principals_that_are_nobody),
        CASE(test_what_cannot_be_judged),
        CASE(test_broad_access),
        CASE(test_names_and_states),
        CASE(test_validate),
        CASE(test_a_hundred_users),
        CASE(test_nothing_is_left),
        CASE(test_an_update_keeps_it),
        CASE(test_the_fullest_secret_can_go),
        CASE(test_a_refusal_shows_nothing),
        CASE(test_each_fault),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
