/* show-tables: prints the tables of wire/ as JSON, one route or fault a line, for tests/model and
 * the manual. */
#include "codec/json_write.h"
#include "wire/aws/service.h"
#include "wire/protocol.h"

#include <stdio.h>

static const char *const kinds[] = {
    [KIND_TEXT] = "text",   [KIND_SENSITIVE] = "sensitive", [KIND_INT] = "int",
    [KIND_BOOL] = "bool",   [KIND_MAYBE_INT] = "int",       [KIND_MAYBE_BOOL] = "bool",
    [KIND_TIME] = "time",   [KIND_CHOICE] = "choice",       [KIND_LIST] = "list",
    [KIND_GROUP] = "group",
};

static void put(struct json_writer *json, const char *name, const char *text)
{
    json_put_name(json, bytes_of(name));
    json_put_text(json, bytes_of(text));
}

static void put_rows(struct json_writer *json, const struct field *rows);

static void put_words(struct json_writer *json, const struct word *words)
{
    json_put_name(json, LIT("words"));
    json_put_array(json);
    for (; words->wire.at != NULL; words++)
        json_put_text(json, words->wire);
    json_put_array_end(json);
}

static void put_row(struct json_writer *json, const struct field *row)
{
    json_put_object(json);
    json_put_name(json, LIT("name"));
    json_put_text(json, row->wire);
    put(json, "kind", kinds[row->member.kind]);
    json_put_name(json, LIT("required"));
    json_put_bool(json, row->need == REQUIRED);
    json_put_name(json, LIT("least"));
    json_put_int(json, row->least);
    json_put_name(json, LIT("most"));
    json_put_int(json, row->most);
    put(json, "spelling",
        row->spelling == AS_BASE64 ? "base64"
        : row->spelling == AS_LONG ? "long"
        : row->spelling == AS_MAP  ? "map"
                                   : "usual");
    if (row->pattern != NULL)
        put(json, "pattern", row->pattern->said);
    if (row->words != NULL)
        put_words(json, row->words);
    if (row->each != NULL) {
        json_put_name(json, LIT("each"));
        put_rows(json, row->each->rows);
    }
    json_put_object_end(json);
}

static void put_rows(struct json_writer *json, const struct field *rows)
{
    json_put_array(json);
    for (; rows->wire.at != NULL; rows++)
        put_row(json, rows);
    json_put_array_end(json);
}

static void print(const struct buf *buf)
{
    struct bytes line;

    if (buf_done(buf, &line) == OK)
        printf("%.*s\n", (int)line.n, (const char *)line.at);
}

static void show_route(void *ctx, const struct protocol *protocol, const char *service,
                       const struct route *route)
{
    static const char *const modes[] = {[OPERATION_READS] = "reads", [OPERATION_WRITES] = "writes"};
    struct buf buf = buf_open(ctx, 4096);
    struct json_writer json = json_writer(&buf);

    json_put_object(&json);
    put(&json, "protocol", protocol->name);
    put(&json, "service", service);
    put(&json, "route", route->name);
    put(&json, "operation", route->operation->name);
    put(&json, "action", route->operation->action);
    put(&json, "mode", modes[route->operation->mode]);
    json_put_name(&json, LIT("in"));
    put_rows(&json, route->in->rows);
    json_put_name(&json, LIT("out"));
    put_rows(&json, route->out->rows);
    json_put_object_end(&json);
    print(&buf);
}

static void show_faults(struct arena *arena, const char *service, const struct fault_row *rows)
{
    for (; rows->code != NULL; rows++) {
        struct buf buf = buf_open(arena, 512);
        struct json_writer json = json_writer(&buf);

        json_put_object(&json);
        put(&json, "faults", service);
        put(&json, "reason", rows->fault != NULL ? rows->fault->name : "");
        put(&json, "code", rows->code);
        json_put_name(&json, LIT("status"));
        json_put_int(&json, rows->status);
        json_put_object_end(&json);
        print(&buf);
    }
}

int main(void)
{
    struct arena *arena = arena_open((size_t)8 << 20);

    if (arena == NULL)
        return 1;
    protocol_each_route(show_route, arena);
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        show_faults(arena, s->name, s->faults);
    show_faults(arena, "json", aws_door_faults);
    show_faults(arena, "query", aws_query_door_faults);
    arena_close(arena);
    return 0;
}
