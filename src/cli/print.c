/* print: walks the answer once; tables are two passes, one to measure and one to write. */
#include "cli/print.h"

#include "codec/date.h"
#include "codec/json.h"

#include <stdio.h>

enum { COLUMNS_MOST = 16, GAP = 2 };

/* clang-format off */
FAULT(PRINT_ODD, FAULT_AGAIN, "print.odd", "The server's answer is not what this version understands.");
/* clang-format on */

struct table {
    struct arena *arena;
    struct bytes names[COLUMNS_MOST];
    size_t widths[COLUMNS_MOST];
    size_t columns;
};

static void put(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        (void)putchar(text.at[i] < 0x20 || text.at[i] == 0x7f ? '?' : text.at[i]);
}

static void put_padded(struct bytes text, size_t width)
{
    put(text);
    for (size_t i = text.n; i < width; i++)
        (void)putchar(' ');
}

static fallible unescaped(struct arena *arena, struct json_text text, struct bytes *out)
{
    size_t n = json_unescaped_size(text);
    uint8_t *to = arena_get(arena, n + 1);

    ENSURE(to != NULL, ARENA_SPENT);
    json_unescape(text, to);
    *out = (struct bytes){to, n};
    return OK;
}

/* Seconds with three places, which the protocol says, as a person reads a moment. */
static fallible moment_of(struct arena *arena, struct bytes value, struct bytes *out)
{
    uint8_t *to = arena_get(arena, DATE_ISO);
    int64_t ms = 0;

    ENSURE(to != NULL, ARENA_SPENT);
    *out = value;
    if (value.n < 5 || value.n > 16 || value.at[value.n - 4] != '.')
        return OK;
    for (size_t i = 0; i < value.n; i++) {
        if (value.at[i] >= '0' && value.at[i] <= '9')
            ms = ms * 10 + (value.at[i] - '0');
        else if (i != value.n - 4)
            return OK;
    }
    date_iso(ms, to);
    *out = (struct bytes){to, DATE_ISO};
    return OK;
}

/* A value as one text: texts unquoted, everything else as it stands. */
static fallible text_of(struct arena *arena, struct bytes value, struct bytes *out)
{
    struct json json = json_open(value);
    struct json_value read;

    *out = value;
    TRY(json_value(&json, &read));
    return read.kind == JSON_IS_TEXT ? unescaped(arena, read.text, out) : OK;
}

static fallible member_text(struct arena *arena, struct bytes name, struct bytes value,
                            struct bytes *out)
{
    if (bytes_same(name, LIT("created")))
        return moment_of(arena, value, out);
    return text_of(arena, value, out);
}

static fallible next_member(struct json *json, struct json_text *name, struct bytes *value,
                            bool *there)
{
    TRY(json_member(json, name, there));
    return *there ? json_skip(json, value) : OK;
}

static fallible enter(struct bytes value, enum json_kind kind, struct json *json)
{
    struct json_value read;

    *json = json_open(value);
    TRY(json_value(json, &read));
    return read.kind == kind ? OK : PRINT_ODD;
}

static size_t column_of(struct table *table, struct bytes name)
{
    size_t i = 0;

    while (i < table->columns && !bytes_same(table->names[i], name))
        i++;
    if (i == table->columns && i < COLUMNS_MOST) {
        table->names[i] = name;
        table->widths[i] = name.n;
        table->columns++;
    }
    return i;
}

static fallible measure_row(struct table *table, struct bytes row)
{
    struct json json;
    struct json_text name;
    struct bytes value, text;
    bool there;

    TRY(enter(row, JSON_IS_OBJECT, &json));
    for (;;) {
        size_t column;

        TRY(next_member(&json, &name, &value, &there));
        if (!there)
            return OK;
        TRY(member_text(table->arena, name.raw, value, &text));
        column = column_of(table, name.raw);
        if (column < COLUMNS_MOST && text.n > table->widths[column])
            table->widths[column] = text.n;
    }
}

