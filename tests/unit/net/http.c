/* What the HTTP reader accepts, what it refuses and why: each case sent whole and byte by byte. */
#include "support/test.h"

#include "base/buf.h"
#include "net/http.h"

#include <stdio.h>
#include <stdlib.h>

enum { MEMORY = 8 * 1024 * 1024 };

struct reading {
    struct arena *arena;
    struct http_reader *reader;
    struct http_request request;
    const struct fault *fault;
    enum http_stage stage;
    struct bytes left; /* not yet given to the reader */
    size_t heads;      /* how often HTTP_HEAD_READ was told */
};

static void reading_open(struct reading *r, struct bytes wire)
{
    *r = (struct reading){.arena = arena_open(MEMORY), .left = wire};
    assert_non_null(r->arena);
    assert_ok(http_reader_open(r->arena, &r->request, (struct bytes){0}, &r->reader));
}

static void give(struct reading *r, size_t at_most)
{
    uint8_t *at;
    size_t room, n;

    if (r->stage == HTTP_HEAD_READ) {
        r->fault = http_took(r->reader, 0, &r->stage);
        return;
    }
    r->fault = http_want(r->reader, &at, &room);
    if (r->fault != OK)
        return;
    assert_true(room != 0);
    n = room < at_most ? room : at_most;
    n = n < r->left.n ? n : r->left.n;
    memcpy(at, r->left.at, n);
    r->left = bytes_after(r->left, n);
    r->fault = http_took(r->reader, n, &r->stage);
    r->heads += r->fault == OK && r->stage == HTTP_HEAD_READ;
}

static void read_all(struct reading *r, struct bytes wire, size_t step)
{
    reading_open(r, wire);
    while (r->fault == OK && r->stage != HTTP_READ &&
           (r->left.n != 0 || r->stage == HTTP_HEAD_READ))
        give(r, step);
}

static const size_t steps[] = {1, 2, 7, 1000, 1 << 20};

#define HOST "Host: localhost\r\n"

/* A text with `n` times `c` in the middle, on the heap. */
static struct bytes filled(const char *before, char c, size_t n, const char *after)
{
    size_t total = strlen(before) + n + strlen(after);
    char *text = malloc(total + 1);

    assert_non_null(text);
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), c, n);
    memcpy(text + strlen(before) + n, after, strlen(after) + 1);
    return (struct bytes){(const uint8_t *)text, total};
}

/* How many steps did not end in this refusal; all of them are tried, so that one run tells all. */
static int unlike(struct bytes wire, const struct fault *why)
{
    int count = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct reading r;

        read_all(&r, wire, steps[i]);
        if (r.fault != why) {
            print_error("%.99s... in steps of %zu: %s\n", wire.at, steps[i],
                        r.fault == OK ? "accepted" : r.fault->name);
            count++;
        }
        (void)http_header(&r.request, LIT("user-agent")); /* as whoever notes the refusal does */
        arena_close(r.arena);
    }
    return count;
}

static void assert_refused(struct bytes wire, const struct fault *why)
{
    assert_int_equal(unlike(wire, why), 0);
}

