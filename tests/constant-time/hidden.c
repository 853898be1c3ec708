/* hidden: constant time on the whole road, under valgrind. Root key, access-key secrets, signing
 * keys and values count as undefined, so valgrind counts an error where a branch or an address
 * hangs on one; none may be counted but where a seal's verdict becomes known. What crypto/ does by
 * itself stands in tests/unit/crypto/hidden.c. Without valgrind: skipped. */
#include "nouns_kit.h"

#include "base/poison.h"
#include "codec/json_write.h"
#include "crypto/start.h"
#include "keeper/keeper.h"
#include "keeper/local.h"
#include "sigv4/sigv4.h"
#include "wire/aws/secretsmanager.h"
#include "wire/shape/shape.h"

#include <stdio.h>

#define TOKEN "11111111-1111-1111-1111-111111111111"

#if __has_include(<valgrind/memcheck.h>)
static unsigned long errors(void)
{
    return VALGRIND_COUNT_ERRORS;
}
#else
static unsigned long errors(void)
{
    return 0;
}
#endif

static struct sensitive *hidden_value(const char *text)
{
    struct sensitive *value = value_of(text);

    sensitive_conceal(sensitive_view(value));
    return value;
}

/* The control: without it, a count of none would say nothing. */
static void a_careless_compare_is_counted(void **state)
{
    const struct sensitive *value = hidden_value("hidden");
    const unsigned long before = errors();
    volatile int taken = 0;

    (void)state;
    if (bytes_same((struct bytes){sensitive_view(value).at, 6}, LIT("hidden")))
        taken = 1;
    assert_true(errors() > before);
    assert_int_equal(taken, 1);
}

/* --- who asks --- */

static const struct pair headers[] = {{LIT("Host"), LIT("localhost")},
                                      {LIT("X-Amz-Date"), LIT("20260101T000000Z")}};

static const struct fault *check_claim(struct arena *arena, struct bytes signature,
                                       struct sensitive_view key, struct sigv4 *state)
{
    const struct sigv4_request request = {LIT("POST"), LIT("/"), LIT(""), headers, 2};
    struct sigv4_claim claim;

    sigv4_read_header(LIT("AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/secretsmanager/"
                          "aws4_request, SignedHeaders=host;x-amz-date, Signature=0"),
                      headers, 2, &claim);
    claim.signature = signature;
    return sigv4_check(arena, &request, &claim, SIGV4_EMPTY_HASH, key, state);
}

static void signatures_are_checked_blindly(void **state)
{
    const struct sensitive *secret = hidden_value("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    struct arena *arena = arena_open(1 << 20);
    const unsigned long before = errors();
    uint8_t key[SIGV4_KEY], right[SIGV4_HASH];
    const struct sensitive_view view = {key, SIGV4_KEY};
    struct sigv4 at;

    (void)state;
    assert_ok(sigv4_derive(sensitive_view(secret), LIT("20260101"), LIT("eu-west-1"),
                           LIT("secretsmanager"), key));
    memset(right, '0', sizeof(right));
    assert_fault(check_claim(arena, (struct bytes){right, SIGV4_HASH}, view, &at), SIGV4_MISMATCH);
    memcpy(right, at.signature, SIGV4_HASH);
    sensitive_declassify(right, SIGV4_HASH); /* as a client sends it */
    assert_ok(check_claim(arena, (struct bytes){right, SIGV4_HASH}, view, &at));
    right[SIGV4_HASH - 1] ^= 1;
    assert_fault(check_claim(arena, (struct bytes){right, SIGV4_HASH}, view, &at), SIGV4_MISMATCH);
    assert_int_equal(errors(), before);
    arena_close(arena);
}

/* --- the keeper, under a root that nobody sees --- */

static void the_keeper_works_blindly(void **state)
{
    const struct keeper_root root = {
        .generation = 1, .key = sensitive_view(hidden_value("a root key of thirty-two letters"))};
    const struct key_identity values = {LIT("123456789012"), LIT("v"), 1, KEY_AES_256,
                                        KEY_FOR_VALUES};
    const struct key_identity signer = {LIT("123456789012"), LIT("AKIA"), 1, KEY_ACCESS_SECRET,
                                        KEY_FOR_SIGNATURES};
    const struct bytes scope[3] = {LIT("20260101"), LIT("eu-west-1"), LIT("secretsmanager")};
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    struct arena *arena = arena_open(1 << 20);
    const unsigned long before = errors();
    unsigned long opened = 0;
    struct wrapped key, secret;
    struct sealed_value sealed;
    struct sensitive *out;
    struct keeper *keeper;

    (void)state;
    assert_ok(keeper_local(&root, 1, &keeper));
    assert_ok(keeper_make(keeper, arena, &values, &key));
    assert_ok(keeper_admit(keeper, arena, &signer,
                           sensitive_view(hidden_value("access key's secret")), &secret));
    assert_int_equal(errors(), before);
    assert_ok(
        keeper_value_seal(keeper, arena, &key, place, sensitive_view(hidden_value("v")), &sealed));
    opened += 1; /* the key; after that it is kept open */
    assert_ok(keeper_value_open(keeper, arena, &key, place, &sealed, &out));
    opened += 2; /* the data key, the value */
    assert_ok(keeper_derive(keeper, arena, &secret, scope, &out));
    opened += 1;
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 0, LIT("123456789012"), &out));
    assert_true(errors() - before <= opened);
    keeper_close(keeper);
    arena_close(arena);
}

