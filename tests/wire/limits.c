/* limits: both sides of each bound that a table of wire/aws says, over the wire: what is within is
 * refused for other reasons or not at all, what is beyond is refused by AWS's sentence. Once with
 * AWS's quotas, once with the highest that an operator may set. */
#include "base/buf.h"
#include "codec/base64.h"
#include "wire/post.h"
#include "wire/shape/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 64 << 20 };

static struct world world;
static size_t tried, failed;

/* One bound of one member of one operation. */
struct trial {
    const struct route *route;
    const struct field *top; /* the operation's member, */
    const struct field *row; /* and what of it is tried: itself, or a part of its list's element */
    struct arena *arena;
    int64_t size;
};

/* --- the body --- */

static void put_row(struct buf *b, const struct trial *t, const struct field *row);

static bool is_number(const struct field *row)
{
    return row->member.kind == KIND_INT || row->member.kind == KIND_MAYBE_INT;
}

/* Of so many letters; as a region where its pattern would have it so. */
static bool fill_text(const struct field *row, uint8_t *bytes, size_t n)
{
    const struct bytes text = {bytes, n};

    memset(bytes, 'a', n);
    if (row->pattern == NULL || row->pattern->fits(text) || n < 3)
        return row->pattern == NULL || row->pattern->fits(text);
    bytes[n - 2] = '-';
    bytes[n - 1] = '1';
    return row->pattern->fits(text);
}

static void put_text(struct buf *b, const struct field *row, size_t n)
{
    uint8_t *bytes = calloc(1, n + 1), *text = calloc(1, base64_size(n) + 1);

    (void)fill_text(row, bytes, n);
    buf_add_byte(b, '"');
    if (row->spelling == AS_BASE64) {
        base64_encode((struct bytes){bytes, n}, text);
        buf_add(b, (struct bytes){text, base64_size(n)});
    } else {
        buf_add(b, (struct bytes){bytes, n});
    }
    buf_add_byte(b, '"');
    free(bytes);
    free(text);
}

static void put_name(struct buf *b, const struct field *row)
{
    buf_add_byte(b, '"');
    buf_add(b, row->wire);
    buf_add(b, LIT("\":"));
}

/* Those that have to be there, and the one that is tried. */
static void put_members(struct buf *b, const struct trial *t, const struct field *rows)
{
    bool comma = false;

    buf_add_byte(b, '{');
    for (; rows->wire.at != NULL; rows++) {
        if (rows->need != REQUIRED && rows != t->top && rows != t->row)
            continue;
        if (comma)
            buf_add_byte(b, ',');
        comma = true;
        put_name(b, rows);
        put_row(b, t, rows);
    }
    buf_add_byte(b, '}');
}

static void put_list(struct buf *b, const struct trial *t, const struct field *row, size_t n)
{
    buf_add_byte(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_byte(b, ',');
        if (row->each->rows->wire.n == 0)
            put_row(b, t, row->each->rows);
        else
            put_members(b, t, row->each->rows);
    }
    buf_add_byte(b, ']');
}

/* As long as it is tried, else as long as it has to be. */
static void put_row(struct buf *b, const struct trial *t, const struct field *row)
{
    const size_t usual = row->least > 1 ? row->least : 1;
    const size_t n = row == t->row ? (size_t)t->size : usual;

    if (row->words != NULL) {
        buf_add_byte(b, '"');
        buf_add(b, row->words->wire);
        buf_add_byte(b, '"');
    } else if (is_number(row)) {
        buf_add_int(b, (int64_t)n);
    } else if (row->member.kind == KIND_LIST) {
        put_list(b, t, row, n);
    } else if (row->member.kind == KIND_GROUP) {
        put_members(b, t, row->each->rows);
    } else if (row->member.kind == KIND_BOOL || row->member.kind == KIND_MAYBE_BOOL) {
        buf_add(b, LIT("true"));
    } else {
        put_text(b, row, n);
    }
}

static struct bytes letter_of(const struct trial *t)
{
    struct buf b = buf_open(t->arena, 4096);
    struct bytes text;

    buf_add(&b, LIT("POST / HTTP/1.1\nHost: localhost\nX-Amz-Target: secretsmanager."));
    buf_add_text(&b, t->route->name);
    buf_add(&b, LIT("\nContent-Type: application/x-amz-json-1.1\n\n"));
    put_members(&b, t, t->route->in->rows);
    if (buf_done(&b, &text) != OK)
        abort();
    return text;
}

