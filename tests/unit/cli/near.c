/* Which words are near one another. */
#include "support/test.h"

#include "cli/near.h"

static unsigned between(const char *typed, const char *known)
{
    return near_distance(bytes_of(typed), bytes_of(known));
}

static void test_slips_are_near(void **state)
{
    (void)state;
    assert_int_equal(between("list", "list"), 0);
    assert_int_equal(between("lst", "list"), 1);
    assert_int_equal(between("lits", "list"), 1);
    assert_int_equal(between("llist", "list"), 1);
    assert_int_equal(between("lizt", "list"), 1);
    assert_int_equal(between("descirbe", "describe"), 1);
    assert_int_equal(between("dscirbe", "describe"), 2);
    assert_int_equal(between("serve", "server"), 1);
    assert_int_equal(between("comp", "completion"), 1); /* which it begins */
}

static void test_other_words_are_not(void **state)
{
    uint8_t long_one[NEAR_LONGEST + 1];

    (void)state;
    memset(long_one, 'a', sizeof long_one);
    assert_int_equal(between("get", "put"), NEAR_NONE);
    assert_int_equal(between("frobnicate", "label"), NEAR_NONE);
    assert_int_equal(between("", "put"), NEAR_NONE);
    assert_int_equal(between("c", "completion"), NEAR_NONE);
    assert_int_equal(near_distance((struct bytes){long_one, sizeof long_one}, LIT("a")), NEAR_NONE);
    assert_int_equal(near_distance((struct bytes){long_one, NEAR_LONGEST},
                                   (struct bytes){long_one, NEAR_LONGEST - 1}),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips_are_near),
        cmocka_unit_test(test_other_words_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
