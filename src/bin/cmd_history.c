/* coffer history: every version of a secret, with its labels, its times, and who made it. */
#include "bin/ask.h"
#include "bin/audit_show.h"
#include "bin/remote.h"

#include "base/blame.h"
#include "base/file.h"
#include "cli/walk.h"

#include <stdio.h>
#include <unistd.h>

enum { MAKERS_MOST = 4096, LINE_MEMORY = 16 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder whose journal says who made a version; else $COFFER_DATA"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

struct maker {
    struct bytes version, who;
};

struct history {
    struct remote *remote;
    struct arena *lines; /* of one journal record */
    struct bytes arn;
    struct maker *makers;
    size_t n;
    struct buf versions; /* of the reply, with who made them: a JSON array */
    struct json_writer json;
};

static struct bytes token_of(struct arena *arena, struct bytes line)
{
    struct bytes said;

    return walk_find(line, LIT("requestParameters"), &said)
               ? walk_find_text(arena, said, LIT("clientRequestToken"))
               : (struct bytes){0};
}

/* A version's id is the token of the request that made it, and that request was not refused. */
static bool makes_version(void *ctx, struct bytes line)
{
    const struct history *h = ctx;
    const struct arena_mark mark = arena_mark(h->lines);
    struct bytes refused;
    const bool makes = !walk_find(line, LIT("errorCode"), &refused) &&
                       token_of(h->lines, line).n > 0 && audit_about(h->lines, line, h->arn);

    arena_rewind(h->lines, mark);
    return makes;
}

static void note_maker(void *ctx, struct bytes line)
{
    struct history *h = ctx;
    const struct arena_mark mark = arena_mark(h->lines);

    if (h->n < MAKERS_MOST)
        h->makers[h->n++] = (struct maker){
            arena_copy(h->remote->arena, token_of(h->lines, line)),
            arena_copy(h->remote->arena, audit_who(h->lines, line)),
        };
    arena_rewind(h->lines, mark);
}

/* Without --data a journal that is not there, or not ours to read, is nothing to complain of: the
 * server may be another machine. */
static fallible read_journal(struct history *h)
{
    const struct options *options = h->remote->options;
    const struct tail_plan plan = {
        .last = MAKERS_MOST, .wanted = makes_version, .show = note_maker, .ctx = h};
    const char *folder = file_path(h->remote->arena, ask_data(options), "journal");

    ENSURE(folder != NULL, ARENA_SPENT);
    if (options_value(options, "data") == NULL && access(folder, R_OK | X_OK) != 0)
        return OK;
    h->lines = arena_open(LINE_MEMORY);
    h->makers = arena_get(h->remote->arena, MAKERS_MOST * sizeof *h->makers);
    ENSURE(h->lines != NULL && h->makers != NULL, ARENA_SPENT);
    return blame(folder, journal_tail(h->lines, folder, &plan));
}

static struct bytes maker_of(const struct history *h, struct bytes version)
{
    for (size_t i = h->n; i > 0; i--)
        if (bytes_same(h->makers[i - 1].version, version))
            return h->makers[i - 1].who;
    return (struct bytes){0};
}

static void add_version(struct history *h, struct bytes version)
{
    const struct bytes id = walk_find_text(h->remote->arena, version, LIT("VersionId"));
    const struct bytes who = maker_of(h, id);
    struct walk walk = walk_open(version);
    struct json_text name;
    struct bytes value;

    json_put_object(&h->json);
    while (walk_member(&walk, &name, &value)) {
        json_put_name(&h->json, name.raw);
        json_put_raw(&h->json, value);
    }
    if (who.n > 0) {
        json_put_name(&h->json, LIT("CreatedBy"));
        json_put_text(&h->json, who);
    }
    json_put_object_end(&h->json);
}

static int take_page(struct history *h, const char **token)
{
    struct remote_body body = remote_body(h->remote);
    struct fetch_reply reply;
    struct bytes page, version, next;
    struct walk versions;
    int exit;

    remote_text(&body, LIT("SecretId"), h->remote->name);
    remote_text(&body, LIT("NextToken"), *token);
    json_put_name(remote_json(&body), LIT("IncludeDeprecated"));
    json_put_bool(remote_json(&body), true);
    exit = remote_send(h->remote, &body, "ListSecretVersionIds", &reply);
    if (exit != EXIT_FINE)
        return exit;
    page = (struct bytes){reply.body.at, reply.body.n};
    if (*token == NULL) {
        const struct fault *fault;

        h->arn = walk_find_text(h->remote->arena, page, LIT("ARN"));
        fault = read_journal(h);
        if (fault != OK)
            return remote_failed(h->remote, "", fault);
    }
    versions = walk_list(page, LIT("Versions"));
    while (walk_element(&versions, &version))
        add_version(h, version);
    next = walk_find_text(h->remote->arena, page, LIT("NextToken"));
    *token = next.n == 0 ? NULL : file_text(h->remote->arena, next);
    return EXIT_FINE;
}

static fallible print(struct history *h, enum print_as as)
{
    struct print_table table = {.as = as};
    struct bytes versions;

    json_put_array_end(&h->json);
    TRY(buf_done(&h->versions, &versions));
    if (as == PRINT_JSON) {
        printf("{\"Versions\":%.*s}\n", (int)versions.n, (const char *)versions.at);
        return OK;
    }
    print_column(&table, LIT("VersionId"), LIT("VERSION"));
    print_column(&table, LIT("CreatedDate"), LIT("CREATED"));
    print_column(&table, LIT("VersionStages"), LIT("LABELS"));
    print_column(&table, LIT("LastAccessedDate"), LIT("READ"));
    if (h->makers != NULL)
        print_column(&table, LIT("CreatedBy"), LIT("BY"));
    return print_rows(h->remote->arena, &table, versions);
}

static int history(struct remote *r)
{
    struct history h = {.remote = r, .versions = buf_open(r->arena, 4096)};
    const char *token = NULL;
    const struct fault *fault = OK;
    enum print_as as;
    int exit;

    if (!options_form(r->options, "history", &as))
        return EXIT_USAGE;
    h.json = json_writer(&h.versions);
    json_put_array(&h.json);
    do
        exit = take_page(&h, &token);
    while (exit == EXIT_FINE && token != NULL);
    if (exit == EXIT_FINE)
        fault = print(&h, as);
    arena_close(h.lines);
    return fault == OK ? exit : remote_failed(r, "", fault);
}

static int history_main(int argc, char **argv)
{
    return remote_run(&command_history, argc, argv, history);
}

const struct command command_history = {
    .name = "history",
    .help = "every version of a secret: labels, times, and who made it",
    .words = "NAME",
    .about = "Who made a version is said where the journal may be read: on the server's machine, "
             "with its data folder.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = history_main,
};
