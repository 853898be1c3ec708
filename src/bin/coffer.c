/* coffer: the one program. It finds the command by its name and calls it. */
#include "bin/commands.h"

#include "base/blame.h"
#include "cli/near.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct command *const commands[] = {
    &command_get, &command_put, &command_list, &command_describe, &command_delete, &command_restore,
    &command_history, &command_label, &command_tag, &command_random, &command_policy,
    &command_dev, &command_init, &command_server, &command_unseal, &command_status, &command_user, &command_key,
    &command_audit, &command_verify, &command_reseal, &command_rotate_root, &command_backup, &command_certificate, &command_clock, &command_session, &command_doctor, &command_env, &command_completion, &command_version,
    NULL,
};
/* clang-format on */

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->help);
    fprintf(to, "\ncoffer COMMAND --help says more.\n");
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

/* The one nearest to what was typed; NULL: none is near. */
static const char *meant(const char *typed)
{
    unsigned nearest = NEAR_NONE;
    const char *found = NULL;

    for (size_t i = 0; commands[i] != NULL; i++) {
        unsigned n = near_distance(bytes_of(typed), bytes_of(commands[i]->name));

        if (n < nearest)
            found = commands[i]->name;
        nearest = n < nearest ? n : nearest;
    }
    return found;
}

static int unknown(const char *typed)
{
    const char *guess = meant(typed);

    if (strcmp(typed, "role") == 0)
        fprintf(stderr, "coffer: there are no roles yet: give each function a user of its own "
                        "(coffer user create)\n");
    else
        fprintf(stderr, "coffer: there is no command '%s'%s%s%s; see coffer --help\n", typed,
                guess == NULL ? "" : "; did you mean '", guess == NULL ? "" : guess,
                guess == NULL ? "" : "'?");
    return EXIT_USAGE;
}

int command_failed(const char *command, const char *about, const struct fault *fault)
{
    static const int codes[] = {
        [FAULT_CALLER] = EXIT_USAGE,  [FAULT_UNKNOWN] = EXIT_NOBODY, [FAULT_DENIED] = EXIT_DENIED,
        [FAULT_ABSENT] = EXIT_ABSENT, [FAULT_STATE] = EXIT_CONFLICT, [FAULT_LIMIT] = EXIT_CONFLICT,
        [FAULT_AGAIN] = EXIT_AWAY,    [FAULT_INTERNAL] = EXIT_LOCAL,
    };

    if (*blamed() != '\0')
        about = blamed();
    fprintf(stderr, "coffer %s: %s%s%s\n", command, about, *about == '\0' ? "" : ": ", fault->text);
    return codes[fault->class];
}

int main(int argc, char **argv)
{
    const char *name = argc < 2 ? "" : argv[1];

    if (argc < 2)
        return usage(stderr);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return usage(stdout);
    if (strcmp(name, "--version") == 0)
        name = "version";
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i]->take(argc - 1, argv + 1);
    }
    return unknown(name);
}
