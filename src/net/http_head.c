/* http_head: the refusals of SECURITY 6 that llhttp does not make. */
#include "net/http_head.h"

#include "base/lanes.h"

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

static bool controls(const uint8_t *at)
{
    const lanes all = lanes_at(at);

    return lanes_any((all < 0x20) | (all == 0x7F));
}

bool http_plain(struct raw value)
{
    size_t i = 0;

    for (; value.n - i >= LANES; i += LANES)
        if (controls(value.at + i))
            return false;
    if (i != value.n && value.n >= LANES) /* the rest, and some once more */
        return !controls(value.at + value.n - LANES);
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

/* Eight bytes of a name in lower case; true when one of them is not graphic. */
static bool lower_eight(uint8_t *at)
{
    uint8_t eight __attribute__((vector_size(8))), odd __attribute__((vector_size(8)));
    uint64_t found;

    memcpy(&eight, at, sizeof eight);
    odd = (eight < 0x21) | (eight > 0x7E);
    eight |= (eight >= 'A') & (eight <= 'Z') & 0x20;
    memcpy(at, &eight, sizeof eight);
    memcpy(&found, &odd, sizeof found);
    return found != 0;
}

/* Written over: the head lies in the request's own buffer. True when all of it is graphic. */
static bool lower_name(struct raw text)
{
    uint8_t *name = (uint8_t *)(uintptr_t)text.at;
    bool odd = text.n == 0;
    size_t i = 0;

    for (; text.n - i >= 8; i += 8)
        odd |= lower_eight(name + i);
    if (i != text.n && text.n >= 8) { /* the rest, and some once more */
        odd |= lower_eight(name + text.n - 8);
        i = text.n;
    }
    for (; i < text.n; i++) {
        odd |= name[i] < 0x21 || name[i] > 0x7E;
        name[i] = lower(name[i]);
    }
    return !odd;
}

static bool tidy(struct http_header *header)
{
    while (header->value.n != 0 && header->value.at[header->value.n - 1] == ' ')
        header->value.n--;
    return lower_name(header->name) && http_plain(header->value);
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

/* The values that decide where the request ends and what it is; of each the first. */
struct framing {
    struct raw host, expect, upgrade, length, encoding, coding;
};

static void keep(struct raw *place, const struct http_header *header, struct bytes name)
{
    if (place->at == NULL && memcmp(header->name.at, name.at, name.n) == 0)
        *place = header->value;
}

static void keep_framing(struct framing *framing, const struct http_header *header)
{
    switch (header->name.n) {
    case 4:
        keep(&framing->host, header, LIT("host"));
        break;
    case 6:
        keep(&framing->expect, header, LIT("expect"));
        break;
    case 7:
        keep(&framing->upgrade, header, LIT("upgrade"));
        break;
    case 14:
        keep(&framing->length, header, LIT("content-length"));
        break;
    case 16:
        keep(&framing->encoding, header, LIT("content-encoding"));
        break;
    case 17:
        keep(&framing->coding, header, LIT("transfer-encoding"));
        break;
    default:
        break;
    }
}

static fallible judge_headers(struct http_header *headers, size_t count, struct framing *framing)
{
    for (size_t i = 0; i < count; i++) {
        struct raw name = headers[i].name;

        ENSURE(tidy(&headers[i]), HTTP_BYTES);
        if (once(name) && seen(headers, i, name))
            return http_same(name, LIT("host")) ? HTTP_HOST : HTTP_TWICE;
        keep_framing(framing, &headers[i]);
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

static fallible judge_framing(const struct framing *framing)
{
    ENSURE(absent_or(framing->coding, LIT("chunked")), HTTP_CODING);
    ENSURE(framing->length.at == NULL || framing->coding.at == NULL, HTTP_CODING);
    ENSURE(framing->length.at == NULL || all_digits(framing->length), HTTP_MALFORMED);
    ENSURE(framing->upgrade.at == NULL, HTTP_UPGRADE);
    ENSURE(framing->encoding.at == NULL, HTTP_ENCODED);
    ENSURE(absent_or(framing->expect, LIT("100-continue")), HTTP_EXPECT);
    return OK;
}

fallible http_judge_head(struct http_request *request, struct http_header *headers, int minor)
{
    struct framing framing = {0};

    TRY(judge_target(request));
    ENSURE(minor == 1 || (minor == 0 && health(request->path)), HTTP_VERSION);
    TRY(judge_headers(headers, request->header_count, &framing));
    TRY(judge_framing(&framing));
    if (minor == 1)
        ENSURE(framing.host.n != 0, HTTP_HOST);
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
