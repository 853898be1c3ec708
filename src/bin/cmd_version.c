/* coffer version: which Coffer this is, and what it stands on. */
#include "bin/commands.h"

#include <stdio.h>

static int version_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("coffer %s\n", COFFER_VERSION);
    return EXIT_FINE;
}

const struct command command_version = {
    .name = "version",
    .help = "which Coffer this is",
    .take = version_main,
};
