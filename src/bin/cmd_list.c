/* coffer list: which secrets there are. */
#include "bin/remote.h"

#include "base/file.h"
#include "cli/print.h"
#include "cli/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100, PAGE_MEMORY = 64 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"filter", "KEY=VALUE",
     "name, description, tag-key, tag-value, all...; !VALUE: not; may be repeated"},
    {"sort", "BY", "name, created-date, last-changed-date or last-accessed-date"},
    {"descending", NULL, "the last first"},
    {"deleted", NULL, "also those that wait to be deleted"},
    {"max", "N", "at most so many; all if not said"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

struct listing {
    struct remote *remote;
    struct print_table table;
    const char *token; /* of the next page, in the arena that the pages share */
    long left;
    bool opened, begun; /* the JSON object; an element of it */
};

/* AWS's keys, and one filter a value: all of them have to hold. */
static bool add_filter(struct json_writer *json, const char *said)
{
    struct bytes rest = bytes_of(said), key;

    if (!bytes_cut(&rest, '=', &key)) {
        fprintf(stderr, "coffer list: --filter is KEY=VALUE, not '%s'\n", said);
        return false;
    }
    json_put_object(json);
    json_put_name(json, LIT("Key"));
    json_put_text(json, key);
    json_put_name(json, LIT("Values"));
    json_put_array(json);
    json_put_text(json, rest);
    json_put_array_end(json);
    json_put_object_end(json);
    return true;
}

static bool add_filters(struct remote *r, struct json_writer *json)
{
    const char *const *said;
    const int n = options_values(r->options, "filter", &said);

    if (n == 0 && r->name == NULL)
        return true;
    json_put_name(json, LIT("Filters"));
    json_put_array(json);
    if (r->name != NULL)
        json_put_raw(json, LIT("{\"Key\":\"name\",\"Values\":["));
    if (r->name != NULL) {
        json->comma = false;
        json_put_text(json, bytes_of(r->name));
        buf_add_text(json->buf, "]}");
    }
    for (int i = 0; i < n; i++)
        if (!add_filter(json, said[i]))
            return false;
    json_put_array_end(json);
    return true;
}

static bool make_body(struct listing *l, struct remote_body *body)
{
    const struct options *options = l->remote->options;
    struct json_writer *json = remote_json(body);

    json_put_name(json, LIT("MaxResults"));
    json_put_int(json, l->left < PAGE ? l->left : PAGE);
    remote_text(body, LIT("NextToken"), l->token);
    remote_text(body, LIT("SortOrder"), options_has(options, "descending") ? "desc" : NULL);
    remote_text(body, LIT("SortBy"), options_value(options, "sort"));
    if (options_has(options, "deleted")) {
        json_put_name(json, LIT("IncludePlannedDeletion"));
        json_put_bool(json, true);
    }
    return add_filters(l->remote, json);
}

static void write_elements(struct listing *l, struct bytes list)
{
    struct walk walk = walk_open(list);
    struct bytes element;

    if (!l->opened)
        (void)fputs("{\"SecretList\":[", stdout);
    l->opened = true;
    while (walk_element(&walk, &element)) {
        (void)fputs(l->begun ? ",\n" : "\n", stdout);
        (void)fwrite(element.at, 1, element.n, stdout);
        l->begun = true;
    }
}

static long count(struct bytes list)
{
    struct walk walk = walk_open(list);
    struct bytes element;
    long n = 0;

    while (walk_element(&walk, &element))
        n++;
    return n;
}

static fallible write_page(struct listing *l, struct arena *arena, struct bytes page)
{
    struct bytes list, token = walk_find_text(arena, page, LIT("NextToken"));

    ENSURE(walk_find(page, LIT("SecretList"), &list), PRINT_ODD);
    l->left -= count(list);
    l->token = token.n == 0 ? NULL : file_text(l->remote->arena, token);
    if (l->table.as != PRINT_JSON)
        return print_rows(arena, &l->table, list);
    write_elements(l, list);
    return OK;
}

/* A page's own memory goes with it: a million names need no more than a hundred. */
static int take_page(struct listing *l)
{
    struct remote page = *l->remote;
    struct remote_body body;
    struct fetch_reply reply;
    const struct fault *fault = ARENA_SPENT;
    int exit = EXIT_USAGE;

    page.arena = arena_open(PAGE_MEMORY);
    if (page.arena == NULL)
        return remote_failed(l->remote, "", ARENA_SPENT);
    page.name = NULL; /* a prefix is nothing that could be absent */
    body = remote_body(&page);
    if (make_body(l, &body)) {
        exit = remote_send(&page, &body, "ListSecrets", &reply);
        if (exit == EXIT_FINE)
            fault = write_page(l, page.arena, (struct bytes){reply.body.at, reply.body.n});
        if (exit == EXIT_FINE && fault != OK)
            exit = remote_failed(l->remote, "", fault);
    }
    arena_close(page.arena);
    return exit;
}

static void set_columns(struct print_table *table)
{
    print_column(table, LIT("Name"), LIT("NAME"));
    print_column(table, LIT("LastChangedDate"), LIT("CHANGED"));
    print_column(table, LIT("LastAccessedDate"), LIT("READ"));
    print_column(table, LIT("DeletedDate"), LIT("DELETED"));
    print_column(table, LIT("Description"), LIT("DESCRIPTION"));
}

static int list(struct remote *r)
{
    struct listing listing = {.remote = r, .left = 1000000000};
    int exit;

    if (!options_form(r->options, "list", &listing.table.as) ||
        !options_number(r->options, "max", 1, 1000000000, &listing.left))
        return EXIT_USAGE;
    set_columns(&listing.table);
    listing.table.none = "No secrets.";
    do
        exit = take_page(&listing);
    while (exit == EXIT_FINE && listing.token != NULL && listing.left > 0);
    if (exit == EXIT_FINE)
        print_rows_end(&listing.table);
    if (listing.opened)
        (void)fputs(listing.begun ? "\n]}\n" : "]}\n", stdout);
    return exit;
}

static int list_main(int argc, char **argv)
{
    return remote_run(&command_list, argc, argv, list);
}

const struct command command_list = {
    .name = "list",
    .help = "which secrets there are",
    .words = "[PREFIX]",
    .about = "Those whose name begins with PREFIX, or all. Values are not shown.",
    .rows = rows,
    .most = 1,
    .take = list_main,
};
