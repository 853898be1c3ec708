/* people: users, keys and policies, and that a change holds on the next request. */
#include "nouns_kit.h"

#include "core/identity/account.h"
#include "core/record.h"
#include "support/each_fault.h"

#include <stdio.h>

static char key_id[32];

static const struct fault *make_user(const char *name)
{
    const struct user_in in = {.name = bytes_of(name)};
    struct user_item out;

    nouns.who = &nouns_local;
    return ask(&user_create, &in, &out);
}

static const struct fault *make_key(const char *user, struct access_key_create_out *out)
{
    const struct access_key_in in = {.user = bytes_of(user)};
    const struct fault *fault;

    nouns.who = &nouns_local;
    fault = ask(&access_key_create, &in, out);
    if (fault == OK)
        snprintf(key_id, sizeof key_id, "%.*s", (int)out->id.n, (const char *)out->id.at);
    return fault;
}

static const struct fault *write_policy(const char *user, const char *name, const char *document)
{
    const struct user_policy_in in = {
        .user = bytes_of(user), .name = bytes_of(name), .document = bytes_of(document)};
    struct nothing out;

    nouns.who = &nouns_local;
    return ask(&user_policy_put, &in, &out);
}

static const struct fault *key_call(const struct operation *operation, const char *user,
                                    const char *status)
{
    const struct access_key_in in = {
        .user = bytes_of(user), .id = bytes_of(key_id), .status = bytes_of(status)};
    struct nothing out;

    nouns.who = &nouns_local;
    return ask(operation, &in, &out);
}

/* What the key's owner hears when he lists secrets. */
static const struct fault *list_as_key(void)
{
    const struct secret_list_in in = {0};
    struct secret_list_out out;

    return ask_with_key(bytes_of(key_id), &secret_list, &in, &out);
}

#define MAY                                                                                        \
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"secretsmanager:ListSecrets\",\"Resource\":" \
    "\"*\"}}"

static void test_users(void **state)
{
    const struct user_in ci = {.name = LIT("ci")};
    const struct user_list_in all = {0}, one = {.page.max = {1, true}};
    struct user_item item;
    struct user_list_out list;
    struct nothing none;

    (void)state;
    assert_ok(make_user("ci"));
    assert_fault(make_user("ci"), USER_EXISTS);
    assert_fault(make_user("c i"), USER_NAME);
    assert_ok(make_user("deploy"));
    assert_ok(ask(&user_get, &ci, &item));
    assert_bytes(item.arn, LIT("arn:aws:iam::123456789012:user/ci"));
    assert_true(bytes_begins(item.id, LIT("AIDA")) && item.id.n == 21);
    assert_ok(ask(&user_list, &all, &list));
    assert_int_equal(list.users.n, 2);
    assert_null(list.more.next.at);
    assert_ok(ask(&user_list, &one, &list));
    assert_bytes(list.more.next, LIT("ci"));
    assert_ok(ask(&user_delete, &ci, &none));
    assert_fault(ask(&user_get, &ci, &item), USER_ABSENT);
}

static void test_keys(void **state)
{
    struct access_key_create_out key;
    const struct access_key_in in = {.user = LIT("ci")};
    const struct user_in ci = {.name = LIT("ci")};
    struct access_key_list_out list;
    struct nothing none;

    (void)state;
    assert_ok(make_user("ci"));
    assert_fault(make_key("nobody", &key), USER_ABSENT);
    assert_ok(make_key("ci", &key));
    assert_true(bytes_begins(key.id, LIT("AKIA")) && key.id.n == 20);
    assert_int_equal(sensitive_view(key.secret).n, 40);
    assert_ok(make_key("ci", &key));
    assert_fault(make_key("ci", &key), ACCESS_KEY_LIMIT);
    assert_ok(ask(&access_key_list, &in, &list));
    assert_int_equal(list.keys.n, 2);
    assert_bytes(list.keys.at[0].status, LIT("Active"));
    assert_fault(ask(&user_delete, &ci, &none), USER_BUSY);
    assert_fault(key_call(&access_key_update, "ci", "Off"), ACCESS_KEY_STATUS);
    assert_fault(key_call(&access_key_delete, "other", NULL), USER_ABSENT);
    assert_ok(key_call(&access_key_delete, "ci", NULL));
    assert_fault(key_call(&access_key_delete, "ci", NULL), ACCESS_KEY_ABSENT);
}

