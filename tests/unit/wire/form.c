/* Forms in and XML out, by the same tables: what is read, refused and written, kind by kind. */
#include "support/each_fault.h"
#include "support/test.h"
#include "unit/wire/toy.h"
#include "wire/shape/shape.h"

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

static const struct fault *read_bytes(struct bench *b, struct bytes body)
{
    b->toy = (struct toy){0};
    b->call.detail = (struct bytes){0};
    return shape_read_form(&b->call, toy_shape, (struct raw){body.at, body.n}, &b->toy);
}

static const struct fault *read_text(struct bench *b, const char *form)
{
    return read_bytes(b, bytes_of(form));
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

    assert_ok(read_text(b, "Text=a%62&Blob=AQI%3D&Sort=asc&Hidden=hu+sh&HiddenBlob=AAEC&Number=7"
                           "&Flag=true&Size=0&On=false&When=2018-04-11T19:37:57.713Z&Colour=blue"
                           "&Labels.member.2=b&Labels.member.1=a&Tags.member.1.Value="
                           "&Tags.member.1.Key=k&Gr%6Fup.Inner=in&Action=Ignored"));
    assert_bytes(t->text, LIT("ab"));
    assert_bytes(t->blob, LIT("\1\2"));
    assert_bytes(t->sort, LIT("asc"));
    assert_bytes(seen(t->hidden), LIT("hu sh"));
    assert_bytes(seen(t->hidden_blob), LIT("\0\1\2"));
    assert_int_equal(t->number, 7);
    assert_true(t->flag);
    assert_true(t->size.said && t->size.value == 0);
    assert_true(t->on.said && !t->on.value);
    assert_int_equal(t->when.ms, 1523475477713);
    assert_int_equal(t->colour, COLOUR_BLUE);
    assert_int_equal(t->labels.n, 2);
    assert_bytes(t->labels.at[0], LIT("a"));
    assert_bytes(t->labels.at[1], LIT("b"));
    assert_int_equal(t->tags.n, 1);
    assert_bytes(t->tags.at[0].name, LIT("k"));
    assert_true(t->tags.at[0].value.at != NULL && t->tags.at[0].value.n == 0);
    assert_bytes(t->grouped, LIT("in"));
}

static void absent_and_empty_are_two_things(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b, ""));
    assert_null(b->toy.text.at);
    assert_null(b->toy.labels.at);
    assert_ok(read_text(b, "&&Text=&Hidden&Labels=&"));
    assert_true(b->toy.text.at != NULL && b->toy.text.n == 0);
    assert_int_equal(seen(b->toy.hidden).n, 0);
    assert_non_null(b->toy.hidden);
    assert_true(b->toy.labels.at != NULL && b->toy.labels.n == 0);
}

static void unknown_parameters_are_passed_over(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b, "text=1&Other.member.1=a&=&.=&Group.Other=1"));
    assert_ok(read_text(b, "Tags.member.1.Other=1"));
    assert_int_equal(b->toy.tags.n, 1);
    assert_null(b->toy.tags.at[0].name.at);
}

