/* http: any bytes, cut anywhere: the first byte says how long the pieces are. Whole or in pieces,
 * the outcome is the same. */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY = 8 * 1024 * 1024 };

struct outcome {
    struct arena *arena;
    struct http_request request;
    const struct fault *fault;
    enum http_stage stage;
    size_t used;
};

static struct outcome read_in(struct bytes wire, size_t step)
{
    struct outcome o = {.arena = arena_open(MEMORY)};
    struct http_reader *reader;

    if (o.arena == NULL || http_reader_open(o.arena, &o.request, (struct bytes){0}, &reader) != OK)
        abort();
    while (o.fault == OK && o.stage != HTTP_READ &&
           (o.used < wire.n || o.stage == HTTP_HEAD_READ)) {
        uint8_t *at;
        size_t room, n = 0;

        if (o.stage != HTTP_HEAD_READ) {
            if ((o.fault = http_want(reader, &at, &room)) != OK)
                break;
            n = step < room ? step : room;
            n = n < wire.n - o.used ? n : wire.n - o.used;
            memcpy(at, wire.at + o.used, n);
            o.used += n;
        }
        o.fault = http_took(reader, n, &o.stage);
    }
    if (o.fault == OK && o.stage == HTTP_READ)
        o.used -= http_rest(reader).n;
    return o;
}

static bool same(struct raw a, struct raw b)
{
    return bytes_same(raw_reveal(a), raw_reveal(b));
}

/* A reader that depends on where the bytes were cut can be made to disagree with the one in front
 * of it. */
static void compare(const struct outcome *a, const struct outcome *b)
{
    if ((a->fault == OK) != (b->fault == OK) || (a->fault == OK && a->stage != b->stage))
        abort();
    if (a->fault != OK || a->stage != HTTP_READ)
        return;
    if (a->used != b->used || a->request.header_count != b->request.header_count ||
        !same(a->request.body, b->request.body) || !same(a->request.path, b->request.path) ||
        !same(a->request.query, b->request.query) || !same(a->request.method, b->request.method))
        abort();
    for (size_t i = 0; i < a->request.header_count; i++)
        if (!same(a->request.headers[i].name, b->request.headers[i].name) ||
            !same(a->request.headers[i].value, b->request.headers[i].value))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct outcome whole, pieces;
    struct bytes wire;

    if (n == 0)
        return 0;
    wire = (struct bytes){data + 1, n - 1};
    whole = read_in(wire, SIZE_MAX);
    pieces = read_in(wire, (size_t)data[0] + 1);
    compare(&whole, &pieces);
    arena_close(whole.arena);
    arena_close(pieces.arena);
    return 0;
}