/* clang-format off */
static const struct refusal {
    struct bytes wire;
    const struct fault *why;
} refusals[] = {
    {LIT("\r\n"), HTTP_MALFORMED},
    {LIT("\x16\x03\x01\x02\x00\x01"), HTTP_MALFORMED},
    {LIT("get / HTTP/1.1\r\n" HOST "\r\n"), HTTP_MALFORMED},
    {LIT("FETCH / HTTP/1.1\r\n" HOST "\r\n"), HTTP_MALFORMED},
    {LIT("GET /\r\n\r\n"), HTTP_VERSION},
    {LIT("GET / HTTP/1.0\r\n" HOST "\r\n"), HTTP_VERSION},
    {LIT("GET / HTTP/0.9\r\n" HOST "\r\n"), HTTP_VERSION},
    {LIT("GET / HTTP/2.0\r\n" HOST "\r\n"), HTTP_VERSION},
    {LIT("GET / HTTP/1.2\r\n" HOST "\r\n"), HTTP_VERSION},
    {LIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), HTTP_MALFORMED},
    {LIT("GET / HTTP/1.1\r\n\r\n"), HTTP_HOST},
    {LIT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), HTTP_HOST},
    {LIT("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), HTTP_HOST},
    {LIT("GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n"), HTTP_HOST},
    {LIT("GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nauthorization: b\r\n\r\n"), HTTP_TWICE},
    {LIT("POST / HTTP/1.1\r\n" HOST "X-Amz-Target: a\r\nX-AMZ-TARGET: b\r\n\r\n"), HTTP_TWICE},
    {LIT("POST / HTTP/1.1\r\n" HOST "X-Amz-Date: a\r\nx: y\r\nX-Amz-Date: a\r\n\r\n"), HTTP_TWICE},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Type: a\r\nContent-Type: b\r\n\r\n"), HTTP_TWICE},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"), HTTP_TWICE},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), HTTP_CODING},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n"), HTTP_FOLDED},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n\r\n"), HTTP_FOLDED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), HTTP_FOLDED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), HTTP_CODING},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Amz-Target: a\r\n\r\n"), HTTP_TRAILER},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n"), HTTP_TRAILER},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n"), HTTP_EXTENSION},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0\r\n\r\n"), HTTP_EXTENSION},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0;a\r\n\r\n"), HTTP_EXTENSION},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;\r\nx\r\n0\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\ng\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"), HTTP_MALFORMED},
    {LIT("GET http://localhost/ HTTP/1.1\r\n" HOST "\r\n"), HTTP_TARGET},
    {LIT("CONNECT localhost:443 HTTP/1.1\r\n" HOST "\r\n"), HTTP_TARGET},
    {LIT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), HTTP_TARGET},
    {LIT("GET /a#b HTTP/1.1\r\n" HOST "\r\n"), HTTP_TARGET},
    {LIT("GET /a?b#c HTTP/1.1\r\n" HOST "\r\n"), HTTP_TARGET},
    {LIT("GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\n\r\n"), HTTP_UPGRADE},
    {LIT("GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), HTTP_UPGRADE},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"), HTTP_ENCODED},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\x01" "c\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\x7f" "c\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\tc\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A\x80: b\r\n\r\n"), HTTP_BYTES},
    {LIT("GET /\x80 HTTP/1.1\r\n" HOST "\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST "A\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n"), HTTP_BYTES},
    {LIT("GET / HTTP/1.1\n" HOST "\n"), HTTP_MALFORMED},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\n\r\n"), HTTP_MALFORMED},
    {LIT("GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"), HTTP_MALFORMED},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n"), HTTP_LONG_BODY},
    {LIT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: a-miracle\r\n\r\n"), HTTP_EXPECT},
};
/* clang-format on */

static void refuses_what_security_6_lists(void **state)
{
    int count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        count += unlike(refusals[i].wire, refusals[i].why);
    assert_int_equal(count, 0);
}

static void assert_refused_filled(const char *before, size_t n, const char *after,
                                  const struct fault *why)
{
    struct bytes wire = filled(before, 'a', n, after);

    assert_refused(wire, why);
    free((void *)(uintptr_t)wire.at);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    assert_refused_filled("GET /", HTTP_LONGEST_LINE, " HTTP/1.1\r\n" HOST "\r\n",
                          HTTP_LONG_TARGET);
    assert_refused_filled("GET /", HTTP_LONGEST_LINE + 1, "", HTTP_LONG_TARGET);
    assert_refused_filled("GET / HTTP/1.1\r\n" HOST "A: ", HTTP_LONGEST_LINE, "", HTTP_LONG_LINE);
    assert_refused_filled("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                          "100001\r\n",
                          HTTP_LONGEST_BODY + 1, "\r\n0\r\n\r\n", HTTP_LONG_BODY);
}

/* `count` headers, of which all but Host have `each` bytes of value. */
static struct bytes with_headers(struct arena *arena, size_t count, size_t each)
{
    struct buf text = buf_open(arena, 1024);
    struct bytes done;

    buf_add(&text, LIT("GET / HTTP/1.1\r\n" HOST));
    for (size_t i = 1; i < count; i++) {
        buf_add(&text, LIT("n"));
        buf_add_int(&text, (int64_t)i);
        buf_add(&text, LIT(": "));
        for (size_t j = 0; j < each; j++)
            buf_add_byte(&text, '7');
        buf_add(&text, LIT("\r\n"));
    }
    buf_add(&text, LIT("\r\n"));
    assert_ok(buf_done(&text, &done));
    return done;
}

static void refuses_too_many_headers_and_too_much_head(void **state)
{
    struct arena *arena = arena_open(MEMORY);
    struct bytes many = with_headers(arena, HTTP_MOST_HEADERS + 1, 1);
    struct bytes much = with_headers(arena, 90, 200);

    (void)state;
    assert_refused(many, HTTP_MANY_HEADERS);
    assert_refused(much, HTTP_LONG_HEAD);
    arena_close(arena);
}

static void reads_as_many_headers_as_it_may(void **state)
{
    struct arena *arena = arena_open(MEMORY);
    struct bytes wire = with_headers(arena, HTTP_MOST_HEADERS, 140);

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct reading r;

        read_all(&r, wire, steps[i]);
        assert_ok(r.fault);
        assert_int_equal(r.stage, HTTP_READ);
        assert_int_equal(r.request.header_count, HTTP_MOST_HEADERS);
        assert_int_equal(http_header(&r.request, LIT("n99")).n, 140);
        assert_bytes(raw_reveal(http_header(&r.request, LIT("host"))), LIT("localhost"));
        arena_close(r.arena);
    }
    arena_close(arena);
}

/* Reads the same bytes in all steps; `check` looks at what came of it. */
static void each_step(struct bytes wire, void (*check)(struct reading *))
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct reading r;

        read_all(&r, wire, steps[i]);
        assert_ok(r.fault);
        assert_int_equal(r.stage, HTTP_READ);
        assert_int_equal(r.heads, 1);
        check(&r);
        arena_close(r.arena);
    }
}

