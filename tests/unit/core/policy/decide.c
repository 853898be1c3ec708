/* decide: all kinds of policies together: who wins, what limits whom, what is told, and what came
 * nearest. */
#include "core/policy/decide.h"
#include "support/test.h"

#include <stdio.h>

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

static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    (void)ctx;
    (void)raw;
    *id = named;
    return OK;
}

static fallible other_id_of(void *ctx, struct bytes kind, struct bytes named, struct bytes *id)
{
    (void)ctx;
    assert_true(bytes_same(kind, LIT("Service")) || bytes_same(kind, LIT("Federated")));
    *id = named;
    return OK;
}

static const struct policy_whom whom = {.id_of = id_of};
static const struct policy_whom of_role = {
    .id_of = id_of, .other_id_of = other_id_of, .of_role = true};

static const struct policy *own(const char *effect)
{
    const struct policy *policy;
    struct bytes reason;
    char json[256];

    (void)snprintf(json, sizeof json,
                   "{\"Statement\":{\"Sid\":\"Own\",\"Effect\":\"%s\",\"Action\":\"a:*\","
                   "\"Resource\":\"*\"}}",
                   effect);
    assert_ok(policy_compile(arena, bytes_of(json), &policy, &reason));
    return policy;
}

static const struct policy *of_thing(const char *effect, const char *principal)
{
    const struct policy *policy;
    struct bytes reason;
    char json[256];

    (void)snprintf(json, sizeof json,
                   "{\"Statement\":{\"Sid\":\"Thing\",\"Effect\":\"%s\",\"Principal\":{\"AWS\":"
                   "\"%s\"},\"Action\":\"a:*\",\"Resource\":\"*\"}}",
                   effect, principal);
    assert_ok(policy_compile_of_thing(arena, bytes_of(json), &whom, &policy, &reason));
    return policy;
}

/* A user without anything. */
static struct policy_case of_user(void)
{
    return (struct policy_case){
        .question = {
            .id = LIT("ann"), .account = LIT("1"), .action = LIT("a:B"), .resource = LIT("*")}};
}

/* A session of a role. */
static struct policy_case of_session(void)
{
    struct policy_case k = of_user();

    k.question.id = LIT("role:s");
    k.question.base = LIT("role");
    return k;
}

static const struct policy *allowing[1], *denying[1], *silent[1];

static void make(void)
{
    allowing[0] = own("Allow");
    denying[0] = own("Deny");
    silent[0] = of_thing("Allow", "nobody");
}

static void assert_decided(const struct policy_case *k, bool allowed, enum policy_kind kind)
{
    const struct policy_outcome outcome = policy_decide(k);

    assert_int_equal(outcome.allowed, allowed);
    assert_int_equal(outcome.kind, kind);
}

static void test_at_home(void **state)
{
    struct policy_case k = of_user();

    (void)state;
    make();
    assert_decided(&k, false, POLICY_IDENTITY);
    k.identity = (struct policy_set){allowing, 1};
    assert_decided(&k, true, POLICY_IDENTITY);
    k.thing = of_thing("Deny", "ann");
    assert_decided(&k, false, POLICY_THING);
    assert_true(policy_decide(&k).denied);
    assert_bytes(policy_decide(&k).finding.statement, LIT("Thing"));
    k.identity.n = 0;
    k.thing = of_thing("Allow", "ann");
    assert_decided(&k, true, POLICY_THING);
    k.thing = of_thing("Allow", "1"); /* leaves it to the identity policies */
    assert_decided(&k, false, POLICY_IDENTITY);
    k.thing = of_thing("Allow", "*");
    assert_decided(&k, true, POLICY_THING);
    k.identity = (struct policy_set){denying, 1};
    assert_decided(&k, false, POLICY_IDENTITY);
}

