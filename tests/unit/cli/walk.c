/* Replies that are what they should be, and others. */
#include "support/test.h"

#include "cli/walk.h"

static const struct bytes reply = LIT("{\"a\":\"x\\ny\",\"n\":12,\"none\":null,\"list\":[1,\"two\","
                                      "{\"three\":[3]}],\"map\":{\"k\\t\":[]},"
                                      "\"a\":\"again\"}");

static void test_members_are_found(void **state)
{
    struct arena *arena = arena_open(100000);

    (void)state;
    assert_bytes(walk_find_text(arena, reply, LIT("a")), LIT("x\ny"));
    assert_bytes(walk_find_text(arena, reply, LIT("n")), LIT("12"));
    assert_bytes(walk_find_text(arena, reply, LIT("none")), LIT(""));
    assert_bytes(walk_find_text(arena, reply, LIT("map")), LIT("{\"k\\t\":[]}"));
    assert_bytes(walk_find_text(arena, reply, LIT("absent")), ((struct bytes){0}));
    arena_close(arena);
}

static void test_lists_and_maps_are_walked(void **state)
{
    struct walk list = walk_list(reply, LIT("list")), map;
    struct arena *arena = arena_open(100000);
    struct bytes element, value;
    struct json_text name;

    (void)state;
    assert_true(walk_element(&list, &element));
    assert_bytes(element, LIT("1"));
    assert_true(walk_element(&list, &element));
    assert_bytes(walk_text(arena, element), LIT("two"));
    assert_true(walk_element(&list, &element));
    assert_bytes(element, LIT("{\"three\":[3]}"));
    assert_false(walk_element(&list, &element));
    assert_false(walk_element(&list, &element));
    assert_true(walk_find(reply, LIT("map"), &value));
    map = walk_open(value);
    assert_true(walk_member(&map, &name, &value));
    assert_bytes(walk_name(arena, name), LIT("k\t"));
    assert_false(walk_member(&map, &name, &value));
    arena_close(arena);
}

/* Each is asked for everything, also for what it is not. */
static void test_odd_replies_hold_nothing(void **state)
{
    static const struct bytes odd[] = {LIT(""),         LIT("1"),
                                       LIT("[1,"),      LIT("{\"a\""),
                                       LIT("{\"a\":}"), LIT("{\"b\":1"),
                                       LIT("[}"),       LIT("\"a\""),
                                       LIT("null"),     LIT("[\"a\",1]"),
                                       LIT("{]"),       LIT("{\"a\":tru}"),
                                       LIT("\xff"),     LIT("{\"a\":\"\\ud800\"}")};
    struct bytes value;
    struct json_text name;

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct walk as_object = walk_open(odd[i]), as_list = walk_open(odd[i]);
        struct walk inner = walk_list(odd[i], LIT("a"));
        int n = 0;

        assert_false(walk_find(odd[i], LIT("a"), &value));
        assert_false(walk_element(&inner, &value));
        while (n < 3 && walk_member(&as_object, &name, &value))
            n++;
        assert_true(n <= 1);
        while (n < 6 && walk_element(&as_list, &value))
            n++;
        assert_true(n <= 3);
    }
}

static void test_a_hidden_text_is_spelled_out_in_place(void **state)
{
    uint8_t whole[] = "{\"x\":1,\"v\":\"a\\u0000\\\"\\u00e9\",\"w\":\"plain\"}";
    const struct bytes object = {whole, sizeof whole - 1};
    struct sensitive_view seen;

    (void)state;
    assert_false(walk_hidden(object, LIT("x"), &seen));
    assert_false(walk_hidden(object, LIT("y"), &seen));
    assert_true(walk_hidden(object, LIT("w"), &seen));
    assert_bytes(((struct bytes){seen.at, seen.n}), LIT("plain"));
    assert_true(walk_hidden(object, LIT("v"), &seen));
    assert_bytes(((struct bytes){seen.at, seen.n}), LIT("a\0\"\xC3\xA9"));
    assert_true(seen.at > whole && seen.at < whole + sizeof whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_are_found),
        cmocka_unit_test(test_lists_and_maps_are_walked),
        cmocka_unit_test(test_odd_replies_hold_nothing),
        cmocka_unit_test(test_a_hidden_text_is_spelled_out_in_place),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
