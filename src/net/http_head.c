/* http_head: the refusals of SECURITY 6 that llhttp does not make. */
#include "net/http_head.h"

#include <string.h>

/* clang-format off */
FAULT(HTTP_HOST, FAULT_CALLER, "http.host", "A request has exactly one Host header.");
FAULT(HTTP_TWICE, FAULT_CALLER, "http.twice", "A header that may stand once stands twice.");
FAULT(HTTP_FOLDED, FAULT_CALLER, "http.folded", "Header lines that go on in the next line are not accepted.");
FAULT(HTTP_CODING, FAULT_CALLER, "http.coding", "Only Transfer-Encoding: chunked is accepted, and no Content-Length beside it.");
FAULT(HTTP_TARGET, FAULT_CALLER, "http.target", "The request's target has to be a path that begins with a slash.");
FAULT(HTTP_UPGRADE, FAULT_CALLER, "http.upgrade", "Other protocols are not spoken here.");
FAULT(HTTP_ENCODED, FAULT_CALLER, "http.encoded", "Encoded bodies are not accepted.");
FAULT(HTTP_BYTES, FAULT_CALLER, "http.bytes", "A header or the target holds a byte that may not stand there.");
FAULT(HTTP_EXPECT, FAULT_CALLER, "http.expect", "The only expectation that can be met is 100-continue.");
/* clang-format on */

static const uint64_t ONES = 0x0101010101010101, TOPS = 0x8080808080808080;

/* Does one of eight bytes lie under 0x20, or is one 0x7F? */
static bool controls(uint64_t eight)
{
    uint64_t low = (eight - ONES * 0x20) & ~eight & TOPS;
    uint64_t delete = eight ^ (ONES * 0x7F);

    return (low | ((delete - ONES) & ~delete &TOPS)) != 0;
}

static bool plain(struct raw value)
{
    size_t i = 0;
    uint64_t eight;

    for (; value.n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, value.at + i, sizeof eight);
        if (controls(eight))
            return false;
    }
    for (; i < value.n; i++)
        if (value.at[i] < 0x20 || value.at[i] == 0x7F)
            return false;
    return true;
}

static bool graphic(struct raw text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < 0x21 || text.at[i] > 0x7E)
            return false;
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool http_same(struct raw value, struct bytes text)
{
    if (value.n != text.n)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (lower(value.at[i]) != text.at[i])
            return false;
    return true;
}

struct raw http_header(const struct http_request *request, struct bytes name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];

        if (header->name.n == name.n && memcmp(header->name.at, name.at, name.n) == 0)
            return header->value;
    }
    return (struct raw){0};
}

/* The head lies in the request's own buffer, so its names may be written over. */
static bool tidy(struct http_header *header)
{
    uint8_t *name = (uint8_t *)(uintptr_t)header->name.at;

    for (size_t i = 0; i < header->name.n; i++)
        name[i] = lower(name[i]);
    while (header->value.n != 0 && header->value.at[header->value.n - 1] == ' ')
        header->value.n--;
    return header->name.n != 0 && graphic(header->name) && plain(header->value);
}

static bool begins(struct raw name, struct bytes with)
{
    return name.n >= with.n && memcmp(name.at, with.at, with.n) == 0;
}

/* Those of which a second one could say something else than the one that was signed. */
static bool once(struct raw name)
{
    switch (name.at[0]) {
    case 'a':
        return http_same(name, LIT("authorization"));
    case 'c':
        return begins(name, LIT("content-"));
    case 'h':
        return http_same(name, LIT("host"));
    case 't':
        return http_same(name, LIT("transfer-encoding"));
    case 'x':
        return begins(name, LIT("x-amz-"));
    default:
        return false;
    }
}

static bool seen(const struct http_header *headers, size_t before, struct raw name)
{
    for (size_t i = 0; i < before; i++)
        if (headers[i].name.n == name.n && memcmp(headers[i].name.at, name.at, name.n) == 0)
            return true;
    return false;
}

static fallible judge_headers(struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct raw name = headers[i].name;

        ENSURE(tidy(&headers[i]), HTTP_BYTES);
        if (once(name) && seen(headers, i, name))
            return http_same(name, LIT("host")) ? HTTP_HOST : HTTP_TWICE;
    }
    return OK;
}

static bool health(struct raw path)
{
    return http_same(path, LIT("/health")) || http_same(path, LIT("/healthz")) ||
           http_same(path, LIT("/readyz")) || http_same(path, LIT("/metrics"));
}

static fallible judge_target(const struct http_request *request)
{
    struct raw path = request->path;

    ENSURE(graphic(path) && graphic(request->query), HTTP_BYTES);
    ENSURE(path.n != 0 && path.at[0] == '/', HTTP_TARGET);
    ENSURE(memchr(path.at, '#', path.n) == NULL, HTTP_TARGET);
    ENSURE(request->query.n == 0 || memchr(request->query.at, '#', request->query.n) == NULL,
           HTTP_TARGET);
    return OK;
}

static bool all_digits(struct raw value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.at[i] < '0' || value.at[i] > '9')
            return false;
    return value.n != 0;
}

static bool absent_or(struct raw value, struct bytes only)
{
    return value.at == NULL || http_same(value, only);
}

static fallible judge_framing(const struct http_request *request)
{
    struct raw coding = http_header(request, LIT("transfer-encoding"));
    struct raw length = http_header(request, LIT("content-length"));

    ENSURE(absent_or(coding, LIT("chunked")), HTTP_CODING);
    ENSURE(length.at == NULL || coding.at == NULL, HTTP_CODING);
    ENSURE(length.at == NULL || all_digits(length), HTTP_MALFORMED);
    ENSURE(http_header(request, LIT("upgrade")).at == NULL, HTTP_UPGRADE);
    ENSURE(http_header(request, LIT("content-encoding")).at == NULL, HTTP_ENCODED);
    ENSURE(absent_or(http_header(request, LIT("expect")), LIT("100-continue")), HTTP_EXPECT);
    return OK;
}

fallible http_judge_head(struct http_request *request, struct http_header *headers, int minor)
{
    TRY(judge_target(request));
    ENSURE(minor == 1 || (minor == 0 && health(request->path)), HTTP_VERSION);
    TRY(judge_headers(headers, request->header_count));
    TRY(judge_framing(request));
    if (minor == 1)
        ENSURE(http_header(request, LIT("host")).n != 0, HTTP_HOST);
    return OK;
}

/* clang-format off */
static const struct {
    const struct fault *fault;
    uint16_t status;
} statuses[] = {
    {HTTP_EXPECT, 417}, {HTTP_LONG_TARGET, 414}, {HTTP_LONG_LINE, 431}, {HTTP_LONG_HEAD, 431},
    {HTTP_MANY_HEADERS, 431}, {HTTP_LONG_BODY, 413}, {ARENA_SPENT, 503},
};
/* clang-format on */

uint16_t http_status(const struct fault *fault)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].fault == fault)
            return statuses[i].status;
    return 400;
}
