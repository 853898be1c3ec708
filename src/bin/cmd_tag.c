/* coffer tag: a secret's tags. */
#include "bin/remote.h"

#include "cli/print.h"
#include "cli/walk.h"

#include <stdio.h>

static const struct option_row rows[] = {
    {"remove", "KEY", "take this tag away; may be repeated"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

static int add(struct remote *r)
{
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;

    if (r->options->word_count == 1)
        return EXIT_FINE;
    remote_text(&body, LIT("SecretId"), r->name);
    if (!remote_tags(r, &body, r->options->words + 1, r->options->word_count - 1))
        return EXIT_USAGE;
    return remote_send(r, &body, "TagResource", &reply);
}

static int take_away(struct remote *r)
{
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;
    const char *const *keys;
    const int n = options_values(r->options, "remove", &keys);

    if (n == 0)
        return EXIT_FINE;
    remote_text(&body, LIT("SecretId"), r->name);
    remote_texts(&body, LIT("TagKeys"), keys, n);
    return remote_send(r, &body, "UntagResource", &reply);
}

static int show(struct remote *r, enum print_as as)
{
    struct remote_body body = remote_body(r);
    struct print_table table = {.as = as, .none = "No tags."};
    struct fetch_reply reply;
    struct bytes tags;
    const struct fault *fault;
    int exit;

    remote_text(&body, LIT("SecretId"), r->name);
    exit = remote_send(r, &body, "DescribeSecret", &reply);
    if (exit != EXIT_FINE)
        return exit;
    if (!walk_find((struct bytes){reply.body.at, reply.body.n}, LIT("Tags"), &tags))
        tags = LIT("[]");
    if (as == PRINT_JSON) {
        printf("{\"Tags\":%.*s}\n", (int)tags.n, (const char *)tags.at);
        return EXIT_FINE;
    }
    print_column(&table, LIT("Key"), LIT("KEY"));
    print_column(&table, LIT("Value"), LIT("VALUE"));
    fault = print_rows(r->arena, &table, tags);
    print_rows_end(&table);
    return fault == OK ? EXIT_FINE : remote_failed(r, "", fault);
}

static int tag(struct remote *r)
{
    enum print_as as;
    int exit;

    if (!options_form(r->options, "tag", &as))
        return EXIT_USAGE;
    if (r->options->word_count == 1 && !options_has(r->options, "remove"))
        return show(r, as);
    exit = take_away(r);
    return exit == EXIT_FINE ? add(r) : exit;
}

static int tag_main(int argc, char **argv)
{
    return remote_run(&command_tag, argc, argv, tag);
}

const struct command command_tag = {
    .name = "tag",
    .help = "a secret's tags: show, add, change, take away",
    .words = "NAME [KEY=VALUE...]",
    .about = "Without KEY=VALUE and --remove: shows them.",
    .rows = rows,
    .least = 1,
    .most = WORDS_MOST,
    .take = tag_main,
};
