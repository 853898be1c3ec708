/* print: walks the answer once; tables are two passes, one to measure and one to write. */
#include "cli/print.h"

#include "base/buf.h"
#include "cli/walk.h"
#include "codec/date.h"
#include "codec/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GAP = 2, MOMENT = 20 };

/* clang-format off */
FAULT(PRINT_ODD, FAULT_AGAIN, "print.odd", "The server's answer is not what this version understands.");
/* clang-format on */

bool print_form(const char *said, enum print_as *out)
{
    static const char *const forms[] = {
        [PRINT_TABLE] = "table", [PRINT_JSON] = "json", [PRINT_TEXT] = "text"};

    *out = isatty(STDOUT_FILENO) == 1 ? PRINT_TABLE : PRINT_JSON;
    if (said == NULL)
        return true;
    for (size_t i = PRINT_TABLE; i <= PRINT_TEXT; i++) {
        if (strcmp(said, forms[i]) != 0)
            continue;
        *out = (enum print_as)i;
        return true;
    }
    return false;
}

/* https://no-color.org: set and not empty. */
static bool in_colour(void)
{
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) == 1 && (refused == NULL || *refused == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void print_shown(FILE *to, struct bytes text)
{
    while (text.n > 0) {
        const size_t shown = text_shown_step(text), step = text_utf8_step(text);

        if (shown > 0)
            (void)fwrite(text.at, 1, shown, to);
        else
            (void)fputc('?', to);
        text = bytes_after(text, step > 0 ? step : 1);
    }
}

static void put(struct bytes text)
{
    print_shown(stdout, text);
}

static size_t width_of(struct bytes text)
{
    return text_utf8(text) ? text_characters(text) : text.n;
}

static void put_padded(struct bytes text, size_t width)
{
    put(text);
    for (size_t i = width_of(text); i < width; i++)
        (void)putchar(' ');
}

/* Seconds since 1970 as a person reads a moment; anything else as it stands. */
static struct bytes moment_of(struct arena *arena, struct bytes value)
{
    uint8_t *to = arena_get(arena, DATE_ISO);
    int64_t ms;

    if (to == NULL || json_ms(value, &ms) != OK)
        return value;
    date_iso(ms, to);
    to[MOMENT - 1] = 'Z'; /* where the fraction begins */
    return (struct bytes){to, MOMENT};
}

static bool is_moment(struct bytes name, struct bytes value)
{
    const bool digits = value.n > 0 && value.at[0] >= '0' && value.at[0] <= '9';

    return digits && (bytes_ends(name, LIT("Date")) || bytes_same(name, LIT("created")) ||
                      bytes_same(name, LIT("last_used")));
}

/* ["a","b"] as "a, b". */
static struct bytes joined(struct arena *arena, struct bytes list)
{
    struct walk walk = walk_open(list);
    struct buf buf = buf_open(arena, 64);
    struct bytes element, out = list;

    while (walk_element(&walk, &element)) {
        if (buf.n > 0)
            buf_add_text(&buf, ", ");
        buf_add(&buf, walk_text(arena, element));
    }
    return buf_done(&buf, &out) == OK ? out : list;
}

static bool begins(struct bytes value, char c)
{
    return value.n > 0 && value.at[0] == (uint8_t)c;
}

static bool is_empty(struct bytes array)
{
    struct walk walk = walk_open(array);
    struct bytes element;

    return !walk_element(&walk, &element);
}

static bool is_list_of_objects(struct bytes array)
{
    struct walk walk = walk_open(array);
    struct bytes element;

    return begins(array, '[') && walk_element(&walk, &element) && begins(element, '{');
}

static struct bytes cell_of(struct arena *arena, struct bytes name, struct bytes value)
{
    if (is_moment(name, value))
        return moment_of(arena, value);
    if (begins(value, '[') && !is_list_of_objects(value))
        return joined(arena, value);
    return walk_text(arena, value);
}

void print_column(struct print_table *table, struct bytes member, struct bytes title)
{
    if (table->columns == PRINT_COLUMNS)
        return;
    table->members[table->columns] = member;
    table->titles[table->columns] = title;
    table->widths[table->columns++] = title.n;
}

static size_t column_of(const struct print_table *table, struct bytes name)
{
    size_t i = 0;

    while (i < table->columns && !bytes_same(table->members[i], name))
        i++;
    return i;
}

/* A member's name as a heading: last_used is LAST USED. */
static struct bytes title_of(struct arena *arena, struct bytes name)
{
    uint8_t *to = arena_get(arena, name.n);

    if (to == NULL)
        return name;
    for (size_t i = 0; i < name.n; i++) {
        const uint8_t c = name.at[i];

        to[i] = c == '_' ? ' ' : c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return (struct bytes){to, name.n};
}

static void find_columns(struct arena *arena, struct print_table *table, struct bytes array)
{
    struct walk walk = walk_open(array), row;
    struct bytes object, value;
    struct json_text name;

    while (walk_element(&walk, &object)) {
        row = walk_open(object);
        while (walk_member(&row, &name, &value))
            if (column_of(table, name.raw) == table->columns)
                print_column(table, name.raw, title_of(arena, name.raw));
    }
}

static void fill_row(struct arena *arena, const struct print_table *table, struct bytes object,
                     struct bytes cells[PRINT_COLUMNS])
{
    struct walk row = walk_open(object);
    struct json_text name;
    struct bytes value;

    memset(cells, 0, PRINT_COLUMNS * sizeof *cells);
    while (walk_member(&row, &name, &value)) {
        size_t i = column_of(table, name.raw);

        if (i < table->columns)
            cells[i] = cell_of(arena, name.raw, value);
    }
}

static void measure_row(struct print_table *table, const struct bytes cells[PRINT_COLUMNS])
{
    for (size_t i = 0; i < table->columns; i++) {
        const size_t width = width_of(cells[i]);

        if (width > table->widths[i])
            table->widths[i] = width;
    }
}

static void write_row(const struct print_table *table, const struct bytes cells[PRINT_COLUMNS])
{
    for (size_t i = 0; i < table->columns; i++) {
        const bool last = i + 1 == table->columns;

        if (table->as == PRINT_TEXT) {
            put(cells[i]);
            if (!last)
                (void)putchar('\t');
        } else {
            put_padded(cells[i], last ? 0 : table->widths[i] + GAP);
        }
    }
    (void)putchar('\n');
}

static void write_titles(struct print_table *table)
{
    const bool bold = in_colour();

    if (table->titled || table->as == PRINT_TEXT)
        return;
    table->titled = true;
    (void)fputs(bold ? "\033[1m" : "", stdout);
    write_row(table, table->titles);
    (void)fputs(bold ? "\033[0m" : "", stdout);
}

void print_heading(const char *line)
{
    const bool bold = in_colour();

    printf("%s%s%s\n", bold ? "\033[1m" : "", line, bold ? "\033[0m" : "");
}

static void each_row(struct arena *arena, struct print_table *table, struct bytes array, bool write)
{
    struct walk walk = walk_open(array);
    struct bytes object, cells[PRINT_COLUMNS];

    while (walk_element(&walk, &object)) {
        fill_row(arena, table, object, cells);
        if (write)
            write_row(table, cells);
        else
            measure_row(table, cells);
    }
}

fallible print_rows(struct arena *arena, struct print_table *table, struct bytes array)
{
    ENSURE(begins(array, '['), PRINT_ODD);
    if (table->columns == 0)
        find_columns(arena, table, array);
    if (table->none != NULL && is_empty(array))
        return OK;
    each_row(arena, table, array, false);
    write_titles(table);
    each_row(arena, table, array, true);
    return OK;
}

void print_rows_end(const struct print_table *table)
{
    if (table->none != NULL && !table->titled && table->as == PRINT_TABLE)
        printf("%s\n", table->none);
}

/* A line each, for programs. */
static void write_texts(struct arena *arena, struct bytes array)
{
    struct walk walk = walk_open(array);
    struct bytes element;

    while (walk_element(&walk, &element)) {
        put(walk_text(arena, element));
        (void)putchar('\n');
    }
}

static void write_plain(struct arena *arena, struct bytes name, struct bytes value,
                        enum print_as as)
{
    struct bytes text = cell_of(arena, name, value);

    while (text.n > 0 && text.at[text.n - 1] == '\n')
        text.n--;
    if (as == PRINT_TABLE) {
        put(name);
        (void)fputs(": ", stdout);
    }
    if (as == PRINT_TABLE && begins(value, '[') && is_empty(value))
        text = LIT("none");
    put(text);
    (void)putchar('\n');
}

static void write_name(struct bytes name)
{
    put(name);
    (void)fputs(":\n", stdout);
}

/* An object of lists, such as labels by version: a line each. */
static void write_object(struct arena *arena, struct bytes name, struct bytes object,
                         enum print_as as)
{
    struct walk walk = walk_open(object);
    struct json_text key;
    struct bytes value;

    if (as == PRINT_TABLE)
        write_name(name);
    while (walk_member(&walk, &key, &value)) {
        (void)fputs(as == PRINT_TABLE ? "  " : "", stdout);
        put(walk_name(arena, key));
        (void)fputs(as == PRINT_TABLE ? "  " : "\t", stdout);
        put(cell_of(arena, key.raw, value));
        (void)putchar('\n');
    }
}

static fallible write_member(struct arena *arena, struct bytes name, struct bytes value,
                             enum print_as as)
{
    struct print_table table = {.as = as};

    if (is_list_of_objects(value))
        return print_rows(arena, &table, value);
    if (begins(value, '[') && as == PRINT_TEXT)
        write_texts(arena, value);
    else if (begins(value, '{'))
        write_object(arena, name, value, as);
    else
        write_plain(arena, name, value, as);
    return OK;
}

static bool is_alone(struct bytes body)
{
    struct walk walk = walk_open(body);
    struct json_text name;
    struct bytes value;

    return walk_member(&walk, &name, &value) && !walk_member(&walk, &name, &value);
}

/* A table among other members is named; the only one says itself what it is. */
static fallible write_members(struct arena *arena, struct bytes body, enum print_as as)
{
    struct walk walk = walk_open(body);
    struct json_text name;
    struct bytes value;

    ENSURE(begins(body, '{'), PRINT_ODD);
    while (walk_member(&walk, &name, &value)) {
        if (as == PRINT_TABLE && is_list_of_objects(value) && !is_alone(body))
            write_name(name.raw);
        TRY(write_member(arena, name.raw, value, as));
    }
    return OK;
}

fallible print_answer(struct arena *arena, struct bytes body, enum print_as as)
{
    if (body.n == 0)
        return OK;
    if (as != PRINT_JSON)
        return write_members(arena, body, as);
    (void)fwrite(body.at, 1, body.n, stdout);
    (void)putchar('\n');
    return OK;
}

bool print_member(struct arena *arena, struct bytes body, struct bytes wanted, struct bytes *text)
{
    struct bytes value;

    if (!walk_find(body, wanted, &value))
        return false;
    *text = walk_text(arena, value);
    return true;
}

void print_error_texts(struct arena *arena, struct bytes body, struct bytes *code,
                       struct bytes *message)
{
    *code = *message = (struct bytes){0};
    if (!print_member(arena, body, LIT("code"), code))
        (void)print_member(arena, body, LIT("__type"), code);
    (void)print_member(arena, body, LIT("message"), message);
}
