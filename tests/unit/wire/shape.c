/* The interpreter over the tables: what is read, refused, judged and written, kind by kind. */
#include "wire/shape/shape.h"
#include "support/each_fault.h"
#include "support/test.h"
#include "unit/wire/toy.h"

#include <stdio.h>

struct bench { /* one request's worth */
    struct call call;
    struct toy toy;
};

static int open_bench(void **state)
{
    static struct bench bench;

    bench = (struct bench){.call.arena = arena_open((size_t)1 << 20)};
    *state = &bench;
    return bench.call.arena == NULL;
}

static int close_bench(void **state)
{
    arena_close(((struct bench *)*state)->call.arena);
    return 0;
}

static const struct fault *read_text(struct bench *b, const char *json)
{
    const struct bytes body = bytes_of(json);

    b->toy = (struct toy){0};
    b->call.detail = (struct bytes){0};
    return shape_read_json(&b->call, toy_shape, (struct raw){body.at, body.n}, &b->toy);
}

static struct bytes seen(const struct sensitive *s)
{
    const struct sensitive_view view = sensitive_view(s);

    return (struct bytes){view.at, view.n};
}

static void every_kind_is_read(void **state)
{
    struct bench *b = *state;
    const struct toy *t = &b->toy;

    assert_ok(
        read_text(b, "{\"Text\":\"ab\",\"Blob\":\"AQI=\",\"Sort\":\"asc\",\"Hidden\":\"hush\","
                     "\"HiddenBlob\":\"AAEC\",\"Number\":7,\"Flag\":true,\"Size\":0,\"On\":false,"
                     "\"When\":1523477145.713,\"Colour\":\"blue\",\"Labels\":[\"a\",\"b\"],"
                     "\"Tags\":[{\"Key\":\"k\",\"Value\":\"\"}],\"Map\":{\"x\":\"1\",\"y\":\"2\"},"
                     "\"Leaves\":{\"v\":[\"p\",\"q\"]},\"Group\":{\"Inner\":\"in\"}}"));
    assert_bytes(t->text, LIT("ab"));
    assert_bytes(t->blob, LIT("\1\2"));
    assert_bytes(t->sort, LIT("asc"));
    assert_bytes(seen(t->hidden), LIT("hush"));
    assert_bytes(seen(t->hidden_blob), LIT("\0\1\2"));
    assert_int_equal(t->number, 7);
    assert_true(t->flag);
    assert_true(t->size.said && t->size.value == 0);
    assert_true(t->on.said && !t->on.value);
    assert_int_equal(t->when.ms, 1523477145713);
    assert_int_equal(t->colour, COLOUR_BLUE);
    assert_int_equal(t->labels.n, 2);
    assert_bytes(t->labels.at[1], LIT("b"));
    assert_int_equal(t->tags.n, 1);
    assert_bytes(t->tags.at[0].name, LIT("k"));
    assert_true(t->tags.at[0].value.at != NULL && t->tags.at[0].value.n == 0);
    assert_int_equal(t->map.n, 2);
    assert_bytes(t->map.at[1].value, LIT("2"));
    assert_int_equal(t->leaves.at[0].labels.n, 2);
    assert_bytes(t->leaves.at[0].labels.at[1], LIT("q"));
    assert_bytes(t->grouped, LIT("in"));
}

static void absent_null_and_empty_are_three_things(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(
        b, "{\"Text\":null,\"Hidden\":null,\"Labels\":null,\"Size\":null,\"Group\":null}"));
    assert_null(b->toy.text.at);
    assert_null(b->toy.hidden);
    assert_null(b->toy.labels.at);
    assert_false(b->toy.size.said);
    assert_ok(read_text(b, "{\"Text\":\"\",\"Hidden\":\"\",\"Labels\":[]}"));
    assert_non_null(b->toy.text.at);
    assert_int_equal(b->toy.text.n, 0);
    assert_non_null(b->toy.hidden);
    assert_int_equal(seen(b->toy.hidden).n, 0);
    assert_non_null(b->toy.labels.at);
    assert_int_equal(b->toy.labels.n, 0);
    assert_ok(read_text(b, ""));
    assert_null(b->toy.text.at);
}

