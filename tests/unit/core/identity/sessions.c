/* sessions: whose they are is found through the cache, and what ends them ends them on the next
 * request. */
#include "nouns_kit.h"

#include "core/identity/account.h"
#include "core/worker.h"
#include "support/each_fault.h"

#include <stdio.h>

static char key_id[32], session_id[32], token[1024];

static struct bytes kept(char *to, size_t room, struct bytes text)
{
    snprintf(to, room, "%.*s", (int)text.n, (const char *)text.at);
    return bytes_of(to);
}

static void make_ann(void)
{
    const struct user_in user = {.name = LIT("ann")};
    const struct access_key_in in = {.user = LIT("ann")};
    struct access_key_create_out key;
    struct user_item item;

    nouns.who = &nouns_local;
    assert_ok(ask(&user_create, &user, &item));
    assert_ok(ask(&access_key_create, &in, &key));
    kept(key_id, sizeof key_id, key.id);
}

static const struct fault *get_session(int64_t seconds)
{
    const struct session_get_in in = {.seconds = {seconds, true}};
    struct session_credentials out = {0};
    const struct fault *fault = ask_with_key(bytes_of(key_id), &session_get, &in, &out);

    if (fault != OK)
        return fault;
    assert_int_equal(out.expires.ms, nouns.now + seconds * 1000);
    assert_int_equal(sensitive_view(out.secret).n, 40);
    kept(session_id, sizeof session_id, out.id);
    kept(token, sizeof token, sensitive_reveal(out.token));
    return OK;
}

static struct call *coming(const char *id, const char *with)
{
    struct call *c;

    nouns.who = NULL;
    c = nouns_begin();
    assert_ok(call_begin(c));
    c->credential = bytes_of(id);
    c->token = bytes_of(with);
    return c;
}

static const struct fault *come(const char *id, const char *with)
{
    struct call *c = coming(id, with);

    return identity_find(c, c->credential);
}

static int up(void **state)
{
    const int failed = nouns_up(state);

    if (failed == 0) {
        make_ann();
        assert_ok(get_session(900));
    }
    return failed;
}

static void test_a_session_is_its_user(void **state)
{
    const struct principal *who;
    struct call *c;

    (void)state;
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    who = c->who;
    assert_int_equal(who->type, PRINCIPAL_USER);
    assert_bytes(who->arn, LIT("arn:aws:iam::123456789012:user/ann"));
    assert_bytes(who->access_key_id, bytes_of(session_id));
    assert_int_equal(who->issued, nouns.now);
    assert_int_equal(who->expires, nouns.now + 900000);
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    assert_ptr_equal(c->who, who); /* not opened again */
    c->who = NULL;
    assert_ok(identity_again(c));
    assert_ptr_equal(c->who, who);
}

static void test_another_token_is_nobody_and_takes_no_place(void **state)
{
    const struct principal *who;
    struct call *c;

    (void)state;
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    who = c->who;
    assert_fault(come(session_id, ""), IDENTITY_UNKNOWN);
    assert_fault(come(session_id, "AAAA"), IDENTITY_UNKNOWN);
    assert_fault(come(session_id, "no base64!"), IDENTITY_UNKNOWN);
    assert_fault(come(key_id, token), IDENTITY_UNKNOWN);
    assert_fault(come("ASIAAAAAAAAAAAAAAAAA", token), IDENTITY_UNKNOWN);
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    assert_ptr_equal(c->who, who);
}

static void test_it_ends_in_time(void **state)
{
    struct call *c;

    (void)state;
    nouns.now += 900000 - 1;
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    assert_ok(identity_live(c));
    c->now++;
    assert_fault(identity_live(c), SESSION_EXPIRED);
}

static void test_it_ends_with_its_key(void **state)
{
    const struct access_key_in off = {
        .user = LIT("ann"), .id = bytes_of(key_id), .status = LIT("Inactive")};
    const struct access_key_in on = {
        .user = LIT("ann"), .id = bytes_of(key_id), .status = LIT("Active")};
    struct nothing none;

    (void)state;
    assert_ok(come(session_id, token));
    nouns.who = &nouns_local;
    assert_ok(ask(&access_key_update, &off, &none));
    assert_fault(come(session_id, token), IDENTITY_UNKNOWN);
    nouns.who = &nouns_local;
    assert_ok(ask(&access_key_update, &on, &none));
    assert_ok(come(session_id, token));
    nouns.who = &nouns_local;
    assert_ok(ask(&access_key_delete, &off, &none));
    assert_fault(come(session_id, token), IDENTITY_UNKNOWN);
}