/* Past boundary and session policies goes only whom the thing names directly. */
static void test_limits(void **state)
{
    struct policy_case k = of_session();

    (void)state;
    make();
    k.identity = (struct policy_set){allowing, 1};
    k.boundary = silent[0];
    assert_decided(&k, false, POLICY_BOUNDARY);
    k.boundary = allowing[0];
    k.session = (struct policy_set){silent, 1};
    assert_decided(&k, false, POLICY_SESSION);
    k.thing = of_thing("Allow", "role");
    assert_decided(&k, false, POLICY_SESSION);
    k.thing = of_thing("Allow", "*");
    assert_decided(&k, false, POLICY_SESSION);
    k.thing = of_thing("Allow", "role:s");
    assert_decided(&k, true, POLICY_THING);
    k.boundary = silent[0];
    assert_decided(&k, true, POLICY_THING);
    k.boundary = denying[0];
    assert_decided(&k, false, POLICY_BOUNDARY);
    k.boundary = NULL;
    k.session = (struct policy_set){denying, 1};
    assert_decided(&k, false, POLICY_SESSION);
    k.session.at = allowing;
    k.thing = of_thing("Allow", "role");
    k.identity.n = 0;
    assert_decided(&k, true, POLICY_THING);
}

static void test_abroad(void **state)
{
    struct policy_case k = of_user();

    (void)state;
    make();
    k.abroad = true;
    k.thing = of_thing("Allow", "ann");
    assert_decided(&k, false, POLICY_IDENTITY);
    k.identity = (struct policy_set){allowing, 1};
    assert_decided(&k, true, POLICY_IDENTITY);
    k.thing = of_thing("Allow", "1"); /* to the account: its policies decide whom in it */
    assert_decided(&k, true, POLICY_IDENTITY);
    k.thing = of_thing("Allow", "2");
    assert_decided(&k, false, POLICY_THING);
    k.thing = NULL;
    assert_decided(&k, false, POLICY_THING);
    k.sovereign = true;
    k.identity.n = 0;
    assert_decided(&k, false, POLICY_THING);
    k.thing = of_thing("Allow", "1");
    assert_decided(&k, true, POLICY_IDENTITY);
    k.boundary = silent[0];
    assert_decided(&k, false, POLICY_BOUNDARY);
}

/* Keys and roles. */
static void test_where_the_thing_must(void **state)
{
    struct policy_case k = of_user();

    (void)state;
    make();
    k.thing_must = true;
    k.identity = (struct policy_set){allowing, 1};
    assert_decided(&k, false, POLICY_THING);
    k.thing = of_thing("Allow", "bob");
    assert_decided(&k, false, POLICY_THING);
    k.thing = of_thing("Allow", "1");
    assert_decided(&k, true, POLICY_IDENTITY);
    k.identity.n = 0;
    assert_decided(&k, false, POLICY_IDENTITY);
    k.thing = of_thing("Allow", "ann");
    assert_decided(&k, true, POLICY_THING);
    k.thing = NULL;
    k.sovereign = true;
    assert_decided(&k, false, POLICY_THING);
}

static struct policy_case asks_to_assume(const char *id, const struct policy *trust)
{
    struct policy_case k = of_user();

    k.question.id = bytes_of(id);
    k.question.action = LIT("sts:AssumeRole");
    k.question.resource = LIT("arn:aws:iam::1:role/r");
    k.thing = trust;
    k.thing_must = true;
    return k;
}

static void test_trust(void **state)
{
    static const char json[] =
        "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"ann\",\"Service\":"
        "[\"lambda.amazonaws.com\"],\"Federated\":\"arn:aws:iam::1:oidc-provider/x\"},\"Action\":"
        "\"sts:AssumeRole\"}]}";
    const struct policy *trust;
    struct policy_case k;
    struct bytes reason;

    (void)state;
    assert_ok(policy_compile_of_thing(arena, bytes_of(json), &of_role, &trust, &reason));
    k = asks_to_assume("ann", trust);
    assert_true(policy_decide(&k).allowed);
    k = asks_to_assume("lambda.amazonaws.com", trust);
    assert_true(policy_decide(&k).allowed);
    k = asks_to_assume("arn:aws:iam::1:oidc-provider/x", trust);
    assert_true(policy_decide(&k).allowed);
    k = asks_to_assume("bob", trust);
    assert_false(policy_decide(&k).allowed);
    k = asks_to_assume("ann", trust);
    k.question.action = LIT("sts:TagSession");
    assert_false(policy_decide(&k).allowed);
    assert_fault(policy_compile_of_thing(arena,
                                         LIT("{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":"
                                             "\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}"),
                                         &of_role, &trust, &reason),
                 POLICY_MALFORMED);
    assert_bytes(reason, LIT("Has prohibited field Resource"));
    assert_fault(policy_compile_of_thing(arena,
                                         LIT("{\"Statement\":{\"Effect\":\"Deny\","
                                             "\"NotPrincipal\":\"*\",\"Action\":\"*\"}}"),
                                         &of_role, &trust, &reason),
                 POLICY_MALFORMED);
}

