/* coffer label: which version a staging label stands at. */
#include "bin/remote.h"

#include "base/file.h"
#include "cli/print.h"
#include "cli/walk.h"

#include <stdio.h>
#include <string.h>

enum { VERSION_LEAST = 32 }; /* characters of a version's id */

static const struct option_row rows[] = {
    {"remove", NULL, "take the label away"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

static int describe(struct remote *r, struct bytes *stages)
{
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;
    int exit;

    remote_text(&body, LIT("SecretId"), r->name);
    exit = remote_send(r, &body, "DescribeSecret", &reply);
    if (exit == EXIT_FINE &&
        !walk_find((struct bytes){reply.body.at, reply.body.n}, LIT("VersionIdsToStages"), stages))
        *stages = LIT("{}");
    return exit;
}

/* The version that has this label; NULL: none has. */
static const char *version_with(struct remote *r, struct bytes stages, const char *label)
{
    struct walk versions = walk_open(stages), labels;
    struct bytes list, element;
    struct json_text version;

    while (walk_member(&versions, &version, &list)) {
        labels = walk_open(list);
        while (walk_element(&labels, &element))
            if (bytes_same(walk_text(r->arena, element), bytes_of(label)))
                return file_text(r->arena, walk_name(r->arena, version));
    }
    return NULL;
}

static int move(struct remote *r, const char *label, const char *from, const char *to)
{
    struct remote_body body = remote_body(r);

    remote_text(&body, LIT("SecretId"), r->name);
    remote_text(&body, LIT("VersionStage"), label);
    remote_text(&body, LIT("MoveToVersionId"), to);
    remote_text(&body, LIT("RemoveFromVersionId"), from);
    return remote_send_and_print(r, &body, "UpdateSecretVersionStage");
}

static int take_away(struct remote *r, const char *label, const char *from)
{
    if (from != NULL)
        return move(r, label, from, NULL);
    fprintf(stderr, "coffer label: no version of %s has the label %s\n", r->name, label);
    return EXIT_ABSENT;
}

/* VERSION may be said by a label that it has: coffer label prod/db AWSCURRENT AWSPREVIOUS. */
static int set(struct remote *r, struct bytes stages, const char *label, const char *version)
{
    const char *from = version_with(r, stages, label), *to = version_with(r, stages, version);

    if (to == NULL && strlen(version) < VERSION_LEAST) {
        fprintf(stderr, "coffer label: no version of %s has the label %s, and an id is longer\n",
                r->name, version);
        return EXIT_ABSENT;
    }
    if (to == NULL)
        to = version;
    if (from == NULL || strcmp(from, to) != 0)
        return move(r, label, from, to);
    fprintf(stderr, "coffer label: %s is at this version already\n", label);
    return EXIT_FINE;
}

static int show(struct remote *r, struct bytes stages, enum print_as as)
{
    struct walk versions = walk_open(stages), labels;
    struct bytes list, element;
    struct json_text version;
    struct print_table table = {.as = as, .none = "No labels."};
    struct buf rows_made = buf_open(r->arena, 256);
    struct json_writer json = json_writer(&rows_made);
    struct bytes rows_text;
    const struct fault *fault;

    print_column(&table, LIT("Label"), LIT("LABEL"));
    print_column(&table, LIT("VersionId"), LIT("VERSION"));
    json_put_array(&json);
    while (walk_member(&versions, &version, &list)) {
        labels = walk_open(list);
        while (walk_element(&labels, &element)) {
            json_put_object(&json);
            json_put_name(&json, LIT("Label"));
            json_put_raw(&json, element);
            json_put_name(&json, LIT("VersionId"));
            json_put_text(&json, walk_name(r->arena, version));
            json_put_object_end(&json);
        }
    }
    json_put_array_end(&json);
    fault = buf_done(&rows_made, &rows_text);
    if (fault == OK && as == PRINT_JSON)
        printf("{\"Labels\":%.*s}\n", (int)rows_text.n, (const char *)rows_text.at);
    else if (fault == OK)
        fault = print_rows(r->arena, &table, rows_text);
    if (fault == OK && as == PRINT_TABLE)
        print_rows_end(&table);
    return fault == OK ? EXIT_FINE : remote_failed(r, "", fault);
}

static int label(struct remote *r)
{
    const char *const *words = r->options->words;
    const int n = r->options->word_count;
    const bool removes = options_has(r->options, "remove");
    struct bytes stages;
    enum print_as as;
    int exit;

    if (!options_form(r->options, "label", &as))
        return EXIT_USAGE;
    if ((n == 2) != removes) {
        fprintf(stderr, "coffer label: it is: coffer label NAME LABEL VERSION, or coffer label "
                        "NAME LABEL --remove\n");
        return EXIT_USAGE;
    }
    exit = describe(r, &stages);
    if (exit != EXIT_FINE)
        return exit;
    if (removes)
        return take_away(r, words[1], version_with(r, stages, words[1]));
    return n == 1 ? show(r, stages, as) : set(r, stages, words[1], words[2]);
}

static int label_main(int argc, char **argv)
{
    return remote_run(&command_label, argc, argv, label);
}

const struct command command_label = {
    .name = "label",
    .help = "which version a staging label stands at: show, set, take away",
    .words = "NAME [LABEL VERSION]",
    .about = "LABEL goes to VERSION, from wherever it is. VERSION is an id, or a label that it "
             "has:\ncoffer label prod/db AWSCURRENT AWSPREVIOUS goes back by one version.",
    .rows = rows,
    .least = 1,
    .most = 3,
    .take = label_main,
};
