/* coffer status: how the running server stands. */
#include "bin/ask.h"

#include "cli/print.h"

#include <stdio.h>

enum { MEMORY = 1024 * 1024 };

static const struct option_row rows[] = {ASK_ROWS, {0}};

static bool is_ready(struct arena *arena, struct bytes body)
{
    struct bytes status;

    return print_member(arena, body, LIT("status"), &status) && bytes_same(status, LIT("ready"));
}

static int status_main(int argc, char **argv)
{
    struct options options;
    struct client_reply reply = {0};
    struct arena *arena;
    int code;

    if (!options_read(&options, "status", rows, argc, argv) ||
        !options_wordless(&options, "status"))
        return EXIT_USAGE;
    if (options.help) {
        printf("usage: coffer status [OPTIONS]\n\nAsks the running server how it stands. Exit 0: "
               "ready; 7: not.\n\n");
        options_help(rows);
        return EXIT_FINE;
    }
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("status", "", ARENA_SPENT);
    code = ask_print(arena, "status", &options, "/status", (struct bytes){0}, &reply);
    if (code == EXIT_FINE && !is_ready(arena, reply.body))
        code = EXIT_AWAY;
    arena_close(arena);
    return code;
}

const struct command command_status = {
    .name = "status",
    .help = "how the running server stands",
    .rows = rows,
    .take = status_main,
};
