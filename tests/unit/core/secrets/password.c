/* password: each character as likely as any other, each kind that is asked for, none that is
 * excluded. */
#include "crypto/random.h"
#include "nouns_kit.h"
#include "support/each_fault.h"

static struct password_out out;

static const struct fault *make(struct password_in in)
{
    return ask(&password_make, &in, &out);
}

static const char *password(size_t *n)
{
    const struct sensitive_view view = sensitive_view(out.password);

    *n = view.n;
    return (const char *)view.at;
}

static size_t count(const char *set)
{
    size_t n, found = 0;
    const char *at = password(&n);

    for (size_t i = 0; i < n; i++)
        found += strchr(set, at[i]) != NULL;
    return found;
}

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define SIGNS  "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

static const struct maybe_bool yes = {true, true}, no = {false, true};

static void test_as_usual(void **state)
{
    size_t n;

    (void)state;
    for (int i = 0; i < 200; i++) {
        assert_ok(make((struct password_in){0}));
        (void)password(&n);
        assert_int_equal(n, 32);
        assert_true(count(UPPER) > 0 && count(LOWER) > 0 && count(DIGITS) > 0 && count(SIGNS) > 0);
        assert_int_equal(count(UPPER LOWER DIGITS SIGNS), 32);
    }
}

static void test_lengths(void **state)
{
    size_t n;

    (void)state;
    assert_ok(make((struct password_in){.length = {4096, true}}));
    (void)password(&n);
    assert_int_equal(n, 4096);
    for (int i = 0; i < 200; i++) {
        assert_ok(make((struct password_in){.length = {4, true}}));
        assert_true(count(UPPER) == 1 && count(LOWER) == 1 && count(DIGITS) == 1);
    }
    assert_fault(make((struct password_in){.length = {3, true}}), PASSWORD_SHORT);
    assert_ok(make((struct password_in){.length = {3, true}, .no_numbers = yes}));
    assert_ok(make((struct password_in){.length = {1, true}, .each_kind = no}));
    assert_fault(make((struct password_in){.length = {4097, true}}), PASSWORD_SHORT);
    assert_fault(make((struct password_in){.length = {-1, true}}), PASSWORD_SHORT);
    assert_fault(make((struct password_in){.length = {0, true}, .each_kind = no}), PASSWORD_SHORT);
}

static void test_what_is_left_out(void **state)
{
    (void)state;
    assert_ok(make((struct password_in){.length = {400, true},
                                        .exclude = LIT(UPPER),
                                        .no_uppercase = yes,
                                        .no_lowercase = yes,
                                        .no_numbers = yes,
                                        .no_punctuation = no,
                                        .space = yes}));
    assert_int_equal(count(SIGNS " "), 400);
    assert_true(count(" ") > 0 && count(SIGNS) > 0);
    assert_ok(make((struct password_in){
        .length = {400, true}, .exclude = LIT("aeiou\xc3\xa9" DIGITS SIGNS), .each_kind = no}));
    assert_int_equal(count("bcdfghjklmnpqrstvwxyz" UPPER), 400);
}

static void test_nothing_left(void **state)
{
    const struct password_in none = {
        .no_uppercase = yes, .no_lowercase = yes, .no_numbers = yes, .no_punctuation = yes};
    struct password_in spaces = none;

    (void)state;
    assert_fault(make(none), PASSWORD_EMPTY);
    spaces.space = yes;
    assert_ok(make(spaces));
    assert_int_equal(count(" "), 32);
    spaces.exclude = LIT(" ");
    assert_fault(make(spaces), PASSWORD_EMPTY);
    assert_fault(make((struct password_in){.exclude = LIT(DIGITS)}), PASSWORD_KIND_EMPTY);
    assert_ok(make((struct password_in){.exclude = LIT(DIGITS), .each_kind = no}));
    assert_ok(make((struct password_in){.exclude = LIT(DIGITS), .no_numbers = yes}));
    assert_fault(
        make((struct password_in){.exclude = LIT(UPPER LOWER DIGITS SIGNS), .each_kind = no}),
        PASSWORD_EMPTY);
}

/* 0, 1, ... 255, 0, ...: each byte as often as any other, so each character as often, but for the
 * bytes that are too many. */
static uint8_t next;
static void in_turn(uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = next++;
}

static void test_what_would_favour_some_is_thrown_away(void **state)
{
    (void)state;
    random_set(in_turn);
    assert_ok(make((struct password_in){
        .length = {500, true}, .no_uppercase = yes, .no_lowercase = yes, .no_punctuation = yes}));
    random_set(NULL);
    for (const char *c = DIGITS; *c != '\0'; c++)
        assert_int_equal(count((const char[]){*c, '\0'}), 50);
}

static bool try_make(void *ctx)
{
    (void)ctx;
    return make((struct password_in){0}) == OK;
}

static void look(void *ctx, bool succeeded)
{
    (void)ctx;
    if (succeeded)
        assert_int_equal(count(UPPER LOWER DIGITS SIGNS), 32);
}

static void test_each_fault(void **state)
{
    (void)state;
    assert_true(each_fault("password.make", try_make, look, NULL) > 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_as_usual),         CASE(test_lengths),
        CASE(test_what_is_left_out), CASE(test_nothing_left),
        CASE(test_each_fault),       CASE(test_what_would_favour_some_is_thrown_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