/* --- the trial --- */

/* The texts of a list are refused as one, in a sentence that says all that holds for them. */
static bool is_one_of_texts(const struct trial *t)
{
    return t->row != t->top && t->row->wire.n == 0;
}

/* "secretId", "tags.1.member.key", "tagKeys" */
static void path_of(const struct trial *t, char *path, size_t room)
{
    const struct bytes top = t->top->wire, part = t->row->wire;
    int n = snprintf(path, room, "%c%.*s", top.at[0] | 0x20, (int)top.n - 1, top.at + 1);

    if (t->row != t->top && t->top->member.kind == KIND_LIST && !is_one_of_texts(t))
        n += snprintf(path + n, room - (size_t)n, ".1.member");
    if (t->row != t->top && part.n > 0)
        snprintf(path + n, room - (size_t)n, ".%c%.*s", part.at[0] | 0x20, (int)part.n - 1,
                 part.at + 1);
}

static bool holds(struct bytes text, const char *part)
{
    return memmem(text.at, text.n, part, strlen(part)) != NULL;
}

static void try_size(struct trial t, int64_t size, bool fits)
{
    struct arena *sent = arena_open((size_t)8 << 20);
    char path[128], refusal[256];
    struct letter letter;
    struct answered a;
    bool refused;

    t.arena = arena_open(ROOM);
    t.size = size;
    path_of(&t, path, sizeof path);
    snprintf(refusal, sizeof refusal, " at '%s' failed to satisfy constraint: Member must %s%s",
             path, is_one_of_texts(&t) ? "satisfy constraint: [Member must " : "",
             is_number(t.row) ? "have value" : "have length");
    letter_read(&letter, t.arena, letter_of(&t), WORLD_NOW);
    a = post_letter(&world, sent, &letter);
    refused = a.status == 400 && holds(a.body, "\"ValidationException\"") && holds(a.body, refusal);
    tried++;
    if (a.wrong != NULL || refused == fits || a.status >= 500) {
        failed++;
        printf("FAILED %s: %s of %lld is %s: %.*s\n", t.route->name, path, (long long)size,
               fits ? "within" : "beyond", a.body.n > 300 ? 300 : (int)a.body.n,
               (const char *)a.body.at);
    }
    arena_close(sent);
    arena_close(t.arena);
}

/* A list's text within its bounds that its pattern takes: of a region's there is none so short. */
static void try_within(const struct trial *t, int64_t size)
{
    uint8_t *bytes = calloc(1, (size_t)size + 1);

    if (!is_one_of_texts(t) || fill_text(t->row, bytes, (size_t)size))
        try_size(*t, size, true);
    free(bytes);
}

static uint32_t most_of(const struct field *row)
{
    return row->limit == LIMIT_NONE ? row->most : limit_of(&world.house.limits, row->limit);
}

static void try_row(const struct route *route, const struct field *top, const struct field *row)
{
    const struct trial t = {.route = route, .top = top, .row = row};
    const uint32_t most = most_of(row);

    if (row->words != NULL || row->member.kind == KIND_GROUP)
        return;
    if (row->least > 0) {
        try_within(&t, row->least);
        try_size(t, row->least - 1, false);
    }
    if (most > 0) {
        try_within(&t, most);
        try_size(t, (int64_t)most + 1, false);
    }
}

static void try_route(void *ctx, const struct protocol *protocol, const char *service,
                      const struct route *route)
{
    (void)ctx;
    if (protocol != &protocol_aws_json || strcmp(service, "secretsmanager") != 0)
        return;
    for (const struct field *row = route->in->rows; row->wire.at != NULL; row++) {
        try_row(route, row, row);
        if (row->each == NULL)
            continue;
        for (const struct field *part = row->each->rows; part->wire.at != NULL; part++)
            try_row(route, row, part);
    }
}

int main(void)
{
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (int highest = 0; highest < 2; highest++) {
        world_open(&world, false);
        for (int limit = LIMIT_NONE + 1; highest && limit < LIMIT_KINDS; limit++)
            world.house.limits.set[limit] = limit_rows[limit].most;
        protocol_each_route(try_route, NULL);
        world_close(&world);
    }
    printf("limits: %zu passed, %zu failed\n", tried - failed, failed);
    return failed != 0 || tried < 300;
}
