/* One value has one spelling; what a newer writer added survives. */
#include "support/test.h"

#include "codec/cbor.h"

static struct bytes done(const struct buf *buf)
{
    struct bytes out;

    assert_ok(buf_done(buf, &out));
    return out;
}

/* The examples of RFC 8949, appendix A, that this dialect has. */
static void test_spelling(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 1);

    (void)state;
    cbor_put_uint(&buf, 0);
    cbor_put_uint(&buf, 23);
    cbor_put_uint(&buf, 24);
    cbor_put_uint(&buf, 1000);
    cbor_put_uint(&buf, 1000000);
    cbor_put_uint(&buf, UINT64_MAX);
    cbor_put_int(&buf, -1);
    cbor_put_int(&buf, -1000);
    cbor_put_int(&buf, INT64_MIN);
    cbor_put_bytes(&buf, LIT("\x01\x02"));
    cbor_put_text(&buf, LIT("IETF"));
    cbor_put_bool(&buf, false);
    cbor_put_bool(&buf, true);
    cbor_put_null(&buf);
    cbor_put_array(&buf, 0);
    assert_bytes(
        done(&buf),
        LIT("\x00\x17\x18\x18\x19\x03\xe8\x1a\x00\x0f\x42\x40\x1b\xff\xff\xff\xff\xff\xff\xff\xff"
            "\x20\x39\x03\xe7\x3b\x7f\xff\xff\xff\xff\xff\xff\xff\x42\x01\x02\x64IETF\xf4\xf5\xf6"
            "\x80"));
    arena_close(arena);
}

static void test_taken_back(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 1);
    struct bytes rest, part;
    uint64_t number;
    int64_t value;
    bool yes;
    size_t n;

    (void)state;
    cbor_put_array(&buf, 6);
    cbor_put_uint(&buf, UINT64_MAX);
    cbor_put_int(&buf, INT64_MIN);
    cbor_put_bytes(&buf, LIT("\xff"));
    cbor_put_text(&buf, LIT("t"));
    cbor_put_bool(&buf, true);
    cbor_put_null(&buf);
    rest = done(&buf);
    assert_ok(cbor_check(rest));
    assert_ok(cbor_take_array(&rest, &n));
    assert_int_equal(n, 6);
    assert_fault(cbor_take_int(&rest, &value), CBOR_MALFORMED);
    assert_ok(cbor_take_uint(&rest, &number));
    assert_true(number == UINT64_MAX);
    assert_fault(cbor_take_uint(&rest, &number), CBOR_MALFORMED);
    assert_ok(cbor_take_int(&rest, &value));
    assert_true(value == INT64_MIN);
    assert_fault(cbor_take_text(&rest, &part), CBOR_MALFORMED);
    assert_ok(cbor_take_bytes(&rest, &part));
    assert_bytes(part, LIT("\xff"));
    assert_ok(cbor_take_text(&rest, &part));
    assert_fault(cbor_take_null(&rest), CBOR_MALFORMED);
    assert_ok(cbor_take_bool(&rest, &yes));
    assert_true(yes);
    assert_int_equal(cbor_kind(rest), CBOR_NULL);
    assert_ok(cbor_take_null(&rest));
    assert_int_equal(cbor_kind(rest), CBOR_NOTHING);
    arena_close(arena);
}

