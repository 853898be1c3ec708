/* authorise: who may what, and what a refusal says. And the counting of those at the door. */
#include "core/authorise.h"

#include "core/audit/tally.h"
#include "core/identity/identity.h"
#include "core/resource.h"
#include "house_kit.h"
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

#define HERE  LIT("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf")
#define OTHER LIT("arn:aws:secretsmanager:eu-west-1:999999999999:secret:a-AbCdEf")

static const struct policy *policy_of(const char *json)
{
    const struct policy *policy;

    assert_ok(policy_load(arena, bytes_of(json), &policy));
    return policy;
}

static struct call *call_of(const struct principal *who)
{
    struct call *c = arena_new(arena, struct call);

    assert_non_null(c);
    c->arena = arena;
    c->who = who;
    c->account = LIT("123456789012");
    return c;
}

static const struct fault *asks(const struct principal *who, const char *action, struct bytes arn,
                                struct bytes *said)
{
    struct call *c = call_of(who);
    const struct resource resource = {.arn = arn, .asked = LIT("a")};
    struct decision d;
    const struct fault *fault = authorise(c, action, &resource, &d);

    assert_int_equal(d.allowed, fault == OK);
    if (said != NULL)
        *said = c->detail;
    return fault;
}

static struct principal user_with(const struct policy *const *policies, const struct bytes *names,
                                  size_t n)
{
    struct principal user = kit_user;

    user.policies = policies;
    user.policy_names = names;
    user.policy_count = n;
    return user;
}