static void check_get(struct reading *r)
{
    assert_bytes(raw_reveal(r->request.method), LIT("GET"));
    assert_bytes(raw_reveal(r->request.path), LIT("/a%20b"));
    assert_bytes(raw_reveal(r->request.query), LIT("c=d&e=?"));
    assert_int_equal(r->request.body.n, 0);
    assert_bytes(raw_reveal(http_header(&r->request, LIT("x-some"))), LIT("a  b"));
    assert_bytes(raw_reveal(http_header(&r->request, LIT("x-empty"))), LIT(""));
    assert_non_null(http_header(&r->request, LIT("x-empty")).at);
    assert_null(http_header(&r->request, LIT("x-none")).at);
    assert_true(http_keeps_alive(r->reader));
    assert_int_equal(http_rest(r->reader).n, 0);
}

static void reads_a_head(void **state)
{
    (void)state;
    each_step(LIT("GET /a%20b?c=d&e=? HTTP/1.1\r\n" HOST "X-SoMe:  a  b  \r\nX-Empty:\r\n\r\n"),
              check_get);
}

/* Names of all lengths come in lower case, and only the letters of them do. */
static void spells_names_small(void **state)
{
    static const char name[] = "AZaz09-_AZaz09-_AZaz09-_A", small[] = "azaz09-_azaz09-_azaz09-_a";

    (void)state;
    for (size_t n = 1; n < sizeof name; n++) {
        char wire[256];
        int wire_n =
            snprintf(wire, sizeof wire, "GET / HTTP/1.1\r\n" HOST "%.*s: x\r\n\r\n", (int)n, name);
        struct reading r;

        read_all(&r, (struct bytes){(const uint8_t *)wire, (size_t)wire_n}, SIZE_MAX);
        assert_ok(r.fault);
        assert_bytes(raw_reveal(http_header(&r.request, (struct bytes){(const uint8_t *)small, n})),
                     LIT("x"));
        arena_close(r.arena);
    }
}

/* tchar of RFC 9110. */
static bool in_a_name(unsigned c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", (int)c) != NULL);
}

static bool in_a_value(unsigned c)
{
    return c >= 0x20 && c != 0x7F;
}

