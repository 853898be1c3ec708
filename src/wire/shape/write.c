/* A struct as a JSON object, by its rows. */
#include "codec/json_write.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"

enum { REPLY = 1024 }; /* bytes that most replies fit in */

static void write_rows(struct json_writer *, const struct field *rows, const void *of);

static void write_value(struct json_writer *, const struct field *, const void *of);

static void write_element(struct json_writer *json, const struct shape *each, const void *element)
{
    if (each->rows->wire.n == 0) {
        write_value(json, each->rows, element);
        return;
    }
    json_put_object(json);
    write_rows(json, each->rows, element);
    json_put_object_end(json);
}

static void write_list(struct json_writer *json, const struct field *row, const struct list *list)
{
    const uint8_t *element = list->at;

    json_put_array(json);
    for (size_t i = 0; i < list->n; i++)
        write_element(json, row->each, element + i * row->each->size);
    json_put_array_end(json);
}

static void write_map(struct json_writer *json, const struct field *row, const struct list *list)
{
    const struct field *rows = row->each->rows;
    const uint8_t *element = list->at;

    json_put_object(json);
    for (size_t i = 0; i < list->n; i++, element += row->each->size) {
        json_put_key(json, member_bytes(rows->member, element));
        if (member_said(rows[1].member, element))
            write_value(json, rows + 1, element);
        else
            json_put_null(json);
    }
    json_put_object_end(json);
}

static void write_text(struct json_writer *json, const struct field *row, const void *of)
{
    const struct bytes text = member_bytes(row->member, of);
    const struct sensitive_view hidden = {text.at, text.n};

    if (row->member.kind == KIND_SENSITIVE)
        (row->spelling == AS_BASE64 ? json_put_base64_hidden : json_put_hidden)(json, hidden);
    else
        (row->spelling == AS_BASE64 ? json_put_base64 : json_put_text)(json, text);
}

static void write_word(struct json_writer *json, const struct field *row, const void *of)
{
    for (const struct word *w = row->words; w->wire.at != NULL; w++)
        if (w->value == member_number(row->member, of)) {
            json_put_text(json, w->wire);
            return;
        }
    json_put_null(json);
}

static void write_value(struct json_writer *json, const struct field *row, const void *of)
{
    switch (row->member.kind) {
    case KIND_TEXT:
    case KIND_SENSITIVE:
        write_text(json, row, of);
        return;
    case KIND_INT:
    case KIND_MAYBE_INT:
        json_put_int(json, member_number(row->member, of));
        return;
    case KIND_BOOL:
    case KIND_MAYBE_BOOL:
        json_put_bool(json, member_true(row->member, of));
        return;
    case KIND_TIME:
        json_put_ms(json, member_number(row->member, of));
        return;
    case KIND_CHOICE:
        write_word(json, row, of);
        return;
    case KIND_LIST:
        (row->spelling == AS_MAP ? write_map : write_list)(json, row, member_in(row->member, of));
        return;
    case KIND_GROUP:
        json_put_object(json);
        write_rows(json, row->each->rows, of);
        json_put_object_end(json);
        return;
    }
}

static void write_rows(struct json_writer *json, const struct field *rows, const void *of)
{
    for (; rows->wire.at != NULL; rows++) {
        if (!row_worth_saying(rows, of))
            continue;
        json_put_name(json, rows->wire);
        write_value(json, rows, of);
    }
}

fallible shape_write_json(struct call *c, const struct shape *shape, const void *out,
                          struct raw *body)
{
    struct buf buf = buf_open(c->arena, REPLY);
    struct json_writer json = json_writer(&buf);
    struct bytes whole;

    json_put_object(&json);
    write_rows(&json, shape->rows, out);
    json_put_object_end(&json);
    TRY(buf_done(&buf, &whole));
    *body = (struct raw){whole.at, whole.n};
    return OK;
}