static void test_refused(void **state)
{
    const struct bytes rows[] = {
        LIT(""),
        LIT("\x18\x17"), /* longer than needed */
        LIT("\x19\x00\xff"),
        LIT("\x1b\x00\x00\x00\x00\xff\xff\xff\xff"),
        LIT("\x18"), /* cut off */
        LIT("\x42\x01"),
        LIT("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
        LIT("\x61\xff"),         /* no UTF-8 */
        LIT("\x5f\x41\x01\xff"), /* indefinite */
        LIT("\x9f\xff"),
        LIT("\xc0\x00"),     /* a tag */
        LIT("\xf9\x00\x00"), /* a float */
        LIT("\xf7"),         /* undefined */
        LIT("\xf8\xf5"),
        LIT("\x1c"),
        LIT("\x82\x00"), /* one too few */
        LIT("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
        LIT("\xa1\x00"),
        LIT("\xa2\x01\x00\x00\x00"), /* keys descend */
        LIT("\xa2\x01\x00\x01\x00"), /* twice */
        LIT("\xa1\x61z\x00"),        /* a text as key */
        LIT("\x00\x00"),             /* something behind */
        LIT("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x80"), /* 17 deep */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (cbor_check(rows[i]) != CBOR_MALFORMED)
            fail_msg("row %zu was not refused", i);
    assert_ok(cbor_check(bytes_after(rows[sizeof(rows) / sizeof(rows[0]) - 1], 1)));
}

static struct bytes newer(struct arena *arena)
{
    struct buf buf = buf_open(arena, 1);
    struct cbor_map map = cbor_map_open(&buf), inner;

    cbor_put_uint(cbor_map_key(&map, 0), 9); /* unknown below */
    cbor_put_text(cbor_map_key(&map, 1), LIT("old"));
    cbor_put_text(cbor_map_key(&map, 2), LIT("gone"));
    inner = cbor_map_open(cbor_map_key(&map, 3)); /* unknown */
    cbor_put_null(cbor_map_key(&inner, 7));
    cbor_map_close(&inner);
    cbor_put_uint(cbor_map_key(&map, 1000), 5); /* unknown */
    cbor_map_close(&map);
    return done(&buf);
}

static void test_unknown_members_survive(void **state)
{
    struct arena *arena = arena_open(100000);
    struct bytes old = newer(arena);
    struct buf buf = buf_open(arena, 1);
    struct cbor_map map = cbor_map_over(&buf, old, 1 << 1 | 1 << 2 | 1 << 4);

    (void)state;
    cbor_put_text(cbor_map_key(&map, 1), LIT("new"));
    cbor_put_bool(cbor_map_key(&map, 4), true);
    cbor_map_close(&map);
    assert_bytes(done(&buf),
                 LIT("\xa5\x00\x09\x01\x63new\x03\xa1\x07\xf6\x04\xf5\x19\x03\xe8\x05"));
    assert_ok(cbor_check(done(&buf)));
    arena_close(arena);
}

static void test_a_map_of_many(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 1);
    struct cbor_map map = cbor_map_open(&buf);
    struct cbor_walk walk;
    struct bytes rest;
    uint64_t n = 0;

    (void)state;
    for (uint64_t i = 0; i < 300; i++)
        cbor_put_uint(cbor_map_key(&map, i * 3), i);
    cbor_map_close(&map);
    rest = done(&buf);
    assert_ok(cbor_walk_open(&rest, &walk));
    assert_int_equal(rest.n, 0);
    while (cbor_walk_next(&walk)) {
        uint64_t value;

        assert_int_equal(walk.key, n * 3);
        assert_ok(cbor_take_uint(&walk.value, &value));
        assert_int_equal(value, n++);
    }
    assert_int_equal(n, 300);
    arena_close(arena);
}

static void test_mistakes_of_ours(void **state)
{
    struct arena *arena = arena_open(100000);
    struct buf buf = buf_open(arena, 1), other = buf_open(arena, 1);
    struct cbor_map map = cbor_map_open(&buf);
    struct bytes out;

    (void)state;
    cbor_put_null(cbor_map_key(&map, 2));
    cbor_put_null(cbor_map_key(&map, 2));
    cbor_map_close(&map);
    assert_fault(buf_done(&buf, &out), ARENA_SPENT);
    map = cbor_map_over(&other, LIT("\xa1\x00"), 0);
    cbor_map_close(&map);
    assert_fault(buf_done(&other, &out), ARENA_SPENT);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling),      cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_unknown_members_survive),
        cmocka_unit_test(test_a_map_of_many), cmocka_unit_test(test_mistakes_of_ours),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_forget_kept();
    return failed;
}
