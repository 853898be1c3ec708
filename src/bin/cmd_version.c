/* coffer version: which Coffer this is, and what it stands on. */
#include "bin/commands.h"

#include <stdio.h>

int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("coffer %s\n", COFFER_VERSION);
    return EXIT_FINE;
}
