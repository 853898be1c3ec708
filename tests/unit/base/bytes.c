/* Slices compare, cut and take without reading past their end. */
#include "support/test.h"

static void test_readers_leave_rest_alone_on_failure(void **state)
{
    struct bytes rest = LIT("ab=cd"), head;
    uint32_t value;

    (void)state;
    assert_false(bytes_take(&rest, 6, &head));
    assert_int_equal(rest.n, 5);
    assert_false(bytes_cut(&rest, '&', &head));
    assert_true(bytes_cut(&rest, '=', &head));
    assert_bytes(head, LIT("ab"));
    assert_bytes(rest, LIT("cd"));
    assert_false(bytes_take_u32(&rest, &value));
    assert_int_equal(rest.n, 2);
}

static void test_comparing(void **state)
{
    (void)state;
    assert_true(bytes_same(LIT("a"), LIT("a")));
    assert_false(bytes_same(LIT("a"), LIT("ab")));
    assert_true(bytes_same_hidden(LIT("abc"), LIT("abc")));
    assert_false(bytes_same_hidden(LIT("abc"), LIT("abd")));
    assert_true(bytes_order(LIT("a"), LIT("ab")) < 0);
    assert_true(bytes_order(LIT("b"), LIT("ab")) > 0);
    assert_true(bytes_begins(LIT("abc"), LIT("ab")));
    assert_true(bytes_ends(LIT("abc"), LIT("bc")));
    assert_false(bytes_ends(LIT("c"), LIT("bc")));
}

static void test_comparing_hidden_sees_each_byte(void **state)
{
    uint8_t one[33], other[33];

    (void)state;
    for (size_t i = 0; i < sizeof one; i++)
        one[i] = other[i] = (uint8_t)(3 * i);
    for (size_t n = 0; n <= sizeof one; n++) {
        const struct bytes a = {one, n}, b = {other, n};

        assert_true(bytes_same_hidden(a, b));
        for (size_t i = 0; i < n; i++) {
            other[i] ^= 0x80;
            assert_false(bytes_same_hidden(a, b));
            other[i] ^= 0x80;
        }
    }
    assert_false(bytes_same_hidden((struct bytes){one, 8}, (struct bytes){one, 9}));
}

/* Of texts that differ in one byte or in their length, in the low bits too: tables use those. */
static void test_hash_tells_apart(void **state)
{
    const uint8_t zeros[24] = {0};
    uint8_t text[24];
    size_t met = 0;
    bool seen[4096] = {false};

    (void)state;
    for (size_t n = 0; n < sizeof(zeros); n++)
        for (size_t m = 0; m < n; m++)
            assert_true(bytes_hash((struct bytes){zeros, n}, 0) !=
                        bytes_hash((struct bytes){zeros, m}, 0));
    for (size_t at = 0; at < sizeof(text); at++)
        for (unsigned c = 'a'; c <= 'p'; c++) {
            memset(text, 'A', sizeof(text));
            text[at] = (uint8_t)c;
            met += seen[bytes_hash((struct bytes){text, sizeof(text)}, 1) % 4096];
            seen[bytes_hash((struct bytes){text, sizeof(text)}, 1) % 4096] = true;
        }
    assert_true(met < 40); /* 384 into 4096: some 18 meet by chance */
    assert_true(bytes_hash(LIT("a"), 1) != bytes_hash(LIT("a"), 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_leave_rest_alone_on_failure),
        cmocka_unit_test(test_comparing),
        cmocka_unit_test(test_comparing_hidden_sees_each_byte),
        cmocka_unit_test(test_hash_tells_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