static bool is_taken(const char *before, const char *middle, size_t n, const char *after)
{
    char wire[256];
    const size_t first = strlen(before);
    struct reading r;

    memcpy(wire, before, first);
    memcpy(wire + first, middle, n);
    memcpy(wire + first + n, after, strlen(after));
    read_all(&r, (struct bytes){(const uint8_t *)wire, first + n + strlen(after)}, SIZE_MAX);
    arena_close(r.arena);
    return r.fault == OK;
}

/* Each byte at each place of names and values of all lengths, since they are read in steps of
 * sixteen, of eight, and singly. */
static void takes_no_other_bytes(void **state)
{
    char text[40];

    (void)state;
    for (size_t n = 1; n <= sizeof text; n += n < 18 ? 1 : 11)
        for (size_t at = 0; at < n; at++)
            for (unsigned c = 0; c < 256; c++) {
                memset(text, 'v', sizeof text);
                text[at] = (char)c;
                if (c != '\n' && c != '\r' && (c != '\t' || at != 0)) /* that is before it */
                    assert_true(is_taken("GET / HTTP/1.1\r\n" HOST "A: ", text, n, "\r\n\r\n") ==
                                in_a_value(c));
                if (c != ':') /* ends it */
                    assert_true(is_taken("GET / HTTP/1.1\r\n" HOST, text, n,
                                         ": v\r\nB: vvvvvvvvvvvvvvvv\r\n\r\n") == in_a_name(c));
            }
}

static void check_health(struct reading *r)
{
    assert_bytes(raw_reveal(r->request.path), LIT("/healthz"));
    assert_false(http_keeps_alive(r->reader));
}

static void reads_1_0_for_health(void **state)
{
    (void)state;
    each_step(LIT("GET /healthz HTTP/1.0\r\n\r\n"), check_health);
}

static void check_close(struct reading *r)
{
    assert_false(http_keeps_alive(r->reader));
    assert_bytes(raw_reveal(r->request.body), LIT("hello"));
}

static void reads_a_body_and_closes(void **state)
{
    (void)state;
    each_step(LIT("POST / HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 5\r\n\r\nhello"),
              check_close);
    each_step(LIT("POST / HTTP/1.1\r\n" HOST
                  "Connection: close\r\nTransfer-Encoding: Chunked\r\n\r\n"
                  "2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n"),
              check_close);
}

#define FIRST_PIPED "POST /1 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
#define CHUNK_PIPED \
    "POST /1 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
#define NEXT_PIPED "GET /2 HTTP/1.1\r\n" HOST "\r\n"

static void check_piped(struct reading *r)
{
    struct reading next = {.arena = arena_open(MEMORY), .left = r->left};
    struct bytes rest = http_rest(r->reader);

    assert_bytes(raw_reveal(r->request.body), LIT("abc"));
    assert_int_equal(rest.n + r->left.n, sizeof NEXT_PIPED - 1);
    assert_ok(http_reader_open(next.arena, &next.request, rest, &next.reader));
    assert_ok(http_took(next.reader, 0, &next.stage));
    while (next.stage != HTTP_READ && next.fault == OK)
        give(&next, 1);
    assert_ok(next.fault);
    assert_bytes(raw_reveal(next.request.path), LIT("/2"));
    arena_close(next.arena);
}

static void leaves_the_next_request_alone(void **state)
{
    (void)state;
    each_step(LIT(FIRST_PIPED NEXT_PIPED), check_piped);
    each_step(LIT(CHUNK_PIPED NEXT_PIPED), check_piped);
}

static void check_long(struct reading *r)
{
    assert_int_equal(r->request.body.n, HTTP_LONGEST_BODY);
    for (size_t i = 0; i < HTTP_LONGEST_BODY; i++)
        assert_true(r->request.body.at[i] == 'a');
    assert_bytes(raw_reveal(http_header(&r->request, LIT("host"))), LIT("localhost"));
}

static void reads_the_longest_body(void **state)
{
    struct bytes plain = filled("POST / HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n", 'a',
                                HTTP_LONGEST_BODY, "");
    struct bytes chunks =
        filled("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n100000\r\n", 'a',
               HTTP_LONGEST_BODY, "\r\n0\r\n\r\n");

    (void)state;
    each_step(plain, check_long);
    each_step(chunks, check_long);
    free((void *)(uintptr_t)plain.at);
    free((void *)(uintptr_t)chunks.at);
}

