/* The reader takes what RFC 8259 says and nothing else. */
#include "support/test.h"

#include "codec/json.h"

#include <stdlib.h>

static fallible whole(struct bytes text)
{
    struct json json = json_open(text);

    TRY(json_skip(&json, NULL));
    return json_end(&json);
}

static void test_accepted(void **state)
{
    static const char *const rows[] = {
        "0",
        "-0",
        "1.5e+10",
        "-12E-3",
        "null",
        "true",
        " false ",
        "\"\"",
        "[]",
        "{}",
        "[1,2]",
        "\t[ 1 , {} ]\r\n",
        "{\"a\":{\"b\":[null]},\"a\":1}",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\xF0\x9F\x98\x80\x7F\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (whole(bytes_of(rows[i])) != OK)
            fail_msg("refused: %s", rows[i]);
}

static void test_refused(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+-1",
        "0x1",
        "NaN",
        "nul",
        "nullx",
        "True",
        "1 2",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1]",
        "[1}",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "\"\n\"",
        "\"\x80\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"",
        "\xEF\xBB\xBF{}",
        "//\n1",
        "'a'",
        "{\"a\" 1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (whole(bytes_of(rows[i])) != JSON_MALFORMED)
            fail_msg("not refused: %s", rows[i]);
    assert_fault(whole(LIT("1\0")), JSON_MALFORMED);
    assert_fault(whole(LIT("\"\0\"")), JSON_MALFORMED);
    assert_fault(whole((struct bytes){0}), JSON_MALFORMED);
}

/* Every truncation of a right text is refused, and nothing behind it is read. */
static void test_truncated(void **state)
{
    const struct bytes text = LIT("{\"a\":[1,true,\"\\u00e9\\ud83d\\ude00\xC3\xA9\"],\"b\":{}}");

    (void)state;
    assert_ok(whole(text));
    for (size_t n = 0; n < text.n; n++) {
        uint8_t *copy = malloc(n + 1);

        assert_non_null(copy);
        memcpy(copy, text.at, n);
        assert_fault(whole((struct bytes){copy, n}), JSON_MALFORMED);
        free(copy);
    }
}

static void test_depth(void **state)
{
    uint8_t text[2 * JSON_DEEPEST + 2];

    (void)state;
    memset(text, '[', JSON_DEEPEST);
    memset(text + JSON_DEEPEST, ']', JSON_DEEPEST);
    assert_ok(whole((struct bytes){text, (size_t)2 * JSON_DEEPEST}));
    memset(text, '[', JSON_DEEPEST + 1);
    assert_fault(whole((struct bytes){text, JSON_DEEPEST + 1}), JSON_DEEP);
    assert_fault(whole((struct bytes){text, JSON_DEEPEST}), JSON_MALFORMED);
}

static void test_pulled(void **state)
{
    const struct bytes text =
        LIT("{\"Secret\\u0049d\":\"a\\tb\",\"n\":-7,\"x\":[{\"y\":[1]},2],\"last\":[1,2]}");
    struct json json = json_open(text);
    struct json_text name;
    struct json_value value;
    struct bytes skipped;
    uint8_t to[8];
    int64_t number;
    bool there;

    (void)state;
    assert_ok(json_value(&json, &value));
    assert_int_equal(value.kind, JSON_IS_OBJECT);
    assert_ok(json_member(&json, &name, &there));
    assert_true(there && name.escaped);
    assert_true(json_text_is(name, LIT("SecretId")));
    assert_false(json_text_is(name, LIT("SecretI")));
    assert_false(json_text_is(name, LIT("SecretIds")));
    assert_ok(json_value(&json, &value));
    assert_int_equal(json_unescaped_size(value.text), 3);
    json_unescape(value.text, to);
    assert_memory_equal(to, "a\tb", 3);
    assert_ok(json_member(&json, &name, &there));
    assert_ok(json_value(&json, &value));
    assert_ok(json_int(value.number, &number));
    assert_int_equal(number, -7);
    assert_ok(json_member(&json, &name, &there));
    assert_ok(json_skip(&json, &skipped));
    assert_bytes(skipped, LIT("[{\"y\":[1]},2]"));
    assert_ok(json_member(&json, &name, &there));
    assert_ok(json_value(&json, &value));
    assert_ok(json_element(&json, &there));
    assert_ok(json_value(&json, &value));
    value.kind = JSON_IS_ARRAY; /* what is left of the array, one element in */
    assert_ok(json_pass(&json, &value));
    assert_ok(json_member(&json, &name, &there));
    assert_false(there);
    assert_ok(json_end(&json));
}

static void test_asked_for_the_wrong_thing(void **state)
{
    struct json json = json_open(LIT("[1]"));
    struct json_text name;
    struct json_value value;
    bool there;

    (void)state;
    assert_fault(json_element(&json, &there), JSON_MALFORMED);
    assert_ok(json_value(&json, &value));
    assert_fault(json_member(&json, &name, &there), JSON_MALFORMED);
    assert_fault(json_end(&json), JSON_MALFORMED);
}

static void test_unescaped_in_place(void **state)
{
    uint8_t text[] = "\"\\u0000\\u00e9\\u20ac\\ud83d\\ude00\\/\xC3\xA9\"";
    struct json json = json_open((struct bytes){text, sizeof(text) - 1});
    struct json_value value;
    size_t n;

    (void)state;
    assert_ok(json_value(&json, &value));
    n = json_unescaped_size(value.text);
    json_unescape(value.text, text + 1);
    assert_bytes(((struct bytes){text + 1, n}),
                 LIT("\0\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/\xC3\xA9"));
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"1523477145.713", 1523477145713},
                {"1.523477145713E9", 1523477145713},
                {"-1.5", -1500},
                {"0.0019", 1},
                {"0e999999999", 0},
                {"1e-9", 0},
                {"12345e-5", 123},
                {"9223372036854775.807", INT64_MAX}};
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(json_ms(bytes_of(rows[i].text), &value));
        assert_int_equal(value, rows[i].ms);
    }
    assert_fault(json_ms(LIT("1e400"), &value), JSON_NUMBER);
    assert_fault(json_ms(LIT("1e99999999999999999999"), &value), JSON_NUMBER);
    assert_fault(json_ms(LIT("9223372036854775.808"), &value), JSON_NUMBER);
    assert_fault(json_int(LIT("1.0"), &value), JSON_NUMBER);
    assert_fault(json_int(LIT("9223372036854775808"), &value), JSON_NUMBER);
    assert_ok(json_int(LIT("-9223372036854775808"), &value));
    assert_int_equal(value, INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_pulled),
        cmocka_unit_test(test_asked_for_the_wrong_thing),
        cmocka_unit_test(test_unescaped_in_place),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