static const char allow[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"S1\",\"Effect\":\"Allow\","
    "\"Action\":\"secretsmanager:*\",\"Resource\":\"*\"}]}";
static const char deny[] = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\","
                           "\"Action\":\"secretsmanager:DeleteSecret\",\"Resource\":\"*\"}]}";

static void test_root(void **state)
{
    struct bytes said;

    (void)state;
    assert_ok(asks(&kit_root, "secretsmanager:GetSecretValue", HERE, NULL));
    assert_ok(asks(&kit_root, "secretsmanager:ListSecrets", LIT(""), NULL));
    assert_fault(asks(&kit_root, "secretsmanager:GetSecretValue", OTHER, &said), DENIED);
    assert_true(bytes_ends(said, LIT(" on resource: a because no resource-based policy allows the "
                                     "secretsmanager:GetSecretValue action")));
    assert_fault(asks(&kit_stranger, "secretsmanager:GetSecretValue", HERE, NULL), DENIED);
    assert_fault(asks(&kit_stranger, "secretsmanager:GetSecretValue", OTHER, NULL), DENIED);
}

static void test_user(void **state)
{
    const struct policy *const both[] = {policy_of(allow), policy_of(deny)};
    const struct bytes names[] = {LIT("most"), LIT("but")};
    const struct principal plain = user_with(NULL, NULL, 0), one = user_with(both, names, 1),
                           two = user_with(both, names, 2);
    struct bytes said;

    (void)state;
    assert_fault(asks(&plain, "secretsmanager:DeleteSecret", HERE, &said), DENIED);
    assert_bytes(said, LIT("User: arn:aws:iam::123456789012:user/ci is not authorized to perform: "
                           "secretsmanager:DeleteSecret on "
                           "resource: a because no identity-based policy allows the "
                           "secretsmanager:DeleteSecret action"));
    assert_ok(asks(&one, "secretsmanager:DeleteSecret", HERE, NULL));
    assert_fault(asks(&one, "secretsmanager:DeleteSecret", OTHER, &said), DENIED);
    assert_true(bytes_ends(said, LIT(" because no resource-based policy allows the "
                                     "secretsmanager:DeleteSecret action")));
    assert_fault(asks(&plain, "secretsmanager:DeleteSecret", OTHER, &said), DENIED);
    assert_true(bytes_ends(said, LIT(" because no identity-based policy allows the "
                                     "secretsmanager:DeleteSecret action")));
    assert_ok(asks(&two, "secretsmanager:GetSecretValue", HERE, NULL));
    assert_fault(asks(&two, "secretsmanager:DeleteSecret", HERE, &said), DENIED);
    assert_bytes(said, LIT("User: arn:aws:iam::123456789012:user/ci is not authorized to perform: "
                           "secretsmanager:DeleteSecret on "
                           "resource: a with an explicit deny in an identity-based policy"));
}

/* Whatever exists, the sentence is the same: it is made from what was asked. */
static void test_a_thing_s_own_policy(void **state)
{
    const struct policy *const both[] = {policy_of(allow)};
    const struct bytes names[] = {LIT("most")};
    const struct principal plain = user_with(NULL, NULL, 0), one = user_with(both, names, 1);
    struct resource resource = {.arn = HERE, .asked = LIT("a"), .policy = policy_of(deny)};
    struct decision d;
    struct bytes absent;
    struct call *c = call_of(&plain);

    (void)state;
    (void)!asks(&plain, "secretsmanager:DeleteSecret", HERE, &absent);
    assert_fault(authorise(c, "secretsmanager:DeleteSecret", &resource, &d), DENIED);
    assert_bytes(c->detail, absent);
    assert_false(d.allowed);
    assert_bytes(d.kind, LIT("resource-based policy")); /* the journal knows what decided */
    c = call_of(&one);
    assert_fault(authorise(c, "secretsmanager:DeleteSecret", &resource, &d), DENIED);
    assert_true(bytes_ends(c->detail, LIT(" with an explicit deny in a resource-based policy")));
    assert_ok(authorise(call_of(&one), "secretsmanager:GetSecretValue", &resource, &d));
    assert_bytes(d.kind, LIT("identity-based policy"));
    assert_bytes(d.policy, LIT("most"));
    assert_bytes(d.statement, LIT("S1"));
    resource.policy = policy_of(allow);
    assert_ok(authorise(call_of(&plain), "secretsmanager:GetSecretValue", &resource, &d));
    assert_bytes(d.kind, LIT("resource-based policy"));
    assert_bytes(d.policy, LIT("default"));
    assert_bytes(d.statement, LIT("S1"));
    /* from another account, when both sides allow it */
    assert_ok(authorise(call_of(&kit_stranger), "secretsmanager:GetSecretValue", &resource, &d));
    resource.policy = policy_of(deny);
    assert_fault(authorise(call_of(&kit_stranger), "secretsmanager:GetSecretValue", &resource, &d),
                 DENIED);
    assert_int_equal(d.kind.n, 0);
}

static void test_local(void **state)
{
    const struct principal local = {.type = PRINCIPAL_LOCAL, .arn = LIT("arn:coffer:local::uid/0")};

    (void)state;
    assert_ok(asks(&local, "iam:CreateUser", LIT("arn:aws:iam::123456789012:user/x"), NULL));
    assert_ok(asks(&local, "coffer:ReadJournal", LIT(""), NULL));
    assert_fault(asks(&local, "secretsmanager:GetSecretValue", HERE, NULL), DENIED);
    assert_fault(asks(&local, "iamx:CreateUser", LIT(""), NULL), DENIED);
}

static void test_nobody(void **state)
{
    (void)state;
    assert_fault(asks(NULL, "iam:CreateUser", HERE, NULL), DENIED);
}

/* --- the door --- */

static void test_door(void **state)
{
    const int64_t minute = 60000, t = 1000 * minute;
    struct tally_sum sum;
    struct tally *door;
    char address[16];
    size_t singly = 0;
    uint64_t counted = 0;

    (void)state;
    assert_ok(tally_open(&door));
    for (int i = 0; i < 25; i++)
        singly += tally_admit(door, LIT("10.0.0.1"), DENIED, t);
    assert_int_equal(singly, TALLY_SINGLY);
    assert_true(tally_admit(door, LIT("10.0.0.2"), DENIED, t));
    assert_true(tally_admit(door, LIT("10.0.0.1"), TOY_ABSENT, t)); /* another reason */
    assert_false(tally_next_sum(door, t, &sum));                    /* the minute is not over */
    assert_true(tally_next_sum(door, t + minute, &sum));
    assert_int_equal(sum.count, 15);
    assert_bytes(sum.key, LIT("10.0.0.1"));
    assert_ptr_equal(sum.reason, DENIED);
    assert_false(tally_next_sum(door, t + minute, &sum));
    assert_true(tally_admit(door, LIT("10.0.0.1"), DENIED, t + minute));

    /* Very many addresses: bounded, and none is lost. */
    singly = 0;
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(address, sizeof address, "%d", i);
        singly += tally_admit(door, bytes_of(address), DENIED, t + 5 * minute);
    }
    assert_true(singly <= 1024 + TALLY_SINGLY);
    while (tally_next_sum(door, t + 6 * minute, &sum))
        counted += sum.count;
    assert_int_equal(singly + counted, 100000);
    tally_close(door);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_root),  CASE(test_user),   CASE(test_a_thing_s_own_policy),
        CASE(test_local), CASE(test_nobody), CASE(test_door),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
