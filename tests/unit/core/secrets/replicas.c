/* replicas: what cannot be seen in one request and its reply: a fault half way, whose secret may be
 * overwritten, how many regions there may be, which versions and which policy go along, and that
 * what is sealed for one region opens in no other. */
#include "nouns_kit.h"

#include "core/authorise.h"
#include "core/policy/policy.h"
#include "core/record.h"
#include "support/each_fault.h"

#include <stdio.h>

#define V1 "11111111-1111-1111-1111-111111111111"
#define V2 "22222222-2222-2222-2222-222222222222"
#define V3 "33333333-3333-3333-3333-333333333333"
#define V4 "44444444-4444-4444-4444-444444444444"

static const struct bytes home = {(const uint8_t *)"eu-west-1", 9},
                          abroad = {(const uint8_t *)"us-east-1", 9};

static const struct fault *ask_in(struct bytes region, const struct operation *operation,
                                  const void *in, void *out)
{
    struct call *c = nouns_begin();
    const struct fault *fault;

    c->region = region;
    fault = call_begin(c);
    return fault == OK ? kit_perform(c, operation, in, out) : fault;
}

static const struct fault *create(struct bytes region, const char *value)
{
    struct secret_create_out out;
    const struct secret_create_in in = {
        .name = LIT("s"), .token = LIT(V1), .text = value_of(value)};

    return ask_in(region, &secret_create, &in, &out);
}

static const struct fault *put(const char *token, const char *value)
{
    struct secret_put_out out;
    const struct secret_put_in in = {
        .id = LIT("s"), .token = bytes_of(token), .text = value_of(value)};

    return ask_in(home, &secret_put, &in, &out);
}

static struct secret_replicate_out stands;

static const struct fault *replicate(struct bytes region, bool force)
{
    const struct pair regions[] = {{.name = region}};
    const struct secret_replicate_in in = {
        .id = LIT("s"), .regions = {regions, 1}, .force = {.said = true, .value = force}};

    return ask_in(home, &secret_replicate, &in, &stands);
}

static struct secret_read_out got;

static const struct fault *fetch(struct bytes region, const char *version)
{
    const struct secret_read_in in = {.id = LIT("s"), .version = bytes_of(version)};

    return ask_in(region, &secret_read, &in, &got);
}

/* --- which versions --- */

static void test_unlabelled_versions_stay_behind(void **state)
{
    (void)state;
    assert_ok(create(home, "one"));
    assert_ok(put(V2, "two"));
    assert_ok(put(V3, "three"));
    assert_ok(replicate(abroad, false));
    assert_ok(fetch(home, V1));
    assert_fault(fetch(abroad, V1), SECRET_VERSION_ABSENT);
    assert_ok(fetch(abroad, V2));
    assert_value(got.text, "two");
    assert_int_equal(nouns_records('v'), 3); /* the current ones are carried in the records */
}

/* One that is copied stays when it loses its last label, and goes when the primary's goes. */
static void test_versions_go_with_the_primary(void **state)
{
    (void)state;
    nouns.house.house.versions_kept = 3;
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_ok(put(V2, "two"));
    assert_ok(put(V3, "three"));
    assert_ok(fetch(abroad, V1));
    assert_value(got.text, "one");
    assert_ok(put(V4, "four"));
    assert_fault(fetch(home, V1), SECRET_VERSION_ABSENT);
    assert_fault(fetch(abroad, V1), SECRET_VERSION_ABSENT);
    assert_int_equal(nouns_records('v'), 4);
}

/* --- how many --- */

static void test_both_sides_of_sixteen(void **state)
{
    char name[16];

    (void)state;
    assert_ok(create(home, "one"));
    for (int i = 0; i < 16; i++) {
        snprintf(name, sizeof name, "us-east-%d", 10 + i);
        assert_ok(replicate(bytes_of(name), false));
    }
    assert_int_equal(stands.replication.n, 16);
    assert_fault(replicate(LIT("us-east-9"), false), SECRET_REPLICAS_FULL);
    assert_ok(put(V2, "two"));
    assert_ok(fetch(LIT("us-east-25"), V2));
    assert_value(got.text, "two");
}

/* --- whose name it is --- */

static struct bytes key_of(const char *document)
{
    static char id[64];
    const struct user_in made = {.name = LIT("u")};
    const struct user_policy_in policy = {
        .user = LIT("u"), .name = LIT("p"), .document = bytes_of(document)};
    const struct access_key_in key = {.user = LIT("u")};
    struct access_key_create_out out;
    struct user_item user;
    struct nothing none;