static void texts_without_escapes_stay_in_the_body(void **state)
{
    struct bench *b = *state;
    const char *json = "{\"Text\":\"plain\",\"Hidden\":\"hush\"}";

    assert_ok(read_text(b, json));
    assert_ptr_equal(b->toy.text.at, json + 9);
    assert_true(seen(b->toy.hidden).at < (const uint8_t *)json ||
                seen(b->toy.hidden).at >= (const uint8_t *)json + strlen(json));
}

static void escapes_are_undone(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b,
                        "{\"Te\\u0078t\":\"a\\n\\u00e9\\\"\",\"Hidden\":\"\\ud83d\\ude00\\u0000\","
                        "\"HiddenBlob\":\"\\/\\/8=\",\"Blob\":\"\\/w==\"}"));
    assert_bytes(b->toy.text, LIT("a\n\xc3\xa9\""));
    assert_bytes(seen(b->toy.hidden), LIT("\xf0\x9f\x98\x80\0"));
    assert_bytes(seen(b->toy.hidden_blob), LIT("\xff\xff"));
    assert_bytes(b->toy.blob, LIT("\xff"));
}

static void unknown_members_are_passed_over(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b, "{\"text\":1,\"Other\":{\"Text\":[{}]},\"Other\":[],\"Text\":\"ab\"}"));
    assert_bytes(b->toy.text, LIT("ab"));
}

