/* thing: the policy of a thing: whom it speaks of, its packed form, and that nothing of a Principal
 * passes unjudged. */
#include "core/policy/policy.h"
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

#define ARN "arn:aws:secretsmanager:eu-west-1:1:secret:a-AbCdEf"

/* "ann" is 1.ann, "1" is the account; nobody else is known. */
static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    ++*(int *)ctx;
    assert_true(raw.n >= named.n);
    if (bytes_same(named, LIT("ann")))
        *id = LIT("1.ann");
    else if (bytes_same(named, LIT("bob")))
        *id = LIT("1.bob");
    else if (bytes_same(named, LIT("1")))
        *id = LIT("1");
    else
        return POLICY_PRINCIPAL;
    return OK;
}

static int asked_about;
static const struct policy_whom whom = {id_of, &asked_about};

static const struct fault *compile(const char *json, const struct policy **policy)
{
    struct bytes reason;

    return policy_compile_of_thing(arena, bytes_of(json), &whom, policy, &reason);
}

static const char *of(const char *effect, const char *principal)
{
    static char json[1024];

    snprintf(json, sizeof json,
             "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"%s\",\"Principal\":%s,"
             "\"Action\":\"a:*\",\"Resource\":\"*\"}}",
             effect, principal);
    return json;
}

static enum verdict says(const struct policy *policy, const char *id)
{
    const struct question q = {
        .id = bytes_of(id), .account = LIT("1"), .action = LIT("a:B"), .resource = LIT(ARN)};

    return policy_judge(&policy, 1, &q, NULL);
}

/* As it was compiled, and as it comes back packed. */
static enum verdict judged(const char *json, const char *id)
{
    const struct policy *policy, *again;
    struct bytes packed;
    enum verdict verdict;

    assert_ok(compile(json, &policy));
    assert_ok(policy_pack(arena, policy, &packed));
    assert_ok(policy_unpack(arena, packed, &again));
    verdict = says(policy, id);
    assert_int_equal(says(again, id), verdict);
    return verdict;
}

static void test_whom_it_speaks_of(void **state)
{
    (void)state;
    assert_int_equal(judged(of("Allow", "\"*\""), "1.ann"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Allow", "{\"AWS\":\"*\"}"), "1.ann"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Allow", "{\"AWS\":\"ann\"}"), "1.ann"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Allow", "{\"AWS\":\"ann\"}"), "1.bob"), VERDICT_SILENT);
    assert_int_equal(judged(of("Allow", "{\"AWS\":[\"bob\",\"ann\"]}"), "1.ann"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Allow", "{\"AWS\":[\"bob\",\"*\"]}"), "1.ann"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Deny", "{\"AWS\":\"ann\"}"), "1.ann"), VERDICT_DENY);
    assert_int_equal(judged(of("Deny", "{\"AWS\":\"ann\"}"), "1.bob"), VERDICT_SILENT);
}

/* Allowed, an account is its root; denied, it is everybody in it. */
static void test_an_account(void **state)
{
    (void)state;
    assert_int_equal(judged(of("Allow", "{\"AWS\":\"1\"}"), "1"), VERDICT_ALLOW);
    assert_int_equal(judged(of("Allow", "{\"AWS\":\"1\"}"), "1.ann"), VERDICT_SILENT);
    assert_int_equal(judged(of("Deny", "{\"AWS\":\"1\"}"), "1"), VERDICT_DENY);
    assert_int_equal(judged(of("Deny", "{\"AWS\":\"1\"}"), "1.ann"), VERDICT_DENY);
}

static void test_refused_principals(void **state)
{
    static const struct {
        const char *principal;
        const struct fault *fault;
    } cases[] = {
        {"\"ann\"", POLICY_MALFORMED},
        {"[\"*\"]", POLICY_MALFORMED},
        {"null", POLICY_MALFORMED},
        {"{}", POLICY_MALFORMED},
        {"{\"AWS\":[]}", POLICY_MALFORMED},
        {"{\"AWS\":[\"ann\",1]}", POLICY_MALFORMED},
        {"{\"AWS\":{\"ann\":1}}", POLICY_MALFORMED},
        {"{\"AWS\":\"ann\",\"AWS\":\"bob\"}", POLICY_MALFORMED},
        {"{\"aws\":\"ann\"}", POLICY_MALFORMED},
        {"{\"AWS\":\"ann\",\"Other\":\"x\"}", POLICY_MALFORMED},
        {"\"*\",\"Principal\":\"*\"", POLICY_MALFORMED},
        {"\"*\",\"Principal\":{\"AWS\":\"ann\"}", POLICY_MALFORMED},
        {"{\"AWS\":\"eve\"}", POLICY_PRINCIPAL},
        {"{\"AWS\":\"a*\"}", POLICY_PRINCIPAL},
        {"{\"AWS\":[\"ann\",\"eve\"]}", POLICY_PRINCIPAL},
        {"{\"Federated\":\"ann\"}", POLICY_PRINCIPAL},
        {"{\"CanonicalUser\":\"ann\"}", POLICY_PRINCIPAL},
        {"{\"Service\":\"lambda.amazonaws.com\"}", POLICY_SERVICE},
        {"{\"AWS\":\"ann\",\"Service\":\"lambda.amazonaws.com\"}", POLICY_SERVICE},
        {"\"*\",\"NotPrincipal\":{\"AWS\":\"ann\"}", POLICY_MALFORMED},
        {"\"*\",\"Condition\":{\"Bool\":{\"aws:NoSuchKey\":true}}", POLICY_BEYOND},
    };
    const struct policy *policy;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fault(compile(of("Allow", cases[i].principal), &policy), cases[i].fault);
        assert_fault(compile(of("Deny", cases[i].principal), &policy), cases[i].fault);
    }
    assert_fault(compile("{\"Statement\":{\"Effect\":\"Allow\",\"NotPrincipal\":\"*\","
                         "\"Action\":\"*\",\"Resource\":\"*\"}}",
                         &policy),
                 POLICY_MALFORMED);
    assert_fault(
        compile("{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}",
                &policy),
        POLICY_MALFORMED);
}

