/* coffer clock: say that the clock is right, after it was in doubt. */
#include "bin/ask.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 1024 * 1024 };

static const struct option_row rows[] = {ASK_ROWS, {0}};

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer clock accept [OPTIONS]\n");
    if (to == stdout) {
        printf("\nSays that the clock is right as it is now, after it jumped (coffer status says "
               "that it\nis in doubt). Until then nothing is purged; from then on, what was to end "
               "by now ends,\nand a clock that had run ahead is forgotten.\n\n");
        options_help(rows);
    }
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

static int clock_main(int argc, char **argv)
{
    struct options options;
    struct client_reply reply;
    struct arena *arena;
    enum print_as as;
    int code;

    if (!options_read(&options, "clock", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return usage(stdout);
    if (options.word_count != 1 || strcmp(options.words[0], "accept") != 0)
        return usage(stderr);
    if (!options_form(&options, "clock", &as))
        return EXIT_USAGE;
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("clock", "", ARENA_SPENT);
    code = ask(arena, "clock", &options, "/v1/clock.accept", LIT("{}"), &reply);
    if (code == EXIT_FINE)
        code = ask_said(arena, "clock", &options, reply.body, "The clock counts as right.");
    arena_close(arena);
    return code;
}

static const char *const verbs_of[] = {"accept", NULL};

const struct command command_clock = {
    .name = "clock",
    .help = "say that the clock is right, after it was in doubt",
    .rows = rows,
    .verbs = verbs_of,
    .take = clock_main,
};