/* --- a value's way through the operations --- */

static const struct fault *put(const char *value)
{
    struct secret_put_out out;
    const struct secret_put_in in = {
        .id = LIT("a"), .token = LIT(TOKEN), .text = hidden_value(value)};

    return ask(&secret_put, &in, &out);
}

static void values_are_stored_and_compared_blindly(void **state)
{
    const struct secret_create_in in = {.name = LIT("a"),
                                        .token = LIT("22222222-2222-2222-2222-222222222222"),
                                        .binary = hidden_value("the first")};
    struct secret_create_out out;
    const unsigned long before = errors();

    (void)state;
    assert_ok(ask(&secret_create, &in, &out));
    assert_ok(put("one value"));
    assert_ok(put("one value")); /* the same again */
    assert_fault(put("two value"), SECRET_TOKEN_USED);
    assert_int_equal(errors(), before);
}

/* --- in and out of JSON --- */

static const struct route *route_named(struct bytes name)
{
    const struct route *route = aws_secretsmanager_routes;

    while (!bytes_same(bytes_of(route->name), name))
        route++;
    return route;
}

/* Reading branches by nature (quotes, escapes, base64), and declares what it read to be defined;
 * what judges it afterwards looks at its length alone. */
static void values_are_judged_blindly(void **state)
{
    const struct route *route = route_named(LIT("CreateSecret"));
    struct call *c = nouns_begin();
    struct secret_create_in *in = arena_new(c->arena, struct secret_create_in);
    const struct bytes body =
        LIT("{\"Name\":\"a\",\"SecretString\":\"h\\u00e4dden\",\"SecretBinary\":\"aGlkZGVu\"}");
    const unsigned long before = errors();

    (void)state;
    assert_ok(shape_read_json(c, route->in, ((struct raw){body.at, body.n}), in));
    sensitive_conceal(sensitive_view(in->text));
    sensitive_conceal(sensitive_view(in->binary));
    assert_ok(shape_judge(c, route->in, in));
    assert_int_equal(errors(), before);
}

static void values_are_written_by_one_declared_door(void **state)
{
    const unsigned long before = errors();
    struct arena *arena = arena_open(1 << 16);
    struct buf buf = buf_open(arena, 64);
    struct json_writer json = json_writer(&buf);
    struct bytes out;

    (void)state;
    json_put_array(&json);
    json_put_hidden(&json, sensitive_view(hidden_value("a \"quoted\" value")));
    json_put_base64_hidden(&json, sensitive_view(hidden_value("hidden")));
    json_put_array_end(&json);
    assert_ok(buf_done(&buf, &out));
    assert_bytes(out, LIT("[\"a \\\"quoted\\\" value\",\"aGlkZGVu\"]"));
    assert_int_equal(errors(), before);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_careless_compare_is_counted, nouns_up, nouns_down),
        cmocka_unit_test_setup_teardown(signatures_are_checked_blindly, nouns_up, nouns_down),
        cmocka_unit_test_setup_teardown(the_keeper_works_blindly, nouns_up, nouns_down),
        cmocka_unit_test_setup_teardown(values_are_stored_and_compared_blindly, nouns_up,
                                        nouns_down),
        cmocka_unit_test_setup_teardown(values_are_judged_blindly, nouns_up, nouns_down),
        cmocka_unit_test_setup_teardown(values_are_written_by_one_declared_door, nouns_up,
                                        nouns_down),
    };

    if (!POISON_VALGRIND) {
        puts("not under valgrind: skipped");
        return 77;
    }
    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
