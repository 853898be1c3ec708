/* What is written is XML, whatever was put in. */
#include "codec/xml_write.h"
#include "support/test.h"

static struct bytes text_of(struct arena *arena, struct bytes text)
{
    struct buf buf = buf_open(arena, 4);
    struct bytes out;

    xml_put_text(&buf, text);
    assert_ok(buf_done(&buf, &out));
    return out;
}

static void elements_stand_in_each_other(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 4);
    struct bytes out;

    (void)state;
    xml_put_open(&buf, LIT("User"));
    xml_put_element(&buf, LIT("Name"), LIT("a&b"));
    xml_put_element(&buf, LIT("Empty"), LIT(""));
    xml_put_open(&buf, LIT("Key"));
    xml_put_hidden(&buf, (struct sensitive_view){(const uint8_t *)"<s>", 3});
    xml_put_close(&buf, LIT("Key"));
    xml_put_close(&buf, LIT("User"));
    assert_ok(buf_done(&buf, &out));
    assert_bytes(out, LIT("<User><Name>a&amp;b</Name><Empty></Empty><Key>&lt;s&gt;</Key></User>"));
    arena_close(arena);
}

static void what_xml_has_no_room_for_is_written_otherwise(void **state)
{
    static const struct {
        struct bytes text, written;
    } texts[] = {
        {LIT(""), LIT("")},
        {LIT("plain \"'\t\n~"), LIT("plain \"'\t\n~")},
        {LIT("<&>\r\n"), LIT("&lt;&amp;&gt;&#xD;\n")},
        {LIT("]]>"), LIT("]]&gt;")},
        {LIT("\0\x01\x1f\x7f"), LIT("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x7f")},
        {LIT("na\xC3\xAFve \xF0\x9F\x98\x80"), LIT("na\xC3\xAFve \xF0\x9F\x98\x80")},
        {LIT("\xEF\xBF\xBD"), LIT("\xEF\xBF\xBD")},
        {LIT("\xEF\xBF\xBE\xEF\xBF\xBF"), LIT("\xEF\xBF\xBD\xEF\xBF\xBD")},
        {LIT("\xFF\xC0\x80"), LIT("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")},
        {LIT("a\xED\xA0\x80"), LIT("a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")},
        {LIT("\xC3"), LIT("\xEF\xBF\xBD")},
    };
    struct arena *arena = arena_open(100000);

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_bytes(text_of(arena, texts[i].text), texts[i].written);
    arena_close(arena);
}

static void a_spent_buf_says_so(void **state)
{
    uint8_t room[6];
    struct buf buf = buf_over(room, sizeof room);
    struct bytes out;

    (void)state;
    xml_put_element(&buf, LIT("a"), LIT("&"));
    assert_fault(buf_done(&buf, &out), ARENA_SPENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stand_in_each_other),
        cmocka_unit_test(what_xml_has_no_room_for_is_written_otherwise),
        cmocka_unit_test(a_spent_buf_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
