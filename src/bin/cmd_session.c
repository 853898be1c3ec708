/* coffer session: end the sessions that somebody has. */
#include "bin/ask.h"
#include "codec/json_write.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 1024 * 1024, SENTENCE = 128 };

static const struct option_row rows[] = {
    ASK_ROWS,
    {"all", NULL, "of the root and all users, not of one user: leave NAME out"},
    {0},
};

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer session revoke NAME|--all [OPTIONS]\n");
    if (to == stdout) {
        printf(
            "\nEnds every session (temporary credentials of STS) that the user has now, also those "
            "of "
            "roles\nthat he assumed; the access keys stay as they are, and can ask for new ones. A "
            "role is no\nuser: its sessions end with those who assumed it, with --all, or with the "
            "role.\n\n");
        options_help(rows);
    }
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

static struct bytes body_of(struct arena *arena, const char *name)
{
    struct buf buf = buf_open(arena, 128);
    struct json_writer json = json_writer(&buf);
    struct bytes body;

    json_put_object(&json);
    if (name != NULL) {
        json_put_member(&json, LIT("user"), bytes_of(name));
    } else {
        json_put_name(&json, LIT("all"));
        json_put_bool(&json, true);
    }
    json_put_object_end(&json);
    return buf_done(&buf, &body) == OK ? body : LIT("{}");
}

static int tell(struct arena *arena, const struct options *options, struct bytes body)
{
    char sentence[SENTENCE];

    (void)snprintf(sentence, sizeof sentence, "%s has no session any more.",
                   options_has(options, "all") ? "The account" : options->words[1]);
    return ask_said(arena, "session", options, body, sentence);
}

static int session_main(int argc, char **argv)
{
    struct options options;
    struct client_reply reply;
    struct arena *arena;
    enum print_as as;
    bool all;
    int code;

    if (!options_read(&options, "session", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return usage(stdout);
    all = options_has(&options, "all");
    if (options.word_count != (all ? 1 : 2) || strcmp(options.words[0], "revoke") != 0)
        return usage(stderr);
    if (!options_form(&options, "session", &as))
        return EXIT_USAGE;
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("session", "", ARENA_SPENT);
    code = ask(arena, "session", &options, "/v1/session.revoke",
               body_of(arena, all ? NULL : options.words[1]), &reply);
    if (code == EXIT_FINE)
        code = tell(arena, &options, reply.body);
    arena_close(arena);
    return code;
}

static const char *const verbs_of[] = {"revoke", NULL};

const struct command command_session = {
    .name = "session",
    .help = "end the sessions that somebody has",
    .rows = rows,
    .verbs = verbs_of,
    .take = session_main,
};