static void wrong_shapes_are_refused(void **state)
{
    static const char *const bodies[] = {
        "[]",
        "\"x\"",
        "1",
        "null",
        "{",
        "{}x",
        "{}{}",
        "{\"Text\":\"ab\"",
        "{\"Text\":}",
        "{\"Text\" \"ab\"}",
        "{\"Text\":1}",
        "{\"Text\":true}",
        "{\"Text\":[]}",
        "{\"Text\":{}}",
        "{\"Text\":\"\xff\"}",
        "{\"Text\":\"\xc0\x80\"}",
        "{\"Other\":\"\xed\xa0\x80\"}",
        "{\"Text\":\"\\ud800\"}",
        "{\"Text\":\"a\nb\"}",
        "{\"Text\":\"ab\",\"Text\":\"ab\"}",
        "{\"Text\":\"ab\",\"T\\u0065xt\":\"ab\"}",
        "{\"Text\":null,\"Text\":\"ab\"}",
        "{\"Hidden\":7}",
        "{\"Hidden\":[\"x\"]}",
        "{\"HiddenBlob\":\"A\"}",
        "{\"HiddenBlob\":\"AA==\\n\"}",
        "{\"Blob\":\"A_==\"}",
        "{\"Number\":\"7\"}",
        "{\"Number\":1e30}",
        "{\"Number\":9223372036854775808}",
        "{\"Number\":true}",
        "{\"Size\":\"1\"}",
        "{\"On\":\"true\"}",
        "{\"On\":0}",
        "{\"Flag\":1}",
        "{\"When\":\"2018\"}",
        "{\"Colour\":1}",
        "{\"Labels\":\"a\"}",
        "{\"Labels\":{\"a\":\"b\"}}",
        "{\"Labels\":[1]}",
        "{\"Labels\":[[\"a\"]]}",
        "{\"Tags\":[[]]}",
        "{\"Tags\":[\"a\"]}",
        "{\"Tags\":[{\"Key\":\"a\",\"Key\":\"b\"}]}",
        "{\"Tags\":{}}",
        "{\"Map\":[]}",
        "{\"Map\":{\"a\":1}}",
        "{\"Map\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"Map\":{\"a\":\"1\",\"\\u0061\":\"2\"}}",
        "{\"Leaves\":{\"a\":\"b\"}}",
        "{\"Group\":[]}",
        "{\"Group\":\"x\"}",
        "{\"Group\":{\"Inner\":1}}",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        if (read_text(b, bodies[i]) != WIRE_TYPE)
            fail_msg("taken: %s", bodies[i]);
}

static void depth_is_bounded(void **state)
{
    struct bench *b = *state;
    char body[256] = "{\"Other\":";

    memset(body + 9, '[', 63);
    memset(body + 72, ']', 63);
    body[135] = '}';
    assert_ok(read_text(b, body));
    memset(body + 9, '[', 64);
    memset(body + 73, ']', 64);
    body[137] = '}';
    assert_fault(read_text(b, body), WIRE_TYPE);
}

struct sentence {
    const char *body, *said;
};

static void wrong_kinds_are_told_in_awss_words(void **state)
{
    static const struct sentence sentences[] = {
        {"[]", "Start of list found where not expected"},
        {"{\"Text\":1}", "NUMBER_VALUE can not be converted to a String"},
        {"{\"Text\":true}", "TRUE_VALUE can not be converted to a String"},
        {"{\"Hidden\":false}", "FALSE_VALUE can not be converted to a String"},
        {"{\"Text\":[\"ab\"]}", "Start of list found where not expected"},
        {"{\"Text\":{}}", "Start of structure or map found where not expected."},
        {"{\"HiddenBlob\":1}", "NUMBER_VALUE can not be converted to a Blob"},
        {"{\"Number\":\"7\"}", "STRING_VALUE can not be converted to an Integer"},
        {"{\"Size\":true}", "TRUE_VALUE can not be converted to a Long"},
        {"{\"On\":\"true\"}", "STRING_VALUE can not be converted to an Boolean"},
        {"{\"On\":0}", "NUMBER_VALUE can not be converted to a Boolean"},
        {"{\"Labels\":\"a\"}", "Expected list or null"},
        {"{\"Labels\":{}}", "Start of structure or map found where not expected."},
        {"{\"Labels\":[\"a\",1]}", "NUMBER_VALUE can not be converted to a String"},
        {"{\"Tags\":[7]}", "Expected null"},
        {"{\"Tags\":[[]]}", "Start of list found where not expected"},
        {"{\"Group\":\"x\"}", "Expected null"},
        {"{\"Map\":1}", "Expected map or null"},
        /* what is no JSON is not told about, nor a name twice */
        {"{", ""},
        {"null", ""},
        {"\"x\"", ""},
        {"{\"Text\":\"ab\",}", ""},
        {"{\"Text\":\"ab\",\"Text\":\"ab\"}", ""},
        {"{\"HiddenBlob\":\"A\"}", ""},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        assert_fault(read_text(b, sentences[i].body), WIRE_TYPE);
        assert_bytes(b->call.detail, bytes_of(sentences[i].said));
    }
}

static void fractions_are_cut_off(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b, "{\"Number\":1.9,\"Size\":1e1}"));
    assert_int_equal(b->toy.number, 1);
    assert_int_equal(b->toy.size.value, 10);
    assert_ok(read_text(b, "{\"Number\":-1.9}"));
    assert_int_equal(b->toy.number, -1);
}

#define LABELS                                                                    \
    FAIL "satisfy constraint: [Member must have length less than or equal to 4, " \
         "Member must have length greater than or equal to 1, "                   \
         "Member must satisfy regular expression pattern: ^[a-z]*$"
#define ONE  "1 validation error detected: "
#define FAIL "' failed to satisfy constraint: Member must "