    nouns.who = &nouns_local;
    assert_ok(ask(&user_create, &made, &user));
    assert_ok(ask(&user_policy_put, &policy, &none));
    assert_ok(ask(&access_key_create, &key, &out));
    nouns.who = &kit_root;
    snprintf(id, sizeof id, "%.*s", (int)out.id.n, (const char *)out.id.at);
    return bytes_of(id);
}

static void test_who_overwrites_may_delete(void **state)
{
    const struct pair regions[] = {{.name = abroad}};
    const struct secret_replicate_in in = {
        .id = LIT("s"), .regions = {regions, 1}, .force = {.said = true, .value = true}};
    struct bytes id;

    (void)state;
    assert_ok(create(home, "mine"));
    assert_ok(create(abroad, "another's"));
    id = key_of("{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
                "\"secretsmanager:Replicate*\",\"Resource\":\"*\"}}");
    assert_fault(ask_with_key(id, &secret_replicate, &in, &stands), DENIED);
    assert_ok(fetch(abroad, V1));
    assert_value(got.text, "another's");
    assert_ok(replicate(abroad, true));
    assert_ok(fetch(abroad, V1));
    assert_value(got.text, "mine");
}

static void test_a_replicated_name_is_not_overwritten(void **state)
{
    (void)state;
    assert_ok(create(abroad, "another's"));
    {
        const struct pair regions[] = {{.name = LIT("ap-south-1")}};
        const struct secret_replicate_in in = {.id = LIT("s"), .regions = {regions, 1}};

        assert_ok(ask_in(abroad, &secret_replicate, &in, &stands));
    }
    assert_ok(create(home, "mine"));
    assert_ok(replicate(abroad, true));
    assert_bytes(stands.replication.at[0].status, LIT("Failed"));
    assert_ok(replicate(LIT("ap-south-1"), true));
    assert_bytes(stands.replication.at[1].status, LIT("Failed"));
    assert_ok(fetch(abroad, V1));
    assert_value(got.text, "another's");
    assert_ok(fetch(LIT("ap-south-1"), V1));
    assert_value(got.text, "another's");
}

/* Its window has ended only if the clock is right: while it is in doubt nothing is destroyed but by
 * who may. */
static void test_what_waits_to_be_purged_is_not_overwritten(void **state)
{
    const struct secret_delete_in away = {.id = LIT("s"), .window_days = {7, true}};
    const struct secret_restore_in back = {.id = LIT("s")};
    const int64_t week_more = INT64_C(8) * 24 * 60 * 60 * 1000;
    struct secret_delete_out gone;
    struct secret_restore_out restored;

    (void)state;
    assert_ok(create(home, "mine"));
    assert_ok(create(abroad, "another's"));
    assert_ok(ask_in(abroad, &secret_delete, &away, &gone));
    nouns.now += week_more;
    assert_fault(fetch(abroad, V1), SECRET_ABSENT);
    assert_ok(replicate(abroad, false));
    assert_bytes(stands.replication.at[0].status, LIT("Failed"));
    nouns.now -= week_more;
    assert_ok(ask_in(abroad, &secret_restore, &back, &restored));
    assert_ok(fetch(abroad, V1));
    assert_value(got.text, "another's");
}

/* --- the resource policy --- */

#define TO_READ "\"Action\":\"secretsmanager:GetSecretValue\""
#define AT_HOME "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-??????"
#define THERE   "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-??????"
#define EVERYTHING                                                                                 \
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"secretsmanager:" \
    "*\",\"Resource\":\"*\"}}"
#define NOTHING                                                                             \
    "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:*\"," \
    "\"Resource\":\"*\"}}"

static const struct fault *put_policy(struct bytes region, const char *effect, const char *resource)
{
    char document[512];
    const struct secret_policy_put_in in = {.id = LIT("s"), .document = {(uint8_t *)document, 0}};
    struct secret_policy_put_in whole = in;
    struct secret_policy_out out;

    whole.document.n = (size_t)snprintf(
        document, sizeof document,
        "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"%s\",\"Principal\":{\"AWS\":"
        "\"arn:aws:iam::123456789012:user/u\"}," TO_READ ",\"Resource\":\"%s\"}}",
        effect, resource);
    return ask_in(region, &secret_policy_put, &whole, &out);
}

static const struct fault *drop_policy(struct bytes region)
{
    const struct secret_policy_in in = {.id = LIT("s")};
    struct secret_policy_out out;

    return ask_in(region, &secret_policy_delete, &in, &out);
}

static const struct fault *promote(void)
{
    const struct secret_promote_in in = {LIT("s")};
    struct secret_promote_out out;

    return ask_in(abroad, &secret_promote, &in, &out);
}

