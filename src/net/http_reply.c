/* http_reply: a reply's head, and the body behind it when both fit into one record. */
#include "base/buf.h"
#include "net/http_head.h"

#include <string.h>
#include <time.h>

enum { HEAD_ROOM = 512, ONE_RECORD = 16 * 1024 };

static const struct {
    uint16_t status;
    const char *line;
} lines[] = {
    {200, "HTTP/1.1 200 OK\r\n"},
    {201, "HTTP/1.1 201 Created\r\n"},
    {202, "HTTP/1.1 202 Accepted\r\n"},
    {204, "HTTP/1.1 204 No Content\r\n"},
    {301, "HTTP/1.1 301 Moved Permanently\r\n"},
    {302, "HTTP/1.1 302 Found\r\n"},
    {304, "HTTP/1.1 304 Not Modified\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    {408, "HTTP/1.1 408 Request Timeout\r\n"},
    {409, "HTTP/1.1 409 Conflict\r\n"},
    {412, "HTTP/1.1 412 Precondition Failed\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {414, "HTTP/1.1 414 URI Too Long\r\n"},
    {415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    {417, "HTTP/1.1 417 Expectation Failed\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {501, "HTTP/1.1 501 Not Implemented\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
};

static void add_status(struct buf *out, uint16_t status)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i].status == status) {
            buf_add_text(out, lines[i].line);
            return;
        }
    }
    buf_add(out, LIT("HTTP/1.1 "));
    buf_add_int(out, status);
    buf_add(out, LIT(" Other\r\n"));
}

/* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", made once a second. */
static void add_date(struct buf *out, int64_t now_ms)
{
    static _Thread_local char text[40];
    static _Thread_local int64_t made_for = -1;
    static _Thread_local size_t n;
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;

    if (now != made_for && gmtime_r(&now, &tm) != NULL) {
        n = strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
        made_for = now;
    }
    buf_add(out, (struct bytes){(const uint8_t *)text, n});
}

static bool clean(struct bytes text)
{
    return http_plain((struct raw){text.at, text.n});
}

fallible http_reply_header(struct http_reply *reply, struct bytes name, struct bytes value)
{
    ENSURE(clean(name) && clean(value), HTTP_BYTES);
    ENSURE(reply->header_count < HTTP_REPLY_HEADERS, ARENA_SPENT);
    reply->headers[reply->header_count++] = (struct pair){name, value};
    return OK;
}

static void add_headers(struct buf *out, const struct http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        buf_add(out, reply->headers[i].name);
        buf_add(out, LIT(": "));
        buf_add(out, reply->headers[i].value);
        buf_add(out, LIT("\r\n"));
    }
}

static size_t headers_size(const struct http_reply *reply)
{
    size_t n = HEAD_ROOM;

    for (size_t i = 0; i < reply->header_count; i++)
        n += reply->headers[i].name.n + reply->headers[i].value.n + 4;
    return n;
}

/* 204 and 304 have no body, and say no length. */
static bool bodiless(uint16_t status)
{
    return status == 204 || status == 304;
}

fallible http_reply_write(const struct http_reply *reply, struct arena *arena, int64_t now_ms,
                          struct bytes *out, struct bytes *rest)
{
    struct bytes body = raw_reveal(reply->body);
    size_t head = headers_size(reply);
    bool silent = reply->head_only || bodiless(reply->status);
    bool joined = !silent && head + body.n <= ONE_RECORD;
    struct buf buf = buf_open(arena, joined ? head + body.n : head);

    add_status(&buf, reply->status);
    add_date(&buf, now_ms);
    add_headers(&buf, reply);
    if (!bodiless(reply->status)) {
        buf_add(&buf, LIT("Content-Length: "));
        buf_add_int(&buf, (int64_t)body.n);
        buf_add(&buf, LIT("\r\n"));
    }
    buf_add_text(&buf, reply->close ? "Connection: close\r\n\r\n" : "\r\n");
    if (joined)
        buf_add(&buf, body);
    *rest = joined || silent ? (struct bytes){0} : body;
    return buf_done(&buf, out);
}
