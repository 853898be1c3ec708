/* A form (application/x-www-form-urlencoded) into a struct, by its rows: a parameter's name is the
 * way to its member, "Tags.member.1.Key". */
#include "codec/date.h"
#include "codec/text.h"
#include "codec/uri.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"
#include "wire/shape/take.h"

enum { PARAMETERS_MOST = 1024 };

struct form {
    struct call *call;
    struct pair *at; /* decoded */
    size_t n;
};

/* Where a parameter leads: what is left of its name, and what it says. */
struct way {
    const struct pair *pair;
    struct bytes rest; /* behind the last dot that was passed; at NULL: the name ends here */
};

static struct bytes step(struct way *way)
{
    struct bytes head = way->rest;

    if (!bytes_cut(&way->rest, '.', &head))
        way->rest = (struct bytes){0};
    return head;
}

static const struct field *row_named(const struct field *rows, struct bytes name)
{
    for (; rows->wire.at != NULL; rows++)
        if (rows->place == IN_BODY && bytes_same(rows->wire, name))
            return rows;
    return NULL;
}

static fallible take_time(const struct field *row, struct bytes text, void *of)
{
    struct moment *to = member_at(row->member, of);

    return date_read_iso(text, &to->ms) ? OK : WIRE_TYPE;
}

static fallible take_value(struct form *form, const struct field *row, const struct way *way,
                           void *of)
{
    const struct bytes value = way->pair->value;
    int64_t number;

    ENSURE(way->rest.at == NULL, WIRE_TYPE);
    switch ((int)row->member.kind) {
    case KIND_INT:
    case KIND_MAYBE_INT:
        ENSURE(text_int(value, &number), WIRE_TYPE); /* digits: JSON has more ways to write one */
        return take_number(row, value, of);
    case KIND_BOOL:
    case KIND_MAYBE_BOOL:
        ENSURE(bytes_same(value, LIT("true")) || bytes_same(value, LIT("false")), WIRE_TYPE);
        return take_bool(row, bytes_same(value, LIT("true")), of);
    case KIND_TIME:
        return take_time(row, value, of);
    default:
        return take_text(form->call, row, (struct json_text){value, false}, of);
    }
}

/* An element's number as everybody writes it: no sign, no zero before it. */
static bool number_of(struct bytes text, size_t *number)
{
    int64_t value;

    if (text.n == 0 || text.n > 9 || text.at[0] < '1' || text.at[0] > '9' ||
        !text_int(text, &value))
        return false;
    *number = (size_t)value;
    return true;
}

/* The highest number that follows `prefix` in any parameter's name. */
static size_t highest(const struct form *form, struct bytes prefix)
{
    size_t most = 0, number;

    for (size_t i = 0; i < form->n; i++) {
        struct way way = {.rest = bytes_after(form->at[i].name, prefix.n)};

        if (bytes_begins(form->at[i].name, prefix) && number_of(step(&way), &number) &&
            number > most)
            most = number;
    }
    return most;
}

/* Made when the first parameter leads there, as long as the last one wants it. */
static fallible make_list(struct form *form, const struct field *row, struct bytes prefix,
                          struct list *list)
{
    const size_t most = (size_t)row_most(form->call, row) + 1;

    if (list->at != NULL)
        return OK;
    list->n = highest(form, prefix);
    list->n = list->n > most ? most : list->n;
    list->at = arena_get(form->call->arena, list->n * row->each->size + 1);
    return list->at == NULL ? ARENA_SPENT : OK;
}

static fallible take(struct form *, const struct field *rows, struct way, void *of);

static fallible take_element(struct form *form, const struct field *row, struct way way,
                             void *element)
{
    const struct field *rows = row->each->rows;

    return rows->wire.n == 0 ? take_value(form, rows, &way, element)
                             : take(form, rows, way, element);
}

