/* A struct as XML elements, by its rows: lists as <Name><member>...</member></Name>, maps as
 * entries of key and value, times in ISO 8601 to the second. */
#include "codec/date.h"
#include "codec/uri.h"
#include "codec/xml_write.h"
#include "wire/shape/member.h"
#include "wire/shape/shape.h"

enum { SECONDS = 19 }; /* "2015-08-30T12:36:00" */

static void write_rows(struct buf *, const struct field *rows, const void *of);
static void write_value(struct buf *, const struct field *, const void *of);

static void write_named(struct buf *buf, struct bytes name, const struct field *row, const void *of)
{
    xml_put_open(buf, name);
    write_value(buf, row, of);
    xml_put_close(buf, name);
}

static void write_element(struct buf *buf, const struct field *rows, const void *element)
{
    xml_put_open(buf, LIT("member"));
    if (rows->wire.n == 0)
        write_value(buf, rows, element);
    else
        write_rows(buf, rows, element);
    xml_put_close(buf, LIT("member"));
}

static void write_entry(struct buf *buf, const struct field *rows, const void *element)
{
    xml_put_open(buf, LIT("entry"));
    write_named(buf, LIT("key"), rows, element);
    write_named(buf, LIT("value"), rows + 1, element);
    xml_put_close(buf, LIT("entry"));
}

static void write_list(struct buf *buf, const struct field *row, const struct list *list)
{
    const uint8_t *element = list->at;

    for (size_t i = 0; i < list->n; i++, element += row->each->size)
        (row->spelling == AS_MAP ? write_entry : write_element)(buf, row->each->rows, element);
}

static void write_text(struct buf *buf, const struct field *row, const void *of)
{
    const struct bytes text = member_bytes(row->member, of);

    if (row->spelling == AS_PERCENT)
        uri_encode(buf, text);
    else if (row->member.kind == KIND_SENSITIVE)
        xml_put_hidden(buf, (struct sensitive_view){text.at, text.n});
    else
        xml_put_text(buf, text);
}

static void write_word(struct buf *buf, const struct field *row, const void *of)
{
    for (const struct word *w = row->words; w->wire.at != NULL; w++)
        if (w->value == member_number(row->member, of))
            xml_put_text(buf, w->wire);
}

static void write_time(struct buf *buf, int64_t ms)
{
    uint8_t text[DATE_ISO];

    date_iso(ms, text);
    buf_add(buf, (struct bytes){text, SECONDS});
    buf_add_byte(buf, 'Z');
}

static void write_value(struct buf *buf, const struct field *row, const void *of)
{
    switch (row->member.kind) {
    case KIND_TEXT:
    case KIND_SENSITIVE:
        write_text(buf, row, of);
        return;
    case KIND_INT:
    case KIND_MAYBE_INT:
        buf_add_int(buf, member_number(row->member, of));
        return;
    case KIND_BOOL:
    case KIND_MAYBE_BOOL:
        buf_add(buf, member_true(row->member, of) ? LIT("true") : LIT("false"));
        return;
    case KIND_TIME:
        write_time(buf, member_number(row->member, of));
        return;
    case KIND_CHOICE:
        write_word(buf, row, of);
        return;
    case KIND_LIST:
        write_list(buf, row, member_in(row->member, of));
        return;
    case KIND_GROUP:
        write_rows(buf, row->each->rows, of);
        return;
    }
}

static void write_rows(struct buf *buf, const struct field *rows, const void *of)
{
    for (; rows->wire.at != NULL; rows++)
        if (row_worth_saying(rows, of))
            write_named(buf, rows->wire, rows, of);
}

void shape_write_xml(struct buf *buf, const struct shape *shape, const void *out)
{
    write_rows(buf, shape->rows, out);
}
