/* The AWS config and credentials files, also odd ones. */
#include "support/test.h"

#include "cli/ini.h"

#define NOTHING ((struct bytes){0})

static const struct bytes file = LIT("above = all\n"
                                     "# [one]\n"
                                     "[one]\n"
                                     "region = us-east-1  \n"
                                     "empty =\n"
                                     "; region = no\r\n"
                                     "url=https://a=b\r\n"
                                     "nested =\n"
                                     "  region = below\n"
                                     "\tdeeper=1\n"
                                     "region\n"
                                     "[profile  two words ]\n"
                                     "region = two\n"
                                     "[ profile \"three\" ]\n"
                                     "region = three\n"
                                     "[one]\n"
                                     "last = end");

static void expect(struct bytes section, struct bytes above, struct bytes name, struct bytes wanted)
{
    const struct ini_name at = {section, above, name};
    struct bytes value;

    assert_int_equal(ini_find(file, &at, &value), wanted.at != NULL);
    assert_bytes(value, wanted);
}

static void test_values_are_found_in_their_section(void **state)
{
    (void)state;
    expect(LIT("one"), NOTHING, LIT("region"), LIT("us-east-1"));
    expect(LIT("one"), NOTHING, LIT("empty"), LIT(""));
    expect(LIT("one"), NOTHING, LIT("url"), LIT("https://a=b"));
    expect(LIT("one"), NOTHING, LIT("last"), LIT("end"));
    expect(LIT("profile three"), NOTHING, LIT("region"), LIT("three"));
    expect(LIT("one"), NOTHING, LIT("above"), NOTHING);
    expect(LIT("two"), NOTHING, LIT("region"), NOTHING);
    expect(LIT("ONE"), NOTHING, LIT("region"), NOTHING);
}

static void test_nested_values_are_apart(void **state)
{
    (void)state;
    expect(LIT("one"), LIT("nested"), LIT("region"), LIT("below"));
    expect(LIT("one"), LIT("nested"), LIT("deeper"), LIT("1"));
    expect(LIT("one"), NOTHING, LIT("deeper"), NOTHING);
    expect(LIT("one"), LIT("empty"), LIT("region"), NOTHING);
}

static void test_a_section_is_there_or_not(void **state)
{
    const struct ini_name one = {.section = LIT("one")}, four = {.section = LIT("four")};
    struct bytes value;

    (void)state;
    assert_true(ini_find(file, &one, &value));
    assert_false(ini_find(file, &four, &value));
}

static void test_odd_files_hold_nothing(void **state)
{
    static const struct bytes odd[] = {LIT(""),           LIT("["),   LIT("]"),
                                       LIT("[]"),         LIT("[a"),  LIT("[a]\n="),
                                       LIT("\n\n\r\r\n"), LIT("a="),  LIT("[a]\n=b=c"),
                                       LIT("[\"]\nb=c"),  LIT("=\0"), LIT(" [a]\nb=c")};
    const struct ini_name at = {.section = LIT("a"), .name = LIT("b")};
    struct bytes value;

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(ini_find(odd[i], &at, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_found_in_their_section),
        cmocka_unit_test(test_nested_values_are_apart),
        cmocka_unit_test(test_a_section_is_there_or_not),
        cmocka_unit_test(test_odd_files_hold_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