static void tells_of_continue(void **state)
{
    struct reading r;

    (void)state;
    read_all(&r,
             LIT("POST / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n"),
             1000);
    assert_ok(r.fault);
    assert_int_equal(r.stage, HTTP_READING_BODY);
    assert_true(http_expects_continue(r.reader));
    r.left = LIT("ab");
    give(&r, 2);
    assert_int_equal(r.stage, HTTP_READ);
    arena_close(r.arena);
    read_all(&r,
             LIT("POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\na"),
             1000);
    assert_ok(r.fault);
    assert_false(http_expects_continue(r.reader));
    arena_close(r.arena);
}

static void assert_reply(const struct http_reply *reply, struct bytes expected, size_t rest_n)
{
    struct arena *arena = arena_open(MEMORY);
    struct bytes out, rest;

    assert_ok(http_reply_write(reply, arena, 784111777000, &out, &rest));
    assert_bytes(out, expected);
    assert_int_equal(rest.n, rest_n);
    arena_close(arena);
}

#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

static void writes_replies(void **state)
{
    static const uint8_t large[40000];
    struct http_reply reply = {.status = 200, .body = {(const uint8_t *)"{}", 2}};

    (void)state;
    assert_ok(http_reply_header(&reply, LIT("Content-Type"), LIT("application/json")));
    assert_reply(&reply,
                 LIT("HTTP/1.1 200 OK\r\n" DATE
                     "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
                 0);
    reply.close = true;
    reply.head_only = true;
    assert_reply(&reply,
                 LIT("HTTP/1.1 200 OK\r\n" DATE
                     "Content-Type: application/json\r\nContent-Length: 2\r\n"
                     "Connection: close\r\n\r\n"),
                 0);
    reply = (struct http_reply){.status = 299, .body = {large, sizeof large}};
    assert_reply(&reply, LIT("HTTP/1.1 299 Other\r\n" DATE "Content-Length: 40000\r\n\r\n"),
                 sizeof large);
    reply = (struct http_reply){.status = 204};
    assert_reply(&reply, LIT("HTTP/1.1 204 No Content\r\n" DATE "\r\n"), 0);
}

static void lets_nothing_be_injected(void **state)
{
    struct http_reply reply = {.status = 200};

    (void)state;
    assert_fault(http_reply_header(&reply, LIT("A"), LIT("b\r\nC: d")), HTTP_BYTES);
    assert_fault(http_reply_header(&reply, LIT("A\n"), LIT("b")), HTTP_BYTES);
    for (size_t i = 0; i < HTTP_REPLY_HEADERS; i++)
        assert_ok(http_reply_header(&reply, LIT("A"), LIT("b")));
    assert_fault(http_reply_header(&reply, LIT("A"), LIT("b")), ARENA_SPENT);
}

static void says_the_status(void **state)
{
    (void)state;
    assert_int_equal(http_status(HTTP_MALFORMED), 400);
    assert_int_equal(http_status(HTTP_LONG_BODY), 413);
    assert_int_equal(http_status(HTTP_LONG_TARGET), 414);
    assert_int_equal(http_status(HTTP_EXPECT), 417);
    assert_int_equal(http_status(HTTP_LONG_HEAD), 431);
    assert_int_equal(http_status(ARENA_SPENT), 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_security_6_lists),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(refuses_too_many_headers_and_too_much_head),
        cmocka_unit_test(reads_as_many_headers_as_it_may),
        cmocka_unit_test(reads_a_head),
        cmocka_unit_test(spells_names_small),
        cmocka_unit_test(takes_no_other_bytes),
        cmocka_unit_test(reads_1_0_for_health),
        cmocka_unit_test(reads_a_body_and_closes),
        cmocka_unit_test(leaves_the_next_request_alone),
        cmocka_unit_test(reads_the_longest_body),
        cmocka_unit_test(tells_of_continue),
        cmocka_unit_test(writes_replies),
        cmocka_unit_test(lets_nothing_be_injected),
        cmocka_unit_test(says_the_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
