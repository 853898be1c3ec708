/* One value into one member. */
#include "wire/shape/take.h"
#include "codec/base64.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"

/* Into the arena; what needs no change stays where it is. */
static fallible plain(struct call *c, const struct field *row, struct json_text text,
                      struct bytes *to)
{
    uint8_t *room;

    *to = text.raw;
    if (!text.escaped && row->spelling != AS_BASE64)
        return OK;
    to->n = json_unescaped_size(text);
    room = arena_get(c->arena, to->n + 1);
    ENSURE(room != NULL, ARENA_SPENT);
    json_unescape(text, room);
    to->at = room;
    if (row->spelling == AS_BASE64)
        ENSURE(base64_decode(*to, room, &to->n) == OK, WIRE_TYPE);
    return OK;
}

/* A value that is too long anyway takes no more room than it needs to be found too long. */
static fallible hidden(struct call *c, const struct field *row, struct json_text text,
                       struct sensitive **to)
{
    const size_t n = json_unescaped_size(text);
    const size_t most = row_most(c, row);
    const size_t longest = row->spelling == AS_BASE64 ? base64_room(n) : n;
    size_t decoded;

    if (most != 0 && longest > most + 2)
        return sensitive_new(c->arena, most + 1, to);
    TRY(sensitive_new(c->arena, n + 1, to));
    json_unescape(text, sensitive_fill(*to));
    sensitive_trim(*to, n);
    if (row->spelling != AS_BASE64)
        return OK;
    ENSURE(base64_decode(member_hidden(*to), sensitive_fill(*to), &decoded) == OK, WIRE_TYPE);
    sensitive_trim(*to, decoded);
    return OK;
}

static int word_of(const struct word *words, struct json_text text)
{
    for (; words->wire.at != NULL; words++)
        if (json_text_is(text, words->wire))
            return words->value;
    return TAKE_NO_WORD;
}

fallible take_text(struct call *c, const struct field *row, struct json_text text, void *of)
{
    void *to = member_at(row->member, of);

    switch ((int)row->member.kind) {
    case KIND_TEXT:
        return plain(c, row, text, to);
    case KIND_SENSITIVE:
        return hidden(c, row, text, to);
    case KIND_CHOICE:
        *(int *)to = word_of(row->words, text);
        return OK;
    default:
        return WIRE_TYPE;
    }
}

static void keep_int(const struct field *row, int64_t value, void *to)
{
    if (row->member.kind == KIND_INT)
        *(int64_t *)to = value;
    else
        *(struct maybe_int *)to = (struct maybe_int){.value = value, .said = true};
}

fallible take_number(const struct field *row, struct bytes number, void *of)
{
    void *to = member_at(row->member, of);
    int64_t value;

    if (row->member.kind == KIND_TIME) {
        ENSURE(json_ms(number, &value) == OK, WIRE_TYPE);
        *(struct moment *)to = (struct moment){value};
        return OK;
    }
    ENSURE(row->member.kind == KIND_INT || row->member.kind == KIND_MAYBE_INT, WIRE_TYPE);
    ENSURE(json_int(number, &value) == OK, WIRE_TYPE);
    keep_int(row, value, to);
    return OK;
}

fallible take_whole(const struct field *row, struct bytes number, void *of)
{
    int64_t ms;

    if (take_number(row, number, of) == OK)
        return OK;
    ENSURE(json_ms(number, &ms) == OK, WIRE_TYPE);
    keep_int(row, ms / 1000, member_at(row->member, of));
    return OK;
}

fallible take_bool(const struct field *row, bool value, void *of)
{
    void *to = member_at(row->member, of);

    ENSURE(row->member.kind == KIND_BOOL || row->member.kind == KIND_MAYBE_BOOL, WIRE_TYPE);
    if (row->member.kind == KIND_BOOL)
        *(bool *)to = value;
    else
        *(struct maybe_bool *)to = (struct maybe_bool){.value = value, .said = true};
    return OK;
}