/* "Tags=" is an empty list; it says nothing beside elements. */
static fallible take_empty(struct form *form, struct bytes value, struct list *list)
{
    ENSURE(value.n == 0 && list->at == NULL, WIRE_TYPE);
    list->at = arena_get(form->call->arena, 1);
    return list->at == NULL ? ARENA_SPENT : OK;
}

static fallible take_list(struct form *form, const struct field *row, struct way way, void *of)
{
    const size_t most = (size_t)row_most(form->call, row) + 1;
    struct list *list = member_at(row->member, of);
    struct bytes prefix = way.pair->name;
    size_t number;

    if (way.rest.at == NULL)
        return take_empty(form, way.pair->value, list);
    ENSURE(row->spelling != AS_MAP, WIRE_TYPE);
    ENSURE(bytes_same(step(&way), LIT("member")) && way.rest.at != NULL, WIRE_TYPE);
    prefix.n = (size_t)(way.rest.at - prefix.at);
    ENSURE(number_of(step(&way), &number), WIRE_TYPE);
    TRY(make_list(form, row, prefix, list));
    if (number > most)
        return OK; /* judge refuses the list, with or without it */
    ENSURE(number <= list->n, WIRE_TYPE);
    return take_element(form, row, way, (uint8_t *)list->at + (number - 1) * row->each->size);
}

static fallible take(struct form *form, const struct field *rows, struct way way, void *of)
{
    const struct field *row = row_named(rows, step(&way));

    if (row == NULL)
        return OK;
    if (row->member.kind == KIND_LIST)
        return take_list(form, row, way, of);
    if (row->member.kind != KIND_GROUP)
        return take_value(form, row, &way, of);
    ENSURE(way.rest.at != NULL, WIRE_TYPE);
    return take(form, row->each->rows, way, of);
}

static bool came_before(const struct form *form, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (bytes_same(form->at[j].name, form->at[i].name))
            return true;
    return false;
}

static fallible decoded(struct bytes *text, uint8_t **room)
{
    const struct bytes written = *text;

    *text = (struct bytes){*room, 0};
    TRY(uri_decode_form(written, *room, &text->n));
    *room += text->n;
    return text_utf8(*text) ? OK : WIRE_TYPE;
}

static fallible decode_pairs(struct form *form, uint8_t *room)
{
    for (size_t i = 0; i < form->n; i++) {
        TRY(decoded(&form->at[i].name, &room));
        TRY(decoded(&form->at[i].value, &room));
        ENSURE(!came_before(form, i), WIRE_TYPE);
    }
    return OK;
}

/* Enough room for its parameters, and for no more than there may be. */
static size_t room_for(struct bytes body)
{
    size_t n = 1;

    for (size_t i = 0; i < body.n; i++)
        n += body.at[i] == '&';
    return n > PARAMETERS_MOST ? PARAMETERS_MOST : n;
}

static fallible open_form(struct form *form, struct bytes body)
{
    const size_t most = room_for(body);
    uint8_t *room = arena_get(form->call->arena, body.n + 1);

    form->at = arena_get(form->call->arena, most * sizeof *form->at);
    ENSURE(room != NULL && form->at != NULL, ARENA_SPENT);
    TRY(uri_query(body, form->at, most, &form->n));
    return decode_pairs(form, room);
}

fallible shape_read_form(struct call *c, const struct shape *shape, struct raw body, void *in)
{
    struct form form = {.call = c};
    const struct fault *fault = open_form(&form, raw_reveal(body));

    if (fault == URI_MALFORMED || fault == URI_MANY)
        return WIRE_TYPE;
    TRY(fault);
    for (size_t i = 0; i < form.n; i++)
        TRY(take(&form, shape->rows, (struct way){&form.at[i], form.at[i].name}, in));
    return OK;
}

fallible shape_decode_form(struct call *c, const struct route *route, struct raw body, void *in)
{
    TRY(shape_preset(c, route->presets, in));
    TRY(shape_read_form(c, route->in, body, in));
    return shape_judge(c, route->in, in);
}
