/* What is written is JSON, whatever was put in. */
#include "support/test.h"

#include "codec/json.h"
#include "codec/json_write.h"

static void test_a_reply(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 8);
    struct json_writer json = json_writer(&buf);
    struct bytes out;

    (void)state;
    json_put_object(&json);
    json_put_name(&json, LIT("a"));
    json_put_text(&json, LIT("x"));
    json_put_key(&json, LIT("k\""));
    json_put_array(&json);
    json_put_int(&json, -5);
    json_put_bool(&json, true);
    json_put_null(&json);
    json_put_object(&json);
    json_put_object_end(&json);
    json_put_ms(&json, INT64_C(1523477145713));
    json_put_ms(&json, 1000);
    json_put_ms(&json, -7);
    json_put_array_end(&json);
    json_put_member(&json, LIT("m"), LIT("plain"));
    json_put_member(&json, LIT("n"), LIT("not\n"));
    json_put_member(&json, LIT("e"), (struct bytes){0});
    json_put_name(&json, LIT("b"));
    json_put_base64(&json, LIT("ab"));
    json_put_name(&json, LIT("h"));
    json_put_hidden(&json, (struct sensitive_view){(const uint8_t *)"s\n", 2});
    json_put_name(&json, LIT("r"));
    json_put_raw(&json, LIT("{}"));
    json_put_object_end(&json);
    assert_ok(buf_done(&buf, &out));
    assert_bytes(out, LIT("{\"a\":\"x\",\"k\\\"\":[-5,true,null,{},1523477145.713,1,-0.007],"
                          "\"m\":\"plain\",\"n\":\"not\\n\",\"e\":\"\","
                          "\"b\":\"YWI=\",\"h\":\"s\\n\",\"r\":{}}"));
    arena_close(arena);
}

static struct bytes text_of(struct arena *arena, struct bytes text)
{
    struct buf buf = buf_open(arena, 4);
    struct json_writer json = json_writer(&buf);
    struct bytes out;

    json_put_text(&json, text);
    assert_ok(buf_done(&buf, &out));
    return out;
}

static void test_escapes(void **state)
{
    struct arena *arena = arena_open(100000);

    (void)state;
    assert_bytes(text_of(arena, LIT("")), LIT("\"\""));
    assert_bytes(text_of(arena, (struct bytes){0}), LIT("\"\""));
    assert_bytes(text_of(arena, LIT("\"\\/\b\f\n\r\t\x01\x1f\0\x7f")),
                 LIT("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000\x7f\""));
    assert_bytes(text_of(arena, LIT("\xC3\xA9 \xF0\x9F\x98\x80")),
                 LIT("\"\xC3\xA9 \xF0\x9F\x98\x80\""));
    assert_bytes(text_of(arena, LIT("a\xFF\xC3")), LIT("\"a\xEF\xBF\xBD\xEF\xBF\xBD\""));
    arena_close(arena);
}

/* Each byte at each place of a word comes back as it went in. */
static void test_round_trip(void **state)
{
    struct arena *arena = arena_open(10000000);

    (void)state;
    for (unsigned c = 0; c < 128; c++)
        for (size_t at = 0; at < 17; at++) {
            uint8_t text[17], back[17];
            struct json_value value;
            struct json json;

            memset(text, 'a', sizeof(text));
            text[at] = (uint8_t)c;
            json = json_open(text_of(arena, (struct bytes){text, sizeof(text)}));
            assert_ok(json_value(&json, &value));
            assert_ok(json_end(&json));
            assert_int_equal(json_unescaped_size(value.text), sizeof(text));
            json_unescape(value.text, back);
            assert_memory_equal(text, back, sizeof(text));
        }
    arena_close(arena);
}

static void test_spent_memory_is_told(void **state)
{
    struct arena *arena = arena_open(64);
    struct buf buf = buf_open(arena, 16);
    struct json_writer json = json_writer(&buf);
    struct bytes out;

    (void)state;
    json_put_array(&json);
    for (int i = 0; i < 100; i++) {
        json_put_text(&json, LIT("\n\n\n\n"));
        json_put_base64(&json, LIT("abc"));
        json_put_ms(&json, 1001);
        json_put_object(&json);
        json_put_name(&json, LIT("name"));
        json_put_object_end(&json);
    }
    json_put_array_end(&json);
    assert_fault(buf_done(&buf, &out), ARENA_SPENT);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reply),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_spent_memory_is_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