static void test_change_holds_at_once(void **state)
{
    struct access_key_create_out key;
    const struct user_policy_in gone = {.user = LIT("ci"), .name = LIT("may")};
    struct nothing none;

    (void)state;
    assert_ok(make_user("ci"));
    assert_ok(make_key("ci", &key));
    assert_fault(list_as_key(), DENIED);
    assert_ok(write_policy("ci", "may", MAY));
    assert_ok(list_as_key());
    assert_ok(list_as_key()); /* from the cache */
    assert_ok(key_call(&access_key_update, "ci", "Inactive"));
    assert_fault(list_as_key(), IDENTITY_UNKNOWN);
    assert_ok(key_call(&access_key_update, "ci", "Active"));
    assert_ok(list_as_key());
    nouns.who = &nouns_local;
    assert_ok(ask(&user_policy_delete, &gone, &none));
    assert_fault(list_as_key(), DENIED);
    assert_ok(key_call(&access_key_delete, "ci", NULL));
    assert_fault(list_as_key(), IDENTITY_UNKNOWN);
}

static void test_policies(void **state)
{
    const struct user_policy_in which = {.user = LIT("ci"), .name = LIT("may")},
                                other = {.user = LIT("ci"), .name = LIT("x")};
    struct user_policy_out out;
    struct user_policy_list_out list;

    (void)state;
    assert_ok(make_user("ci"));
    assert_fault(
        write_policy("ci", "may",
                     "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
                     "\"Condition\":{\"Bool\":{\"aws:NoSuchKey\":true}}}}"),
        POLICY_BEYOND);
    assert_true(nouns.last->detail.n != 0);
    assert_fault(write_policy("ci", "m y", MAY), USER_POLICY_NAME);
    assert_fault(write_policy("no", "may", MAY), USER_ABSENT);
    assert_ok(write_policy("ci", "may", MAY));
    assert_ok(write_policy("ci", "may", MAY));
    assert_ok(ask(&user_policy_get, &which, &out));
    assert_bytes(out.document, LIT(MAY));
    assert_fault(ask(&user_policy_get, &other, &out), USER_POLICY_ABSENT);
    assert_ok(ask(&user_policy_list, &which, &list));
    assert_int_equal(list.names.n, 1);
    for (int i = 0; i < 9; i++) {
        char name[8];

        snprintf(name, sizeof name, "p%d", i);
        assert_ok(write_policy("ci", name, MAY));
    }
    assert_fault(write_policy("ci", "eleven", MAY), USER_POLICY_LIMIT);
}

/* However long they are. */
static void test_ten_policies_are_kept(void **state)
{
    static char json[8192];
    struct access_key_create_out key;
    size_t n = (size_t)snprintf(json, sizeof json,
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
                                "\"secretsmanager:*\",\"Resource\":\"*\",\"Condition\":{"
                                "\"NotIpAddress\":{\"aws:SourceIp\":[\"10.0.0.1\"");

    (void)state;
    while (n < 6100)
        n += (size_t)snprintf(json + n, sizeof json - n, ",\"10.11.12.13\"");
    (void)snprintf(json + n, sizeof json - n, "]}}}}");
    assert_ok(make_user("ci"));
    assert_ok(make_key("ci", &key));
    for (int i = 0; i < 10; i++) {
        char name[8];

        snprintf(name, sizeof name, "p%d", i);
        assert_ok(write_policy("ci", name, json));
    }
    assert_ok(list_as_key());
}

static void test_made_anew_is_another(void **state)
{
    struct access_key_create_out key;
    const struct user_in ci = {.name = LIT("ci")};
    struct nothing none;

    (void)state;
    assert_ok(make_user("ci"));
    assert_ok(make_key("ci", &key));
    assert_fault(ask(&user_delete, &ci, &none), USER_BUSY);
    assert_fault(ask_with_key(LIT("AKIAIOSFODNN7EXAMPLE"), &secret_list, &none, &none),
                 IDENTITY_UNKNOWN);
    assert_fault(ask_with_key(LIT("a\0b"), &secret_list, &none, &none), IDENTITY_UNKNOWN);
    assert_fault(ask_with_key(LIT(""), &secret_list, &none, &none), IDENTITY_UNKNOWN);
}

/* --- root, and signing keys --- */

static fallible root_key(struct call *c, const void *in, void *out)
{
    (void)in;
    return identity_create_key(c, c->account, LIT(""), NULL, out);
}

static const struct operation make_root_key = {.name = "test.root_key",
                                               .action = "iam:X",
                                               .mode = OPERATION_WRITES,
                                               .in_size = sizeof(struct nothing),
                                               .out_size = sizeof(struct identity_new_key),
                                               .run = root_key};

static void make_root(void)
{
    struct identity_new_key key;
    struct nothing none = {0};

    nouns.who = &nouns_local;
    assert_ok(ask(&make_root_key, &none, &key));
    snprintf(key_id, sizeof key_id, "%.*s", (int)key.id.n, (const char *)key.id.at);
}

static struct call *as_root(void)
{
    struct call *c;

    nouns.who = NULL;
    c = nouns_begin();
    assert_ok(call_begin(c));
    assert_ok(identity_find(c, bytes_of(key_id)));
    return c;
}