static struct principal reader;
static char reader_id[32];

/* The user u, who may do everything, or nothing, of himself. */
static void make_reader(const char *may)
{
    static const struct policy *policies[1];
    static const struct bytes names[1] = {{(const uint8_t *)"p", 1}};
    const struct user_in in = {.name = LIT("u")};
    struct user_item made;
    struct bytes reason;

    nouns.who = &nouns_local;
    assert_ok(ask(&user_create, &in, &made));
    nouns.who = &kit_root;
    snprintf(reader_id, sizeof reader_id, "%.*s", (int)made.id.n, (const char *)made.id.at);
    assert_ok(policy_compile(nouns.values, bytes_of(may), &policies[0], &reason));
    reader = (struct principal){.type = PRINCIPAL_USER,
                                .id = bytes_of(reader_id),
                                .account = LIT("123456789012"),
                                .arn = LIT("arn:aws:iam::123456789012:user/u"),
                                .policies = policies,
                                .policy_names = names,
                                .policy_count = 1,
                                .generation = 1};
}

static const struct fault *reads(struct bytes region)
{
    const struct fault *fault;

    nouns.who = &reader;
    fault = fetch(region, "");
    nouns.who = &kit_root;
    return fault;
}

static void test_a_deny_holds_in_each_region(void **state)
{
    (void)state;
    make_reader(EVERYTHING);
    assert_ok(create(home, "one"));
    assert_ok(put_policy(home, "Deny", "*"));
    assert_ok(replicate(abroad, false));
    assert_fault(reads(home), DENIED);
    assert_fault(reads(abroad), DENIED);
    assert_ok(put_policy(home, "Allow", "*"));
    assert_ok(reads(abroad));
    assert_ok(put_policy(home, "Deny", "*")); /* the clock stands still */
    assert_fault(reads(abroad), DENIED);
    assert_ok(replicate(LIT("ap-south-1"), false));
    assert_fault(reads(LIT("ap-south-1")), DENIED);
    assert_ok(drop_policy(home));
    assert_ok(reads(home));
    assert_ok(reads(abroad));
    assert_int_equal(nouns_records(TABLE_POLICY), 0);
}

/* Written for the primary's ARN, it keeps out everywhere, and lets in where it says. */
static void test_an_arn_of_the_primary(void **state)
{
    (void)state;
    make_reader(EVERYTHING);
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_ok(put_policy(home, "Deny", AT_HOME));
    assert_fault(reads(home), DENIED);
    assert_fault(reads(abroad), DENIED);
    assert_ok(put_policy(home, "Deny", THERE));
    assert_ok(reads(home));
    assert_fault(reads(abroad), DENIED);
}

static void test_an_allow_names_what_is_asked_for(void **state)
{
    (void)state;
    make_reader(NOTHING);
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_ok(put_policy(home, "Allow", AT_HOME));
    assert_ok(reads(home));
    assert_fault(reads(abroad), DENIED);
    assert_ok(put_policy(home, "Allow", "*"));
    assert_ok(reads(abroad));
    assert_int_equal(nouns_records(TABLE_INVITED), 2);
}

static void test_a_promoted_one_keeps_its_policy(void **state)
{
    (void)state;
    make_reader(EVERYTHING);
    assert_ok(create(home, "one"));
    assert_ok(put_policy(home, "Deny", AT_HOME));
    assert_ok(replicate(abroad, false));
    assert_fault(put_policy(abroad, "Allow", "*"), SECRET_REPLICA);
    assert_fault(drop_policy(abroad), SECRET_REPLICA);
    assert_ok(promote());
    assert_ok(drop_policy(home));
    assert_ok(reads(home));
    assert_fault(reads(abroad), DENIED);
    assert_ok(put_policy(abroad, "Deny", AT_HOME)); /* its own now, which does not speak of it */
    assert_ok(reads(abroad));
    assert_ok(drop_policy(abroad));
    assert_int_equal(nouns_records(TABLE_POLICY), 0);
}

static void test_no_policy_outlives_its_replica(void **state)
{
    const struct bytes regions[] = {abroad};
    const struct secret_unreplicate_in away = {.id = LIT("s"), .regions = {regions, 1}};

    (void)state;
    make_reader(NOTHING);
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_ok(put_policy(home, "Allow", "*"));
    assert_int_equal(nouns_records(TABLE_POLICY), 4);
    assert_ok(ask_in(home, &secret_unreplicate, &away, &stands));
    assert_int_equal(nouns_records(TABLE_POLICY), 2);
    assert_int_equal(nouns_records(TABLE_INVITED), 1);
}

/* --- what is sealed for one region --- */