static void bounds_are_told_in_awss_words(void **state)
{
    static const struct sentence sentences[] = {
        {"{}", ONE "Value null at 'text" FAIL "not be null"},
        {"{\"Text\":\"a\"}",
         ONE "Value 'a' at 'text" FAIL "have length greater than or equal to 2"},
        {"{\"Text\":\"abcdefghi\"}",
         ONE "Value 'abcdefghi' at 'text" FAIL "have length less than or equal to 8"},
        {"{\"Text\":\"ab\",\"Sort\":\"up\"}",
         ONE "Value 'up' at 'sort" FAIL "satisfy enum value set: [asc, desc]"},
        {"{\"Text\":\"ab\",\"Hidden\":\"\"}",
         ONE "Value at 'hidden" FAIL "have length greater than or equal to 1"},
        {"{\"Text\":\"ab\",\"Hidden\":\"12345678901234567\"}",
         ONE "Value at 'hidden" FAIL "have length less than or equal to 16"},
        {"{\"Text\":\"ab\",\"HiddenBlob\":\"AAAAAAAAAAAAAAAAAAAAAAAA\"}",
         ONE "Value at 'hiddenBlob" FAIL "have length less than or equal to 16"},
        {"{\"Text\":\"ab\",\"Number\":10}",
         ONE "Value '10' at 'number" FAIL "have value less than or equal to 9"},
        {"{\"Text\":\"ab\",\"Number\":-1}",
         ONE "Value '-1' at 'number" FAIL "have value greater than or equal to 0"},
        {"{\"Text\":\"ab\",\"Size\":0}",
         ONE "Value '0' at 'size" FAIL "have value greater than or equal to 1"},
        {"{\"Text\":\"ab\",\"Colour\":\"green\"}",
         ONE "Value at 'colour" FAIL "satisfy enum value set: [red, blue]"},
        {"{\"Text\":\"ab\",\"Labels\":[]}",
         ONE "Value '[]' at 'labels" FAIL "have length greater than or equal to 1"},
        {"{\"Text\":\"ab\",\"Labels\":[\"a\",\"b\",\"c\",\"d\"]}",
         ONE "Value '[a, b, c, d]' at 'labels" FAIL "have length less than or equal to 3"},
        {"{\"Text\":\"ab\",\"Labels\":[\"a\",\"B\"]}", ONE "Value '[a, B]' at 'labels" LABELS "]"},
        {"{\"Text\":\"ab\",\"Labels\":[\"a\",null]}",
         ONE "Value '[a, null]' at 'labels" LABELS ", Member must not be null]"},
        {"{\"Text\":\"ab\",\"Labels\":[\"A\",\"B\",\"c\",\"d\"]}",
         "2 validation errors detected: Value '[A, B, c, d]' at 'labels" FAIL
         "have length less than or equal to 3; Value '[A, B, c, d]' at 'labels" LABELS "]"},
        {"{\"Text\":\"ab\",\"Tags\":[{\"Key\":\"k\"},{\"Value\":\"123456789\"}]}",
         "2 validation errors detected: Value null at 'tags.2.member.key" FAIL "not be null; "
         "Value '123456789' at 'tags.2.member.value" FAIL "have length less than or equal to 8"},
        {"{\"Text\":\"ab\",\"Tags\":[{\"Key\":\"a\"},{\"Key\":\"b\"},{\"Key\":\"c\"},{\"Key\":"
         "\"d\"},{\"Key\":\"e\"}]}",
         ONE "Value at 'tags" FAIL "have length less than or equal to 3"},
        {"{\"Text\":\"ab\",\"Group\":{\"Inner\":\"12345\"}}",
         ONE "Value '12345' at 'group.inner" FAIL "have length less than or equal to 4"},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        assert_ok(read_text(b, sentences[i].body));
        assert_fault(shape_judge(&b->call, toy_shape, &b->toy), WIRE_BOUNDS);
        assert_bytes(b->call.detail, bytes_of(sentences[i].said));
    }
}

static void lengths_count_characters(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(
        b, "{\"Text\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}"));
    assert_ok(shape_judge(&b->call, toy_shape, &b->toy));
    assert_ok(read_text(b, "{\"Text\":\"\xf0\x9f\x98\x80\"}"));
    assert_fault(shape_judge(&b->call, toy_shape, &b->toy), WIRE_BOUNDS);
}

/* A hostile body costs what its rows allow, not what it says. */
static void what_is_too_much_is_dropped(void **state)
{
    static char body[200000];
    struct bench *b = *state;
    size_t n = (size_t)snprintf(body, sizeof(body), "{\"Text\":\"ab\",\"Hidden\":\"");

    memset(body + n, 'x', 100000);
    n += 100000;
    n += (size_t)snprintf(body + n, sizeof(body) - n, "\",\"Labels\":[\"a\"");
    for (int i = 0; i < 20000; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, ",\"\"");
    (void)snprintf(body + n, sizeof(body) - n, "]}");
    assert_ok(read_text(b, body));
    assert_int_equal(seen(b->toy.hidden).n, 17);
    assert_int_equal(b->toy.labels.n, 4);
    assert_fault(shape_judge(&b->call, toy_shape, &b->toy), WIRE_BOUNDS);
}

