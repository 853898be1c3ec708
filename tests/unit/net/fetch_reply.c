/* Replies in pieces of every size, into either kind of memory. */
#include "support/test.h"

#include "base/buf.h"
#include "net/fetch_reply.h"

static const struct fetch asked = {.keep = "x-kept", .most = 100000};

/* The reply in pieces of `step` bytes; `ended`: the connection ends behind it. */
static const struct fault *take(struct arena *arena, const struct fetch *fetch, struct bytes wire,
                                size_t step, struct fetch_reply *reply)
{
    struct reply_reader *reader;
    bool whole = false;

    *reply = (struct fetch_reply){0};
    assert_ok(reply_reader_open(arena, fetch, reply, &reader));
    while (wire.n > 0 && !whole) {
        size_t n = step < wire.n ? step : wire.n;
        const struct fault *fault =
            reply_reader_take(reader, (struct sensitive_view){wire.at, n}, &whole);

        if (fault != OK)
            return fault;
        wire = bytes_after(wire, n);
    }
    return whole ? OK : reply_reader_end(reader);
}

static void expect(struct bytes wire, int status, struct bytes body, struct bytes kept)
{
    struct fetch fetch = asked;

    for (size_t step = 1; step <= wire.n; step++) {
        struct arena *arena = arena_open(1000000);
        struct fetch_reply reply;

        fetch.hidden = step % 2 == 1;
        assert_ok(take(arena, &fetch, wire, step, &reply));
        assert_int_equal(reply.status, status);
        assert_bytes(((struct bytes){reply.body.at, reply.body.n}), body);
        assert_bytes(reply.kept, kept);
        arena_close(arena);
    }
}

static void refuse(struct bytes wire, const struct fault *why)
{
    for (size_t step = 1; step <= wire.n; step++) {
        struct arena *arena = arena_open(1000000);
        struct fetch_reply reply;

        assert_fault(take(arena, &asked, wire, step, &reply), why);
        arena_close(arena);
    }
}

static void test_replies_are_read(void **state)
{
    (void)state;
    expect(LIT("HTTP/1.1 200 OK\r\nX-Kept: an id\r\nContent-Length: 5\r\n\r\nvalue"), 200,
           LIT("value"), LIT("an id"));
    expect(LIT("HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n"), 400, LIT(""), LIT(""));
    expect(LIT("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
               "chunked\r\n\r\n3\r\nval\r\n2;x=y\r\nue\r\n0\r\n\r\n"),
           200, LIT("value"), LIT(""));
    expect(LIT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-kept:a\r\nContent-Length: "
               "1\r\n\r\nv"),
           200, LIT("v"), LIT("a"));
    expect(LIT("HTTP/1.0 200 OK\r\n\r\nto the end"), 200, LIT("to the end"), LIT(""));
}

static void test_others_are_refused(void **state)
{
    (void)state;
    refuse(LIT("SSH-2.0-OpenSSH_9.2\r\n"), FETCH_ODD);
    refuse(LIT("\x15\x03\x01\x00\x02\x02\x50"), FETCH_ODD);
    refuse(LIT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nvalue"),
           FETCH_ODD);
    refuse(LIT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nvalue"),
           FETCH_ODD);
    refuse(LIT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), FETCH_ODD);
    refuse(LIT("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nvalue"), FETCH_BROKEN);
    refuse(LIT("HTTP/1.1 200 OK\r\n"), FETCH_BROKEN);
}

static void test_a_body_is_bounded(void **state)
{
    const struct fetch little = {.keep = "x", .most = 4};
    struct arena *arena = arena_open(1000000);
    struct fetch_reply reply;

    (void)state;
    assert_fault(
        take(arena, &little, LIT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nvalue"), 100, &reply),
        FETCH_ODD);
    assert_ok(
        take(arena, &little, LIT("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nvalu"), 100, &reply));
    arena_close(arena);
}

static void test_a_head_is_bounded(void **state)
{
    struct arena *arena = arena_open(10000000);
    struct buf wire = buf_open(arena, 100000);
    struct fetch_reply reply;
    struct bytes all;

    (void)state;
    buf_add_text(&wire, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 20000; i++)
        buf_add_text(&wire, "a: b\r\n");
    buf_add_text(&wire, "c: ");
    for (int i = 0; i < 70000; i++)
        buf_add_byte(&wire, 'd');
    assert_ok(buf_done(&wire, &all));
    assert_fault(take(arena, &asked, all, 1000, &reply), FETCH_ODD);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_are_read),
        cmocka_unit_test(test_others_are_refused),
        cmocka_unit_test(test_a_body_is_bounded),
        cmocka_unit_test(test_a_head_is_bounded),
    };
    int failed;

    if (sensitive_start(NULL) != OK)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_forget_kept();
    return failed;
}
