/* A JSON object into a struct, by its rows. */
#include "base/buf.h"
#include "codec/base64.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"
#include "wire/shape/take.h"

#include <string.h>

FAULT(WIRE_TYPE, FAULT_CALLER, "wire.type",
      "The request's body does not have the shape of this operation.");

struct reading {
    struct call *call;
    struct json json;
};

/* --- a value of another kind --- */

static enum json_kind wanted(const struct field *row)
{
    switch (row->member.kind) {
    case KIND_LIST:
        return row->spelling == AS_MAP ? JSON_IS_OBJECT : JSON_IS_ARRAY;
    case KIND_GROUP:
        return JSON_IS_OBJECT;
    case KIND_INT:
    case KIND_MAYBE_INT:
    case KIND_TIME:
        return JSON_IS_NUMBER;
    case KIND_BOOL:
    case KIND_MAYBE_BOOL:
        return JSON_IS_BOOL;
    default:
        return JSON_IS_TEXT;
    }
}

/* AWS's names of the kinds, with its articles. */
static const char *called(const struct field *row, enum json_kind given)
{
    switch (wanted(row)) {
    case JSON_IS_NUMBER:
        return row->spelling == AS_LONG ? "a Long" : "an Integer";
    case JSON_IS_BOOL:
        return given == JSON_IS_TEXT ? "an Boolean" : "a Boolean";
    default:
        return row->spelling == AS_BASE64 ? "a Blob" : "a String";
    }
}

/* A scalar where another scalar belongs. */
static fallible not_converted(struct call *c, const struct field *row,
                              const struct json_value *value)
{
    struct buf said = buf_open(c->arena, 64);
    struct bytes sentence;

    if (value->kind == JSON_IS_BOOL)
        buf_add(&said, value->yes ? LIT("TRUE") : LIT("FALSE"));
    else
        buf_add(&said, value->kind == JSON_IS_NUMBER ? LIT("NUMBER") : LIT("STRING"));
    buf_add(&said, LIT("_VALUE can not be converted to "));
    buf_add_text(&said, called(row, value->kind));
    TRY(buf_done(&said, &sentence));
    return why_said(c, WIRE_TYPE, sentence);
}

/* In the words of AWS's front end; `row` NULL: an object is wanted, without a member to hold it. */
static fallible of_kind(struct call *c, const struct field *row, const struct json_value *value)
{
    const enum json_kind kind = row == NULL ? JSON_IS_OBJECT : wanted(row);

    if (value->kind == kind)
        return OK;
    if (value->kind == JSON_IS_ARRAY)
        return why_said(c, WIRE_TYPE, LIT("Start of list found where not expected"));
    if (value->kind == JSON_IS_OBJECT)
        return why_said(c, WIRE_TYPE, LIT("Start of structure or map found where not expected."));
    if (kind == JSON_IS_ARRAY)
        return why_said(c, WIRE_TYPE, LIT("Expected list or null"));
    if (kind == JSON_IS_OBJECT)
        return why_said(c, WIRE_TYPE,
                        row != NULL && row->spelling == AS_MAP ? LIT("Expected map or null")
                                                               : LIT("Expected null"));
    return not_converted(c, row, value);
}

/* --- values --- */

/* A list that grows: room doubles, up to one more than its row allows. */
struct growing {
    struct list list;
    size_t room;
};

static fallible read_value(struct reading *, const struct field *, void *of);

static const struct field *row_named(const struct field *rows, struct json_text name)
{
    for (; rows->wire.at != NULL; rows++)
        if (rows->place == IN_BODY && json_text_is(name, rows->wire))
            return rows;
    return NULL;
}

static fallible read_rows(struct reading *r, const struct field *rows, void *of)
{
    struct json_text name;
    uint64_t seen = 0;
    bool there;

    for (;;) {
        const struct field *row;

        TRY(json_member(&r->json, &name, &there));
        if (!there)
            return OK;
        row = row_named(rows, name);
        if (row == NULL) {
            TRY(json_skip(&r->json, NULL));
            continue;
        }
        ENSURE((seen >> (row - rows) & 1) == 0, WIRE_TYPE);
        seen |= UINT64_C(1) << (row - rows);
        TRY(read_value(r, row, of));
    }
}

/* Room for one more element; NULL in *element when the list has all that it may. */
static fallible grow(struct call *c, const struct field *row, struct growing *list, void **element)
{
    const size_t size = row->each->size, most = (size_t)row_most(c, row) + 1;
    size_t room = list->room * 2 + 4;
    void *grown;

    *element = NULL;
    if (list->list.n == most)
        return OK;
    if (list->list.n == list->room) {
        room = room > most ? most : room;
        grown = arena_get(c->arena, room * size);
        ENSURE(grown != NULL, ARENA_SPENT);
        if (list->list.n > 0)
            memcpy(grown, list->list.at, list->list.n * size);
        list->list.at = grown;
        list->room = room;
    }
    *element = (uint8_t *)list->list.at + list->list.n++ * size;
    return OK;
}

