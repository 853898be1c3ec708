/* fetch_reply: status, one header, and the body into memory of the kind that the caller asked
 * for. */
#include "net/fetch_reply.h"

#include "base/buf.h"

#include <llhttp.h>
#include <string.h>

enum { HEAD_MOST = 64 * 1024, FIRST_ROOM = 4096 };

struct reply_reader {
    llhttp_t parser;
    llhttp_settings_t rules;
    struct arena *arena;
    const struct fetch *fetch;
    struct fetch_reply *reply;
    struct buf name, value; /* of the header that is read */
    size_t head_n;
    struct sensitive *hidden; /* where the body is, if it is one that hides */
    uint8_t *body;
    size_t n, room;
    bool whole;
    const struct fault *fault;
};

static struct reply_reader *of(llhttp_t *parser)
{
    return parser->data;
}

static int fail(struct reply_reader *r, const struct fault *fault)
{
    if (r->fault == OK)
        r->fault = fault;
    return HPE_USER;
}

static int on_name(llhttp_t *parser, const char *at, size_t n)
{
    struct reply_reader *r = of(parser);

    r->head_n += n;
    if (r->head_n > HEAD_MOST)
        return fail(r, FETCH_ODD);
    buf_add(&r->name, (struct bytes){(const uint8_t *)at, n});
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t n)
{
    struct reply_reader *r = of(parser);

    r->head_n += n;
    if (r->head_n > HEAD_MOST)
        return fail(r, FETCH_ODD);
    buf_add(&r->value, (struct bytes){(const uint8_t *)at, n});
    return 0;
}

static int on_header(llhttp_t *parser)
{
    struct reply_reader *r = of(parser);
    struct bytes name, value;

    if (buf_done(&r->name, &name) != OK || buf_done(&r->value, &value) != OK)
        return fail(r, ARENA_SPENT);
    if (name.n == strlen(r->fetch->keep) &&
        strncasecmp((const char *)name.at, r->fetch->keep, name.n) == 0)
        r->reply->kept = arena_copy(r->arena, value);
    r->name.n = r->value.n = 0;
    return 0;
}

static fallible make_room(struct reply_reader *r, size_t room)
{
    struct sensitive *before = r->hidden;
    uint8_t *to;

    if (r->fetch->hidden) {
        TRY(sensitive_new(r->arena, room, &r->hidden));
        to = sensitive_fill(r->hidden);
    } else {
        to = arena_get(r->arena, room);
        ENSURE(to != NULL, ARENA_SPENT);
    }
    if (r->n > 0)
        memcpy(to, r->body, r->n);
    if (before != NULL)
        sensitive_wipe(before);
    r->body = to;
    r->room = room;
    return OK;
}

static fallible add_body(struct reply_reader *r, const char *at, size_t n)
{
    size_t room = r->room == 0 ? FIRST_ROOM : r->room;

    ENSURE(n <= r->fetch->most - r->n, FETCH_ODD);
    while (room - r->n < n)
        room *= 2;
    if (room != r->room)
        TRY(make_room(r, room));
    memcpy(r->body + r->n, at, n);
    r->n += n;
    return OK;
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
    struct reply_reader *r = of(parser);
    const struct fault *fault = add_body(r, at, n);

    return fault == OK ? 0 : fail(r, fault);
}

static int on_whole(llhttp_t *parser)
{
    struct reply_reader *r = of(parser);

    r->name.n = r->value.n = 0;
    if (llhttp_get_status_code(parser) < 200) /* 100 Continue: the reply is yet to come */
        return 0;
    r->reply->status = llhttp_get_status_code(parser);
    r->reply->body = (struct sensitive_view){r->body, r->n};
    r->whole = true;
    return HPE_PAUSED;
}

fallible reply_reader_open(struct arena *arena, const struct fetch *fetch,
                           struct fetch_reply *reply, struct reply_reader **out)
{
    struct reply_reader *r = arena_new(arena, struct reply_reader);

    ENSURE(r != NULL, ARENA_SPENT);
    r->arena = arena;
    r->fetch = fetch;
    r->reply = reply;
    r->name = buf_open(arena, 64);
    r->value = buf_open(arena, 256);
    llhttp_settings_init(&r->rules);
    r->rules.on_header_field = on_name;
    r->rules.on_header_value = on_value;
    r->rules.on_header_value_complete = on_header;
    r->rules.on_body = on_body;
    r->rules.on_message_complete = on_whole;
    llhttp_init(&r->parser, HTTP_RESPONSE, &r->rules);
    r->parser.data = r;
    *out = r;
    return OK;
}

fallible reply_reader_take(struct reply_reader *r, struct sensitive_view piece, bool *whole)
{
    llhttp_errno_t error = llhttp_execute(&r->parser, (const char *)piece.at, piece.n);

    *whole = r->whole;
    if (r->whole || error == HPE_OK)
        return r->fault;
    return r->fault != OK ? r->fault : FETCH_ODD;
}

fallible reply_reader_end(struct reply_reader *r)
{
    (void)llhttp_finish(&r->parser);
    return r->whole ? OK : FETCH_BROKEN;
}