static void presets_come_first(void **state)
{
    static const struct preset presets[] = {SET(toy, text, "preset"),
                                            SET(toy, flag, "true"),
                                            SET(toy, size, "5"),
                                            SET(toy, on, "false"),
                                            {{0}, {0}}};
    struct bench *b = *state;
    const struct bytes body = LIT("{\"Size\":6}");

    b->toy = (struct toy){0};
    assert_ok(shape_preset(&b->call, presets, &b->toy));
    assert_ok(shape_read_json(&b->call, toy_shape, (struct raw){body.at, body.n}, &b->toy));
    assert_bytes(b->toy.text, LIT("preset"));
    assert_true(b->toy.flag && b->toy.on.said && !b->toy.on.value);
    assert_int_equal(b->toy.size.value, 6);
}

static struct bytes written(struct bench *b)
{
    struct raw body;

    assert_ok(shape_write_json(&b->call, toy_shape, &b->toy, &body));
    return raw_reveal(body);
}

static void what_was_not_said_is_left_out(void **state)
{
    struct bench *b = *state;

    b->toy = (struct toy){.text = LIT("ab")};
    assert_bytes(written(b), LIT("{\"Text\":\"ab\",\"Number\":0,\"Flag\":false}"));
}

static void what_is_written_reads_back(void **state)
{
    static const char json[] =
        "{\"Text\":\"a\\\"\\n\",\"Blob\":\"AQI=\",\"Sort\":\"asc\",\"Hidden\":\"h\xc3\xa9\\\\\","
        "\"HiddenBlob\":\"AAEC\","
        "\"Number\":7,\"Flag\":true,\"Size\":3,\"On\":false,\"When\":1523477145.713,\"Colour\":"
        "\"blue\","
        "\"Labels\":[\"a\",\"b\"],\"Tags\":[{\"Key\":\"k\",\"Value\":\"\"},{\"Key\":\"l\"}],"
        "\"Map\":{\"x\":\"1\",\"y\\u0001\":\"2\"},\"Leaves\":{\"v\":[\"p\",\"q\"],\"w\":[]},"
        "\"Group\":{\"Inner\":\"in\"}}";
    struct bench *b = *state;

    assert_ok(read_text(b, json));
    assert_ok(shape_judge(&b->call, toy_shape, &b->toy));
    assert_bytes(written(b), bytes_of(json));
}

static bool once(void *ctx)
{
    struct bench *b = ctx;
    struct raw body;
    bool whole;

    b->call.arena = arena_open((size_t)1 << 16);
    if (b->call.arena == NULL)
        return false;
    whole =
        read_text(
            b, "{\"Text\":\"\\u0061b\",\"Hidden\":\"\\u0061\",\"Labels\":[\"a\",\"B\",\"c\"]}") ==
        OK;
    if (whole)
        whole = shape_judge(&b->call, toy_shape, &b->toy) == WIRE_BOUNDS;
    if (whole)
        whole = shape_write_json(&b->call, toy_shape, &b->toy, &body) == OK;
    arena_close(b->call.arena);
    return whole;
}

static void check(void *ctx, bool succeeded)
{
    (void)ctx;
    (void)succeeded;
    assert_int_equal(sensitive_usage().values, 0);
}

static void every_failing_point_is_told(void **state)
{
    static struct bench bench;

    (void)state;
    assert_true(each_fault("shape", once, check, &bench) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_read, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(absent_null_and_empty_are_three_things, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(texts_without_escapes_stay_in_the_body, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(escapes_are_undone, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(unknown_members_are_passed_over, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(wrong_shapes_are_refused, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(depth_is_bounded, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(wrong_kinds_are_told_in_awss_words, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(fractions_are_cut_off, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(bounds_are_told_in_awss_words, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(lengths_count_characters, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(what_is_too_much_is_dropped, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(presets_come_first, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(what_was_not_said_is_left_out, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, open_bench, close_bench),
        cmocka_unit_test(every_failing_point_is_told),
    };

    return sensitive_start(NULL) != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
