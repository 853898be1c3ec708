/* UTF-8, numbers, hex and base64: what is taken, what is not. */
#include "support/test.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/text.h"

/* A slow reading of RFC 3629, to hold the fast one against. */
static bool slow_utf8(const uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n;) {
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        size_t length = at[i] < 0x80       ? 1
                        : at[i] >> 5 == 6  ? 2
                        : at[i] >> 4 == 14 ? 3
                        : at[i] >> 3 == 30 ? 4
                                           : 0;
        uint32_t c = length == 1 ? at[i] : at[i] & (0x7FU >> length);

        if (length == 0 || n - i < length)
            return false;
        for (size_t k = 1; k < length; k++) {
            if (at[i + k] >> 6 != 2)
                return false;
            c = c << 6 | (at[i + k] & 63);
        }
        if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
            return false;
        i += length;
    }
    return true;
}

static void test_utf8_against_the_slow_way(void **state)
{
    static const uint8_t edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                    0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                    0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    const size_t n = sizeof(edges);

    (void)state;
    for (size_t i = 0; i < n * n * n * n; i++) {
        const uint8_t text[] = {edges[i % n], edges[i / n % n], edges[i / n / n % n],
                                edges[i / n / n / n]};

        for (size_t length = 1; length <= 4; length++)
            assert_int_equal(text_utf8((struct bytes){text, length}), slow_utf8(text, length));
    }
    assert_true(text_utf8(LIT("a long text, \xC3\xA9, and some more of it \xE2\x82\xAC")));
    assert_false(text_utf8(LIT("a long text, \xC3\xA9, and some more of it \xE2\x82")));
    assert_true(text_utf8((struct bytes){0}));
    assert_int_equal(text_characters(LIT("\xC3\xA9\xE2\x82\xAC!")), 3);
}

static void test_shown_is_no_control(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        const uint8_t one = (uint8_t)c, two[] = {0xC2, (uint8_t)c};
        const bool follows = c >= 0x80 && c < 0xC0;

        assert_int_equal(text_shown_step((struct bytes){&one, 1}), c >= 0x20 && c < 0x7F);
        assert_int_equal(text_shown_step((struct bytes){two, 2}), follows && c >= 0xA0 ? 2 : 0);
    }
    assert_int_equal(text_shown_step(LIT("\xE2\x82\xAC")), 3);
    assert_int_equal(text_shown_step(LIT("")), 0);
}

static void test_plain_stops_where_it_must(void **state)
{
    uint8_t text[41];

    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t n = 0; n <= sizeof(text); n++)
            for (size_t at = 0; at < n; at++) {
                bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

                memset(text, '#', sizeof(text)); /* beside the quote: a borrow would show */
                text[at] = (uint8_t)c;
                assert_int_equal(text_plain((struct bytes){text, n}), plain ? n : at);
            }
}

static void test_numbers(void **state)
{
    static const char *const bad[] = {
        "", "-", "+1", " 1", "1 ", "1a", "9223372036854775808", "-9223372036854775809", "--1"};
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(text_int(bytes_of(bad[i]), &value));
    assert_true(text_int(LIT("007"), &value) && value == 7);
    assert_true(text_int(LIT("9223372036854775807"), &value) && value == INT64_MAX);
    assert_true(text_int(LIT("-9223372036854775808"), &value) && value == INT64_MIN);
}

static void test_caseless_and_trim(void **state)
{
    (void)state;
    assert_true(text_same_caseless(LIT("X-Amz-Date"), LIT("x-aMZ-date")));
    assert_false(text_same_caseless(LIT("a@"), LIT("a`")));
    assert_false(text_same_caseless(LIT("a"), LIT("ab")));
    assert_bytes(text_trim(LIT(" \ta b\t ")), LIT("a b"));
    assert_int_equal(text_trim(LIT(" \t ")).n, 0);
}

static void test_hex(void **state)
{
    uint8_t text[512], all[256], back[256];

    (void)state;
    for (size_t i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    hex_encode((struct bytes){all, 256}, text);
    assert_memory_equal(text, "000102", 6);
    assert_memory_equal(text + 2 * 0x9A, "9a9b9c9d9e9fa0", 14);
    assert_memory_equal(text + 510, "ff", 2);
    assert_true(hex_decode((struct bytes){text, 512}, back));
    assert_memory_equal(all, back, 256);
    assert_true(hex_decode(LIT("aAfF"), back));
    assert_false(hex_decode(LIT("a"), back));
    assert_false(hex_decode(LIT("0g"), back));
    assert_false(
        hex_decode(LIT("0\x10"), back)); /* would be a digit if case were folded carelessly */
}

static void test_base64(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"\xfb\xff\xfe", "+//+"}};
    static const char *const bad[] = {"Z",        "Zg",   "Zg=",  "Zh==",   "Zm9=", "Z===", "====",
                                      "Zg==Zg==", "Zm9-", "Zm 9", "Zm9v\n", "=m9v", "Z=9v", "Zm=v"};
    uint8_t text[16], back[16];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes plain = bytes_of(rows[i][0]), coded = bytes_of(rows[i][1]);

        assert_int_equal(base64_size(plain.n), coded.n);
        base64_encode(plain, text);
        assert_bytes(((struct bytes){text, coded.n}), coded);
        assert_true(base64_room(coded.n) >= plain.n);
        assert_ok(base64_decode((struct bytes){text, coded.n}, text, &n)); /* in place */
        assert_bytes(((struct bytes){text, n}), plain);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_fault(base64_decode(bytes_of(bad[i]), back, &n), BASE64_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_against_the_slow_way),
        cmocka_unit_test(test_shown_is_no_control),
        cmocka_unit_test(test_plain_stops_where_it_must),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_caseless_and_trim),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_base64),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