static void test_root(void **state)
{
    const struct account_keys *keys;
    struct call *c;

    (void)state;
    make_root();
    assert_ok(list_as_key());
    c = as_root();
    assert_int_equal(c->who->type, PRINCIPAL_ROOT);
    assert_bytes(c->who->arn, LIT("arn:aws:iam::123456789012:root"));
    assert_bytes(c->credential, bytes_of(key_id));
    assert_ok(account_keys(c, &keys));
    assert_bytes(keys->values.is.account, LIT("123456789012"));
    c->who = NULL;
    assert_ok(identity_again(c));
    assert_non_null(c->who);
}

static const uint8_t *signing(struct call *c, const char *region)
{
    struct sensitive_view key;

    assert_ok(
        identity_signing_key(c, LIT("20260101"), bytes_of(region), LIT("secretsmanager"), &key));
    assert_int_equal(key.n, 32);
    return key.at;
}

static void test_signing_key_is_kept_once_vouched_for(void **state)
{
    struct call *c;
    const uint8_t *kept;
    uint8_t first[32];
    char region[16];

    (void)state;
    make_root();
    c = as_root();
    memcpy(first, signing(c, "eu-west-1"), 32);
    assert_ptr_not_equal(signing(c, "eu-west-1"),
                         signing(c, "eu-west-1")); /* derived again each time */
    identity_vouch(c, LIT("20260101"), LIT("eu-west-1"), LIT("secretsmanager"));
    kept = signing(c, "eu-west-1");
    assert_memory_equal(kept, first, 32);
    c = as_root();
    assert_ptr_equal(signing(c, "eu-west-1"), kept);
    for (int i = 0; i < 20; i++) { /* more scopes than are kept: the oldest goes */
        snprintf(region, sizeof region, "r-%d", i);
        signing(c, region);
        identity_vouch(c, LIT("20260101"), bytes_of(region), LIT("secretsmanager"));
        assert_ptr_equal(signing(c, region), signing(c, region));
    }
    assert_memory_equal(signing(c, "eu-west-1"), first, 32);
    assert_ptr_not_equal(signing(c, "eu-west-1"), signing(c, "eu-west-1"));
}

static void test_forgotten(void **state)
{
    struct call *c;
    const uint8_t *kept;

    (void)state;
    make_root();
    c = as_root();
    signing(c, "r");
    identity_vouch(c, LIT("20260101"), LIT("r"), LIT("secretsmanager"));
    kept = signing(c, "r");
    assert_ptr_equal(signing(c, "r"), kept);
    worker_forget(nouns.house.worker);
    c = as_root();
    assert_ptr_not_equal(signing(c, "r"), signing(c, "r"));
}

/* More principals than the cache holds. */
static void test_many(void **state)
{
    char ids[600][sizeof key_id], name[16];
    struct access_key_create_out key;
    const struct secret_list_in in = {0};
    struct secret_list_out out;

    (void)state;
    for (int i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "u%d", i);
        assert_ok(make_user(name));
        assert_ok(make_key(name, &key));
        snprintf(ids[i], sizeof ids[i], "%s", key_id);
    }
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 600; i++)
            assert_fault(ask_with_key(bytes_of(ids[i]), &secret_list, &in, &out), DENIED);
}

static bool try_key(void *ctx)
{
    struct access_key_create_out key;

    (void)ctx;
    return make_key("ci", &key) == OK;
}

/* A key that is told of is one that is found; and each of the user's is there. */
static void as_listed(void *ctx, bool succeeded)
{
    const struct access_key_in in = {.user = LIT("ci")};
    struct access_key_list_out list;

    (void)ctx;
    nouns.who = &nouns_local;
    assert_ok(ask(&access_key_list, &in, &list));
    assert_int_equal(list.keys.n, succeeded);
    if (!succeeded)
        return;
    assert_fault(list_as_key(), DENIED);
    assert_ok(key_call(&access_key_delete, "ci", NULL));
}

static void test_each_fault_of_a_key(void **state)
{
    (void)state;
    assert_ok(make_user("ci"));
    assert_true(each_fault("access_key.create", try_key, as_listed, NULL) > 5);
}

static bool try_find(void *ctx)
{
    (void)ctx;
    return list_as_key() == OK;
}

static void finds_again(void *ctx, bool succeeded)
{
    (void)ctx;
    (void)succeeded;
    assert_ok(list_as_key());
    worker_forget(nouns.house.worker);
}

static void test_each_fault_of_find(void **state)
{
    (void)state;
    make_root();
    assert_true(each_fault("identity.find", try_find, finds_again, NULL) > 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_users),
        CASE(test_keys),
        CASE(test_change_holds_at_once),
        CASE(test_policies),
        CASE(test_ten_policies_are_kept),
        CASE(test_made_anew_is_another),
        CASE(test_root),
        CASE(test_signing_key_is_kept_once_vouched_for),
        CASE(test_forgotten),
        CASE(test_many),
        CASE(test_each_fault_of_a_key),
        CASE(test_each_fault_of_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
