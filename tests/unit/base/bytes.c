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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_leave_rest_alone_on_failure),
        cmocka_unit_test(test_comparing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
