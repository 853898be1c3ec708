/* coffer reseal: another passphrase or key file for a data folder; its root key stays. */
#include "bin/ask.h"
#include "bin/opener.h"
#include "bin/stopped.h"

#include "admin/seal.h"
#include "core/operation.h"

#include <stdio.h>

enum { MEMORY = 64 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"},
    OPENER_ROWS,
    OPENER_NEW_ROWS,
    {0},
};

static const struct operation root_reseal = {
    .name = "root.reseal", .action = "coffer:Reseal", .mode = OPERATION_WRITES, .local = true};

static int usage(void)
{
    printf("usage: coffer reseal [--data DIR] [--key-file FILE | --passphrase-fd N]\n"
           "                     (--to-key-file FILE [--make-key-file] | --to-passphrase |\n"
           "                      --to-passphrase-fd N)\n\nAnother passphrase or key file for a "
           "data folder, while no server runs. The root key\nstays: an old copy of the seal still "
           "opens with what opened it then.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

/* The new seal is whole and tried before the journal says that it comes; then it comes. */
static fallible change(struct arena *arena, const struct options *options, struct stopped *stopped)
{
    const char *file = options_value(options, "to-key-file");
    struct root_opener next;

    TRY(opener_outside(file, stopped->folder));
    TRY(opener_make_file(arena, options, "to-key-file"));
    TRY(opener_choose(arena, options, &next));
    fprintf(stderr, "Sealing and trying the new seal...\n");
    TRY(seal_prepare(arena, stopped->folder, &stopped->seal, &stopped->opener, &next));
    TRY(stopped_record(arena, stopped, &root_reseal, NULL));
    return seal_take(arena, stopped->folder);
}

static fallible reseal(struct arena *arena, const struct options *options)
{
    struct stopped stopped;
    const struct fault *fault = stopped_open(arena, options, &stopped);

    if (fault == OK)
        fault = change(arena, options, &stopped);
    stopped_close(&stopped);
    return fault;
}

static bool chosen(const struct options *options)
{
    return options_has(options, "to-key-file") + options_has(options, "to-passphrase") +
               options_has(options, "to-passphrase-fd") ==
           1;
}

static int reseal_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    const struct fault *fault;

    if (!options_read(&options, "reseal", rows, argc, argv) ||
        !options_wordless(&options, "reseal"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    if (!chosen(&options))
        return command_failed("reseal", "", OPENER_WHICH);
    arena = arena_open(MEMORY);
    fault = arena == NULL ? ARENA_SPENT : reseal(arena, &options);
    arena_close(arena);
    if (fault != OK)
        return command_failed("reseal", ask_data(&options), fault);
    fprintf(stderr,
            "%s opens with the new %s from now on. Old copies of its seal still open with "
            "what opened them.\n",
            ask_data(&options), options_has(&options, "to-key-file") ? "key file" : "passphrase");
    return EXIT_FINE;
}

const struct command command_reseal = {
    .name = "reseal",
    .help = "another passphrase or key file for a data folder",
    .rows = rows,
    .take = reseal_main,
};
