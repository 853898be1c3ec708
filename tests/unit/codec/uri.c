/* Percent coding, queries, and the bounded look into a form. */
#include "support/test.h"

#include "codec/form.h"
#include "codec/uri.h"

static void test_every_byte_there_and_back(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 1), path = buf_open(arena, 1);
    uint8_t all[256], back[1024];
    struct bytes text;
    size_t n;

    (void)state;
    for (size_t i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    uri_encode(&buf, (struct bytes){all, 256});
    assert_ok(buf_done(&buf, &text));
    assert_int_equal(text.n, 66 + 3 * (256 - 66));
    assert_ok(uri_decode(text, back, &n));
    assert_bytes(((struct bytes){back, n}), ((struct bytes){all, 256}));
    uri_encode_path(&path, LIT("/a b/~\xC3\xA9+"));
    assert_ok(buf_done(&path, &text));
    assert_bytes(text, LIT("/a%20b/~%C3%A9%2B"));
    arena_close(arena);
}

static void test_decoding_is_strict(void **state)
{
    uint8_t to[16] = "a+%2b%00";
    size_t n;

    (void)state;
    assert_fault(uri_decode(LIT("%"), to + 9, &n), URI_MALFORMED);
    assert_fault(uri_decode(LIT("%1"), to + 9, &n), URI_MALFORMED);
    assert_fault(uri_decode(LIT("%1g"), to + 9, &n), URI_MALFORMED);
    assert_ok(uri_decode((struct bytes){to, 8}, to, &n)); /* in place */
    assert_bytes(((struct bytes){to, n}), LIT("a++\0"));
    assert_ok(uri_decode_form(LIT("a+%2b"), to, &n));
    assert_bytes(((struct bytes){to, n}), LIT("a +"));
}

static void test_queries(void **state)
{
    struct pair pairs[4];
    size_t n;

    (void)state;
    assert_ok(uri_query(LIT("&a=1&&b&c==2&=&"), pairs, 4, &n));
    assert_int_equal(n, 4);
    assert_bytes(pairs[0].value, LIT("1"));
    assert_bytes(pairs[1].name, LIT("b"));
    assert_null(pairs[1].value.at);
    assert_bytes(pairs[2].value, LIT("=2"));
    assert_int_equal(pairs[3].name.n, 0);
    assert_non_null(pairs[3].value.at);
    assert_fault(uri_query(LIT("a&b&c&d&e"), pairs, 4, &n), URI_MANY);
    assert_ok(uri_query((struct bytes){0}, pairs, 4, &n));
    assert_int_equal(n, 0);
}

static void test_the_look_into_a_form_is_bounded(void **state)
{
    static uint8_t body[FORM_LOOK + 100];
    struct bytes value;

    (void)state;
    assert_true(form_find(LIT("Version=1&Action=Get%20&Action=2"), LIT("Action"), &value));
    assert_bytes(value, LIT("Get%20"));
    assert_false(form_find(LIT("XAction=1&action=2"), LIT("Action"), &value));
    memset(body, 'x', sizeof(body));
    memcpy(body + FORM_LOOK - 5, "&a=12", 5);
    assert_false(
        form_find((struct bytes){body, sizeof(body)}, LIT("a"), &value)); /* its end is not seen */
    assert_true(form_find((struct bytes){body, FORM_LOOK}, LIT("a"), &value));
    body[FORM_LOOK - 1] = '&';
    assert_true(form_find((struct bytes){body, sizeof(body)}, LIT("a"), &value));
    assert_bytes(value, LIT("1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_there_and_back),
        cmocka_unit_test(test_decoding_is_strict),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_the_look_into_a_form_is_bounded),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