static void wrong_shapes_are_refused(void **state)
{
    static const char *const forms[] = {
        "Text=%",
        "Text=%4",
        "Text=%zz",
        "Text=%FF",
        "%FF=1",
        "Text=a&Text=a",
        "Text=a&Te%78t=a",
        "Other=1&Other=1",
        "Text.member.1=a",
        "Text.a=b",
        "Text.=a",
        "Group.Inner.x=a",
        "Number=",
        "Number=1.5",
        "Number=+1",
        "Number=9223372036854775808",
        "Size=one",
        "On=True",
        "On=1",
        "Flag=",
        "When=1523477145",
        "When=2018-02-30T00:00:00Z",
        "Blob=A_==",
        "HiddenBlob=A",
        "Group=x",
        "Group=",
        "Labels=a",
        "Labels.1=a",
        "Labels.member=a",
        "Labels.member.=a",
        "Labels.member.0=a",
        "Labels.member.01=a",
        "Labels.member.-1=a",
        "Labels.member.1a=a",
        "Labels.member.9999999999=a",
        "Labels.member.1.Key=a",
        "Labels.entry.1=a",
        "Labels=&Labels.member.1=a",
        "Labels.member.1=a&Labels=",
        "Map.entry.1.key=a",
        "Map.member.1.key=a",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (read_text(b, forms[i]) != WIRE_TYPE)
            fail_msg("taken: %s", forms[i]);
}

static void gaps_are_elements_that_say_nothing(void **state)
{
    struct bench *b = *state;

    assert_ok(read_text(b, "Text=ab&Labels.member.3=c&Labels.member.1=a"));
    assert_int_equal(b->toy.labels.n, 3);
    assert_null(b->toy.labels.at[1].at);
    assert_fault(shape_judge(&b->call, toy_shape, &b->toy), WIRE_BOUNDS);
    assert_bytes(b->call.detail,
                 LIT("1 validation error detected: Value '[a, null, c]' at 'labels' failed to "
                     "satisfy constraint: Member must satisfy constraint: [Member must have length "
                     "less than or equal to 4, Member must have length greater than or equal to 1, "
                     "Member must satisfy regular expression pattern: ^[a-z]*$, Member must not be "
                     "null]"));
}

/* A hostile form costs what its rows allow, not what it says. */
static void what_is_too_much_is_dropped(void **state)
{
    static char body[200000];
    struct bench *b = *state;
    size_t n = (size_t)snprintf(body, sizeof(body), "Text=ab&Labels.member.999999999=z&Hidden=");

    memset(body + n, 'x', 100000);
    assert_ok(read_text(b, body));
    assert_int_equal(seen(b->toy.hidden).n, 17);
    assert_int_equal(b->toy.labels.n, 4);
    assert_fault(shape_judge(&b->call, toy_shape, &b->toy), WIRE_BOUNDS);
    n = 0;
    for (int i = 0; i < 1024; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, "&a%d", i);
    assert_ok(read_text(b, body));
    (void)snprintf(body + n, sizeof(body) - n, "&b");
    assert_fault(read_text(b, body), WIRE_TYPE);
}

static struct bytes written(struct bench *b)
{
    struct buf buf = buf_open(b->call.arena, 16);
    struct bytes whole;

    shape_write_xml(&buf, toy_shape, &b->toy);
    assert_ok(buf_done(&buf, &whole));
    return whole;
}

static void every_kind_is_written(void **state)
{
    struct toy_leaf leaf = {.name = LIT("v")};
    struct bench *b = *state;

    assert_ok(read_text(b, "Text=a%26b&Sort=asc&Hidden=h%3C&Number=7&Flag=true&Size=3&On=false"
                           "&When=2018-04-11T19:37:57.713Z&Colour=blue&Labels.member.1=a"
                           "&Labels.member.2=b&Tags.member.1.Key=k&Tags.member.1.Value="
                           "&Tags.member.2.Key=l&Group.Inner=in"));
    b->toy.map = (struct pairs){&(const struct pair){LIT("x"), LIT("1")}, 1};
    leaf.labels = b->toy.labels;
    b->toy.leaves.at = &leaf;
    b->toy.leaves.n = 1;
    assert_bytes(
        written(b),
        LIT("<Text>a&amp;b</Text><Sort>asc</Sort><Hidden>h&lt;</Hidden><Number>7</Number>"
            "<Flag>true</Flag><Size>3</Size><On>false</On><When>2018-04-11T19:37:57Z</When>"
            "<Colour>blue</Colour><Labels><member>a</member><member>b</member></Labels>"
            "<Tags><member><Key>k</Key><Value></Value></member><member><Key>l</Key></member></Tags>"
            "<Map><entry><key>x</key><value>1</value></entry></Map>"
            "<Leaves><entry><key>v</key><value><member>a</member><member>b</member></value></"
            "entry></Leaves>"
            "<Group><Inner>in</Inner></Group>"));
}

static void what_was_not_said_is_left_out(void **state)
{
    struct bench *b = *state;

    b->toy = (struct toy){0};
    assert_bytes(written(b), LIT("<Text></Text><Number>0</Number><Flag>false</Flag>"));
}

static bool once(void *ctx)
{
    struct bench *b = ctx;
    struct buf buf;
    struct bytes whole;
    bool read;

    b->call.arena = arena_open((size_t)1 << 16);
    if (b->call.arena == NULL)
        return false;
    read = read_text(b, "Text=ab&Hidden=a&Labels.member.1=a") == OK;
    buf = buf_open(b->call.arena, 16);
    if (read)
        shape_write_xml(&buf, toy_shape, &b->toy);
    read = read && buf_done(&buf, &whole) == OK;
    arena_close(b->call.arena);
    return read;
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
    assert_true(each_fault("form", once, check, &bench) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_is_read, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(absent_and_empty_are_two_things, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(unknown_parameters_are_passed_over, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(wrong_shapes_are_refused, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(gaps_are_elements_that_say_nothing, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(what_is_too_much_is_dropped, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(every_kind_is_written, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(what_was_not_said_is_left_out, open_bench, close_bench),
        cmocka_unit_test(every_failing_point_is_told),
    };

    return sensitive_start(NULL) != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