static void revoke(struct session_revoke_in in)
{
    struct nothing none;

    nouns.who = &nouns_local;
    assert_ok(ask(&session_revoke, &in, &none));
}

static void test_revoked_ones_end_and_new_ones_begin(void **state)
{
    (void)state;
    assert_ok(come(session_id, token));
    revoke((struct session_revoke_in){.user = LIT("ann")});
    assert_fault(come(session_id, token), IDENTITY_UNKNOWN);
    nouns.now++;
    assert_ok(get_session(900));
    assert_ok(come(session_id, token));
    revoke((struct session_revoke_in){.all = {true, true}});
    assert_fault(come(session_id, token), IDENTITY_UNKNOWN);
    assert_ok(come(key_id, ""));
    nouns.now++;
    assert_ok(get_session(900));
    assert_ok(come(session_id, token));
}

static void test_it_leaves_no_trace_in_the_store(void **state)
{
    static const char tables[] = "AGuil";
    size_t before[sizeof tables];
    struct sensitive_view key;
    struct call *c;

    (void)state;
    for (size_t i = 0; tables[i] != '\0'; i++)
        before[i] = nouns_records(tables[i]);
    assert_ok(get_session(900));
    c = coming(session_id, token);
    assert_ok(identity_find(c, c->credential));
    assert_ok(identity_signing_key(c, LIT("20260101"), LIT("r"), LIT("sts"), &key));
    identity_vouch(c, LIT("20260101"), LIT("r"), LIT("sts"));
    nouns_end(); /* a worker ticks between its calls */
    worker_tick(nouns.house.worker, nouns.now + 60000);
    for (size_t i = 0; tables[i] != '\0'; i++)
        assert_int_equal(nouns_records(tables[i]), before[i]);
}

static void test_what_only_the_key_may_ask(void **state)
{
    struct call *c = coming(session_id, token);

    (void)state;
    assert_ok(identity_find(c, c->credential));
    assert_false(identity_may_ask(c->who, "iam:CreateUser"));
    assert_false(identity_may_ask(c->who, "sts:GetFederationToken"));
    assert_true(identity_may_ask(c->who, "secretsmanager:GetSecretValue"));
    c = coming(key_id, "");
    assert_ok(identity_find(c, c->credential));
    assert_true(identity_may_ask(c->who, "iam:CreateUser"));
}

static bool try_come(void *ctx)
{
    struct call *c;

    (void)ctx;
    nouns.who = NULL;
    c = nouns_begin();
    c->token = bytes_of(token);
    return call_begin(c) == OK && identity_find(c, bytes_of(session_id)) == OK;
}

static void comes_again(void *ctx, bool succeeded)
{
    (void)ctx;
    (void)succeeded;
    assert_ok(come(session_id, token));
    worker_forget(nouns.house.worker);
}

static void test_each_fault_of_find(void **state)
{
    (void)state;
    assert_true(each_fault("identity.find of a session", try_come, comes_again, NULL) > 5);
}

static bool try_get(void *ctx)
{
    (void)ctx;
    return get_session(900) == OK;
}

static void fits(void *ctx, bool succeeded)
{
    (void)ctx;
    if (succeeded)
        assert_ok(come(session_id, token));
}

static void test_each_fault_of_get(void **state)
{
    (void)state;
    assert_true(each_fault("session.get", try_get, fits, NULL) > 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_session_is_its_user),
        CASE(test_another_token_is_nobody_and_takes_no_place),
        CASE(test_it_ends_in_time),
        CASE(test_it_ends_with_its_key),
        CASE(test_revoked_ones_end_and_new_ones_begin),
        CASE(test_it_leaves_no_trace_in_the_store),
        CASE(test_what_only_the_key_may_ask),
        CASE(test_each_fault_of_find),
        CASE(test_each_fault_of_get),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