static fallible read_element(struct reading *r, const struct field *row, void *element)
{
    const struct field *rows = row->each->rows;
    struct json_value value;

    if (rows->wire.n == 0)
        return read_value(r, rows, element);
    TRY(json_value(&r->json, &value));
    if (value.kind == JSON_IS_NULL)
        return OK;
    TRY(of_kind(r->call, NULL, &value));
    return read_rows(r, rows, element);
}

static fallible read_list(struct reading *r, const struct field *row, struct growing *list)
{
    void *element;
    bool there;

    for (;;) {
        TRY(json_element(&r->json, &there));
        if (!there)
            return OK;
        TRY(grow(r->call, row, list, &element));
        if (element == NULL)
            TRY(json_skip(&r->json, NULL));
        else
            TRY(read_element(r, row, element));
    }
}

/* The first row of an entry is its name; among the few that a row allows, a second one of that name
 * is found by looking. */
static fallible take_key(struct reading *r, const struct field *row, const struct growing *list,
                         struct json_text name, void *element)
{
    const struct field *key = row->each->rows;

    TRY(take_text(r->call, key, name, element));
    for (size_t i = 0; i + 1 < list->list.n; i++)
        ENSURE(
            !bytes_same(member_bytes(key->member, (uint8_t *)list->list.at + i * row->each->size),
                        member_bytes(key->member, element)),
            WIRE_TYPE);
    return OK;
}

static fallible read_map(struct reading *r, const struct field *row, struct growing *list)
{
    struct json_text name;
    void *element;
    bool there;

    for (;;) {
        TRY(json_member(&r->json, &name, &there));
        if (!there)
            return OK;
        TRY(grow(r->call, row, list, &element));
        if (element == NULL) {
            TRY(json_skip(&r->json, NULL));
            continue;
        }
        TRY(take_key(r, row, list, name, element));
        TRY(read_value(r, row->each->rows + 1, element));
    }
}

static fallible read_many(struct reading *r, const struct field *row, void *of)
{
    struct growing list = {.list.at = arena_get(r->call->arena, 1)}; /* empty is not absent */

    ENSURE(list.list.at != NULL, ARENA_SPENT);
    if (row->spelling == AS_MAP)
        TRY(read_map(r, row, &list));
    else
        TRY(read_list(r, row, &list));
    *(struct list *)member_at(row->member, of) = list.list;
    return OK;
}

static fallible read_value(struct reading *r, const struct field *row, void *of)
{
    struct json_value value;

    TRY(json_value(&r->json, &value));
    if (value.kind == JSON_IS_NULL)
        return OK;
    TRY(of_kind(r->call, row, &value));
    if (row->member.kind == KIND_LIST)
        return read_many(r, row, of);
    if (row->member.kind == KIND_GROUP)
        return read_rows(r, row->each->rows, of);
    switch ((int)value.kind) {
    case JSON_IS_TEXT:
        return take_text(r->call, row, value.text, of);
    case JSON_IS_NUMBER:
        return take_whole(row, value.number, of);
    case JSON_IS_BOOL:
        return take_bool(row, value.yes, of);
    default:
        return WIRE_TYPE;
    }
}

static fallible read_whole(struct reading *r, const struct shape *shape, void *in)
{
    struct json_value value;

    TRY(json_value(&r->json, &value));
    if (value.kind == JSON_IS_ARRAY)
        TRY(of_kind(r->call, NULL, &value));
    ENSURE(value.kind == JSON_IS_OBJECT, WIRE_TYPE);
    TRY(read_rows(r, shape->rows, in));
    return json_end(&r->json);
}

fallible shape_read_json(struct call *c, const struct shape *shape, struct raw body, void *in)
{
    struct reading r = {.call = c, .json = json_open(raw_reveal(body))};
    const struct fault *fault;

    if (body.n == 0)
        return OK;
    fault = read_whole(&r, shape, in);
    return fault == JSON_MALFORMED || fault == JSON_DEEP || fault == JSON_NUMBER ? WIRE_TYPE
                                                                                 : fault;
}

fallible shape_preset(struct call *c, const struct preset *presets, void *in)
{
    for (; presets != NULL && presets->said.at != NULL; presets++) {
        const struct field row = {.wire = presets->said, .member = presets->member};
        const struct bytes said = presets->said;

        if (row.member.kind == KIND_BOOL || row.member.kind == KIND_MAYBE_BOOL)
            TRY(take_bool(&row, bytes_same(said, LIT("true")), in));
        else if (row.member.kind == KIND_INT || row.member.kind == KIND_MAYBE_INT)
            TRY(take_number(&row, said, in));
        else
            TRY(take_text(c, &row, (struct json_text){said, false}, in));
    }
    return OK;
}

fallible shape_decode_json(struct call *c, const struct route *route, struct raw body, void *in)
{
    TRY(shape_preset(c, route->presets, in));
    TRY(shape_read_json(c, route->in, body, in));
    return shape_judge(c, route->in, in);
}