static void move_record(struct bytes from, struct bytes to)
{
    struct call *c = nouns_begin();
    const struct bytes at_home[] = {c->account, from, LIT("s")};
    const struct bytes there[] = {c->account, to, LIT("s")};
    struct bytes key, other, stored;
    struct batch batch = {0}, *const group[] = {&batch};

    assert_ok(call_begin(c));
    assert_ok(record_key(c->arena, TABLE_SECRET, at_home, 3, &key));
    assert_ok(record_key(c->arena, TABLE_SECRET, there, 3, &other));
    assert_ok(txn_get(c->txn, key, &stored));
    assert_ok(txn_put(c->txn, other, stored));
    assert_ok(txn_pack(c->txn, &batch));
    call_end(c);
    assert_ok(store_commit(nouns.house.house.store, group, 1, 0));
}

static void test_a_record_opens_in_its_region_alone(void **state)
{
    (void)state;
    assert_ok(create(home, "mine"));
    assert_ok(replicate(abroad, false));
    move_record(home, abroad);
    assert_fault(fetch(abroad, V1), RECORD_DAMAGED);
    assert_ok(fetch(home, V1));
}

/* --- faults half way --- */

static bool try_replicate(void *ctx)
{
    (void)ctx;
    return replicate(abroad, false) == OK;
}

/* Both know of it, or neither does. */
static void both_or_neither(void *ctx, bool succeeded)
{
    const struct secret_describe_in in = {LIT("s")};
    const struct bytes regions[] = {abroad};
    const struct secret_unreplicate_in away = {.id = LIT("s"), .regions = {regions, 1}};
    struct secret_item item;
    bool known;

    (void)ctx;
    assert_ok(ask_in(home, &secret_describe, &in, &item));
    known = item.replication.n == 1;
    assert_true(known || !succeeded);
    assert_fault(fetch(abroad, V1), known ? OK : SECRET_ABSENT);
    assert_ok(ask_in(home, &secret_unreplicate, &away, &stands));
    assert_int_equal(nouns_records('s'), 1);
}

static void test_each_fault_of_replicate(void **state)
{
    (void)state;
    assert_ok(create(home, "one"));
    assert_true(each_fault("secret.replicate", try_replicate, both_or_neither, NULL) > 5);
}

static bool try_put(void *ctx)
{
    (void)ctx;
    return put(V2, "two") == OK;
}

static void same_in_both(void *ctx, bool succeeded)
{
    const struct secret_stage_in back = {
        .id = LIT("s"), .stage = LIT("AWSCURRENT"), .remove_from = LIT(V2), .move_to = LIT(V1)};
    struct secret_stage_out out;
    bool there;

    (void)ctx;
    there = fetch(home, V2) == OK;
    assert_true(there || !succeeded);
    assert_fault(fetch(abroad, V2), there ? OK : SECRET_VERSION_ABSENT);
    if (there && !succeeded)
        assert_ok(ask_in(home, &secret_stage, &back, &out));
}

static void test_each_fault_of_put(void **state)
{
    (void)state;
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_true(each_fault("secret.put", try_put, same_in_both, NULL) > 5);
}

static bool try_policy(void *ctx)
{
    (void)ctx;
    return put_policy(home, "Deny", "*") == OK;
}

static void denied_in_both(void *ctx, bool succeeded)
{
    const struct fault *there = reads(abroad);

    (void)ctx;
    assert_true(!succeeded || there == DENIED);
    assert_fault(reads(home), there);
    assert_ok(drop_policy(home));
    assert_ok(reads(abroad));
}

static void test_each_fault_of_a_policy(void **state)
{
    (void)state;
    make_reader(EVERYTHING);
    assert_ok(create(home, "one"));
    assert_ok(replicate(abroad, false));
    assert_true(each_fault("secret.policy_put", try_policy, denied_in_both, NULL) > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unlabelled_versions_stay_behind),
        TEST(test_versions_go_with_the_primary),
        TEST(test_both_sides_of_sixteen),
        TEST(test_who_overwrites_may_delete),
        TEST(test_a_replicated_name_is_not_overwritten),
        TEST(test_what_waits_to_be_purged_is_not_overwritten),
        TEST(test_a_deny_holds_in_each_region),
        TEST(test_an_arn_of_the_primary),
        TEST(test_an_allow_names_what_is_asked_for),
        TEST(test_a_promoted_one_keeps_its_policy),
        TEST(test_no_policy_outlives_its_replica),
        TEST(test_a_record_opens_in_its_region_alone),
        TEST(test_each_fault_of_replicate),
        TEST(test_each_fault_of_put),
        TEST(test_each_fault_of_a_policy),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