/* Spared is who is named together with his account; of a session the role. */
static void test_not_principal(void **state)
{
    static const char json[] =
        "{\"Statement\":[{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":[\"1\","
        "\"ann\",\"role\"]},\"Action\":\"*\",\"Resource\":\"*\"}]}";
    struct policy_case k = of_user();
    const struct policy *thing;
    struct bytes reason;

    (void)state;
    make();
    assert_ok(policy_compile_of_thing(arena, bytes_of(json), &whom, &thing, &reason));
    k.identity = (struct policy_set){allowing, 1};
    k.thing = thing;
    assert_decided(&k, true, POLICY_IDENTITY);
    k.question.account = LIT("2");
    assert_decided(&k, false, POLICY_THING);
    k.question.account = LIT("1");
    k.question.id = LIT("bob");
    assert_decided(&k, false, POLICY_THING);
    k.question.id = LIT("1");
    assert_decided(&k, true, POLICY_IDENTITY);
    k.question.id = LIT("role:s");
    k.question.base = LIT("role");
    assert_decided(&k, true, POLICY_IDENTITY);
}

static void test_nearest(void **state)
{
    static const char json[] =
        "{\"Version\":\"2012-10-17\",\"Statement\":["
        "{\"Sid\":\"Other\",\"Effect\":\"Allow\",\"Action\":\"b:*\",\"Resource\":\"*\"},"
        "{\"Sid\":\"There\",\"Effect\":\"Allow\",\"Action\":\"a:*\",\"Resource\":\"arn:aws:x:::y\"}"
        ","
        "{\"Sid\":\"Not\",\"Effect\":\"Deny\",\"Action\":\"c:*\",\"Resource\":\"*\"},"
        "{\"Sid\":\"When\",\"Effect\":\"Allow\",\"Action\":\"a:B\",\"Resource\":\"*\","
        "\"Condition\":{"
        "\"StringNotEquals\":{\"aws:username\":\"x\"},\"Bool\":{\"aws:SecureTransport\":true}}}]}";
    const struct policy *policy[1];
    struct question q = of_user().question;
    struct policy_nearest nearest;
    struct bytes reason;

    (void)state;
    make();
    assert_ok(policy_compile(arena, bytes_of(json), &policy[0], &reason));
    nearest = policy_nearest(policy, 1, &q);
    assert_int_equal(nearest.lack, LACKS_CONDITION);
    assert_bytes(nearest.finding.statement, LIT("When"));
    assert_bytes(nearest.condition_operator, LIT("Bool"));
    assert_bytes(nearest.condition_key, LIT("aws:SecureTransport"));
    q.action = LIT("a:C");
    nearest = policy_nearest(policy, 1, &q);
    assert_int_equal(nearest.lack, LACKS_RESOURCE);
    assert_bytes(nearest.finding.statement, LIT("There"));
    q.action = LIT("c:C");
    nearest = policy_nearest(policy, 1, &q);
    assert_int_equal(nearest.lack, LACKS_ACTION);
    assert_bytes(nearest.finding.statement, LIT("Other"));
    assert_int_equal(policy_nearest(silent, 1, &q).lack, LACKS_PRINCIPAL);
    assert_int_equal(policy_nearest(denying, 1, &q).lack, LACKS_STATEMENT);
}

static void test_may(void **state)
{
    struct policy_case k = of_session();

    (void)state;
    make();
    assert_false(policy_decide_may(&k));
    k.identity = (struct policy_set){allowing, 1};
    assert_true(policy_decide_may(&k));
    k.boundary = denying[0];
    assert_false(policy_decide_may(&k));
    k.boundary = NULL;
    k.session = (struct policy_set){denying, 1};
    assert_false(policy_decide_may(&k));
    k.session.at = allowing;
    assert_true(policy_decide_may(&k));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_at_home), CASE(test_limits),
        CASE(test_abroad),  CASE(test_where_the_thing_must),
        CASE(test_trust),   CASE(test_not_principal),
        CASE(test_nearest), CASE(test_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