/* Each name is asked about once, where it stands. */
static void test_names_are_asked_about(void **state)
{
    const struct policy *policy;
    const struct bytes *ids;
    size_t n;

    (void)state;
    asked_about = 0;
    assert_ok(
        compile("{\"Statement\":["
                "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"ann\",\"\\u0062ob\",\"ann\"]},"
                "\"Action\":\"*\",\"Resource\":\"*\"},"
                "{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"1\"},\"Action\":\"*\","
                "\"Resource\":\"*\"}]}",
                &policy));
    assert_int_equal(asked_about, 4);
    assert_false(policy_is_public(policy));
    assert_ok(policy_invited(arena, policy, &ids, &n));
    assert_int_equal(n, 2); /* each once; whom it denies is not invited */
    assert_bytes(ids[0], LIT("1.ann"));
    assert_bytes(ids[1], LIT("1.bob"));
    assert_ok(compile(of("Allow", "{\"AWS\":[\"ann\",\"*\"]}"), &policy));
    assert_true(policy_is_public(policy));
    assert_ok(policy_invited(arena, policy, &ids, &n));
    assert_int_equal(n, 1);
    assert_bytes(ids[0], LIT("*"));
    assert_ok(compile(of("Deny", "\"*\""), &policy));
    assert_false(policy_is_public(policy));
}

/* Whatever is not a packed policy to the last byte denies everything, to everybody. */
static void test_a_damaged_pack_denies(void **state)
{
    const struct policy *policy, *found;
    uint8_t altered[512];
    struct bytes packed;

    (void)state;
    assert_ok(compile(of("Allow", "{\"AWS\":\"ann\"}"), &policy));
    assert_ok(policy_pack(arena, policy, &packed));
    assert_true(packed.n + 1 < sizeof altered);
    for (size_t n = 0; n <= packed.n + 1; n++) {
        if (n == packed.n)
            continue;
        memset(altered, 0, sizeof altered);
        memcpy(altered, packed.at, n < packed.n ? n : packed.n);
        assert_ok(policy_unpack(arena, (struct bytes){altered, n}, &found));
        assert_int_equal(says(found, "1.ann"), VERDICT_DENY);
        assert_int_equal(says(found, "1.eve"), VERDICT_DENY);
    }
    /* Another form, another length of a statement, a bit that is not ours. */
    static const struct {
        size_t at;
        uint8_t is;
    } bytes[] = {{0, 0x84}, {1, 0x03}, {1, 0x01}, {2, 0x02}, {3, 0x80}, {4, 0x87}, {7, 0x10}};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        memcpy(altered, packed.at, packed.n);
        altered[bytes[i].at] = bytes[i].is;
        assert_ok(policy_unpack(arena, (struct bytes){altered, packed.n}, &found));
        assert_int_equal(says(found, "1.eve"), VERDICT_DENY);
    }
    /* a bit that nobody knows takes two bytes */
    memcpy(altered, packed.at, 7);
    memcpy(altered + 7, "\x18\x20", 2);
    memcpy(altered + 9, packed.at + 8, packed.n - 8);
    assert_ok(policy_unpack(arena, (struct bytes){altered, packed.n + 1}, &found));
    assert_int_equal(says(found, "1.eve"), VERDICT_DENY);
}

static void test_length(void **state)
{
    static char json[POLICY_THING_CHARACTERS + 2];
    const struct policy *policy;
    const char *small = of("Allow", "\"*\"");

    (void)state;
    memset(json, ' ', sizeof json - 1); /* blanks are counted */
    memcpy(json, small, strlen(small));
    assert_fault(compile(json, &policy), POLICY_MALFORMED);
    json[POLICY_THING_CHARACTERS] = '\0';
    assert_ok(compile(json, &policy));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_whom_it_speaks_of),     CASE(test_an_account),
        CASE(test_refused_principals),    CASE(test_names_are_asked_about),
        CASE(test_a_damaged_pack_denies), CASE(test_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
