/* canonical: the request in the one form that both sides sign. Six lines, or groups of lines, as
 * the specification numbers them, each a function. */
#include "base/lanes.h"
#include "codec/text.h"
#include "codec/uri.h"
#include "sigv4/sigv4.h"

#include <string.h>

FAULT(SIGV4_HEADERS, FAULT_UNKNOWN, "sigv4.headers",
      "The signed headers are not in order, or one of them is not in the request.");

enum { MOST_PARAMETERS = 128, USUAL = 1024 };

/* --- the path --- */

/* Takes back the last segment, with its slash; segments are encoded, so no other slash is there. */
static void step_up(struct buf *buf, size_t begin)
{
    while (buf->n > begin && buf->at[buf->n - 1] != '/')
        buf->n--;
    buf->n -= buf->n > begin;
}

static void tidy_path(struct buf *buf, struct bytes path)
{
    size_t begin = buf->n;
    bool ends = bytes_ends(path, LIT("/"));

    while (path.n > 0) {
        struct bytes segment;

        if (!bytes_cut(&path, '/', &segment)) {
            segment = path;
            path = (struct bytes){0};
        }
        if (segment.n == 0 || bytes_same(segment, LIT(".")))
            continue;
        if (bytes_same(segment, LIT(".."))) {
            step_up(buf, begin);
            continue;
        }
        buf_add_byte(buf, '/');
        uri_encode(buf, segment);
    }
    if (ends || buf->n == begin)
        buf_add_byte(buf, '/');
}

static void add_path(struct buf *buf, struct bytes path, bool as_is)
{
    if (path.n == 1 || path.n == 0)
        buf_add_byte(buf, '/');
    else if (as_is)
        uri_encode_path(buf, path);
    else
        tidy_path(buf, path);
}

/* --- the query --- */

/* A name or value as it has to be spelt, in the arena. */
static fallible respell(struct arena *arena, struct bytes text, struct bytes *out)
{
    struct buf buf = buf_open(arena, 3 * text.n);
    uint8_t *decoded = arena_get(arena, text.n + 1);

    ENSURE(decoded != NULL, ARENA_SPENT);
    ENSURE(uri_decode(text, decoded, &text.n) == OK, SIGV4_QUERY);
    uri_encode(&buf, (struct bytes){decoded, text.n});
    return buf_done(&buf, out);
}

static bool comes_after(const struct pair *a, const struct pair *b)
{
    int order = bytes_order(a->name, b->name);

    return order != 0 ? order > 0 : bytes_order(a->value, b->value) > 0;
}

/* By insertion: there are few, mostly in order, and never more than MOST_PARAMETERS. */
static void insert(struct pair *pairs, size_t n, struct pair pair)
{
    while (n > 0 && comes_after(&pairs[n - 1], &pair)) {
        pairs[n] = pairs[n - 1];
        n--;
    }
    pairs[n] = pair;
}

static bool is_left_out(const struct sigv4_claim *claim, struct bytes name)
{
    return claim->presigned &&
           (bytes_same(name, LIT("X-Amz-Signature")) ||
            (claim->token_after && bytes_same(name, LIT("X-Amz-Security-Token"))));
}

static fallible add_query(struct arena *arena, struct buf *buf, struct bytes query,
                          const struct sigv4_claim *claim)
{
    struct pair pairs[MOST_PARAMETERS], raw;
    size_t n = 0;

    while (uri_query_next(&query, &raw)) {
        struct pair pair;

        if (is_left_out(claim, raw.name))
            continue;
        ENSURE(n < MOST_PARAMETERS, SIGV4_QUERY);
        TRY(respell(arena, raw.name, &pair.name));
        TRY(respell(arena, raw.value, &pair.value));
        insert(pairs, n++, pair);
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_byte(buf, '&');
        buf_add(buf, pairs[i].name);
        buf_add_byte(buf, '=');
        buf_add(buf, pairs[i].value);
    }
    return OK;
}

/* --- the headers --- */

static bool is_blank(uint8_t c) /* a folded line's too */
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool blank_lanes(const uint8_t *at)
{
    const lanes all = lanes_at(at);

    return lanes_any((all == ' ') | (all == '\t') | (all == '\r') | (all == '\n'));
}

/* Most values are as they should be already, and are copied: nothing in them is a blank. */
static bool is_tidy(struct bytes value)
{
    size_t i = 0;

    for (; value.n - i >= LANES; i += LANES)
        if (blank_lanes(value.at + i))
            return false;
    if (i != value.n && value.n >= LANES)
        return !blank_lanes(value.at + value.n - LANES);
    for (; i < value.n; i++)
        if (is_blank(value.at[i]))
            return false;
    return true;
}

/* Without blanks around it; runs of them inside become one. */
static void add_value(struct buf *buf, struct bytes value)
{
    uint8_t *to = buf_want(buf, value.n);
    size_t n = 0;

    if (to == NULL)
        return;
    if (is_tidy(value)) {
        buf_add(buf, value);
        return;
    }
    for (size_t i = 0; i < value.n; i++) {
        bool blank = is_blank(value.at[i]);

        if (!blank)
            to[n++] = value.at[i];
        else if (n > 0 && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    if (n > 0 && to[n - 1] == ' ')
        n--;
    buf_took(buf, n);
}

/* name:value, or name:value,value when it stands in the request more than once. */
static fallible add_header(struct buf *buf, const struct sigv4_request *request, struct bytes name)
{
    bool found = false;

    for (size_t i = 0; i < request->header_count; i++) {
        const struct pair *header = &request->headers[i];

        if (header->name.n != name.n || !text_same_caseless(header->name, name))
            continue;
        if (!found)
            buf_add(buf, name);
        buf_add_byte(buf, found ? ',' : ':');
        add_value(buf, header->value);
        found = true;
    }
    buf_add_byte(buf, '\n');
    return found ? OK : SIGV4_HEADERS;
}

static bool is_lower(struct bytes name)
{
    for (size_t i = 0; i < name.n; i++)
        if (text_lower(name.at[i]) != name.at[i])
            return false;
    return name.n > 0;
}

static fallible add_headers(struct buf *buf, const struct sigv4_request *request, struct bytes list)
{
    struct bytes last = {0}, name;

    ENSURE(!bytes_ends(list, LIT(";")), SIGV4_HEADERS);
    while (sigv4_next_signed(&list, &name)) {
        ENSURE(is_lower(name) && bytes_order(last, name) < 0, SIGV4_HEADERS);
        TRY(add_header(buf, request, name));
        last = name;
    }
    return OK;
}

fallible sigv4_canonical(struct arena *arena, const struct sigv4_request *request,
                         const struct sigv4_claim *claim, struct bytes payload_hash,
                         struct sigv4 *state)
{
    struct buf buf = buf_open(arena, USUAL);

    *state = (struct sigv4){.payload_hash = payload_hash};
    buf_add(&buf, request->method);
    buf_add_byte(&buf, '\n');
    add_path(&buf, request->path, claim->as_is);
    buf_add_byte(&buf, '\n');
    if (request->query.n > 0)
        TRY(add_query(arena, &buf, request->query, claim));
    buf_add_byte(&buf, '\n');
    TRY(add_headers(&buf, request, claim->signed_headers));
    buf_add_byte(&buf, '\n');
    buf_add(&buf, claim->signed_headers);
    buf_add_byte(&buf, '\n');
    buf_add(&buf, payload_hash);
    return buf_done(&buf, &state->canonical);
}