static fallible write_row(struct table *table, struct bytes row)
{
    struct bytes cells[COLUMNS_MOST] = {{0}};
    struct json json;
    struct json_text name;
    struct bytes value;
    bool there = true;

    TRY(enter(row, JSON_IS_OBJECT, &json));
    while (there) {
        size_t column;

        TRY(next_member(&json, &name, &value, &there));
        column = there ? column_of(table, name.raw) : COLUMNS_MOST;
        if (column < COLUMNS_MOST)
            TRY(member_text(table->arena, name.raw, value, &cells[column]));
    }
    for (size_t i = 0; i < table->columns; i++)
        put_padded(cells[i], i + 1 == table->columns ? 0 : table->widths[i] + GAP);
    (void)putchar('\n');
    return OK;
}

static fallible each_element(struct table *table, struct bytes array,
                             const struct fault *(*fn)(struct table *, struct bytes))
{
    struct json json;
    struct bytes element;
    bool there;

    TRY(enter(array, JSON_IS_ARRAY, &json));
    for (;;) {
        TRY(json_element(&json, &there));
        if (!there)
            return OK;
        TRY(json_skip(&json, &element));
        TRY(fn(table, element));
    }
}

static fallible write_text_row(struct table *table, struct bytes element)
{
    struct bytes text;

    TRY(text_of(table->arena, element, &text));
    put(text);
    (void)putchar('\n');
    return OK;
}

static bool is_list_of_objects(struct bytes array)
{
    for (size_t i = 0; i < array.n; i++) {
        if (array.at[i] == '{')
            return true;
        if (array.at[i] == '"')
            return false;
    }
    return false;
}

static fallible write_list(struct arena *arena, struct bytes array)
{
    struct table table = {.arena = arena};

    if (!is_list_of_objects(array))
        return each_element(&table, array, write_text_row);
    TRY(each_element(&table, array, measure_row));
    for (size_t i = 0; i < table.columns; i++)
        put_padded(table.names[i], i + 1 == table.columns ? 0 : table.widths[i] + GAP);
    (void)putchar('\n');
    return each_element(&table, array, write_row);
}

static fallible write_member(struct arena *arena, struct bytes name, struct bytes value)
{
    struct bytes text;

    if (value.n > 0 && value.at[0] == '[')
        return write_list(arena, value);
    TRY(member_text(arena, name, value, &text));
    while (text.n > 0 && text.at[text.n - 1] == '\n')
        text.n--;
    put(name);
    (void)fputs(": ", stdout);
    put(text);
    (void)putchar('\n');
    return OK;
}

static fallible print_lines(struct arena *arena, struct bytes body)
{
    struct json json;
    struct json_text name;
    struct bytes value;
    bool there;

    TRY(enter(body, JSON_IS_OBJECT, &json));
    for (;;) {
        TRY(next_member(&json, &name, &value, &there));
        if (!there)
            return OK;
        TRY(write_member(arena, name.raw, value));
    }
}

fallible print_answer(struct arena *arena, struct bytes body, enum print_as as)
{
    if (body.n == 0)
        return OK;
    if (as == PRINT_LINES)
        return print_lines(arena, body);
    (void)fwrite(body.at, 1, body.n, stdout);
    (void)putchar('\n');
    return OK;
}

bool print_member(struct arena *arena, struct bytes body, struct bytes wanted, struct bytes *text)
{
    struct json json;
    struct json_text name;
    struct bytes value;
    bool there = true;

    if (enter(body, JSON_IS_OBJECT, &json) != OK)
        return false;
    while (next_member(&json, &name, &value, &there) == OK && there) {
        if (json_text_is(name, wanted))
            return text_of(arena, value, text) == OK;
    }
    return false;
}

void print_error_texts(struct arena *arena, struct bytes body, struct bytes *code,
                       struct bytes *message)
{
    *code = *message = (struct bytes){0};
    if (!print_member(arena, body, LIT("code"), code))
        (void)print_member(arena, body, LIT("__type"), code);
    (void)print_member(arena, body, LIT("message"), message);
}
