/* coffer: the one program. It finds the command by its name and calls it. */
#include "bin/commands.h"

#include "base/blame.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

/* clang-format off */
static const struct command commands[] = {
    {"dev",     command_dev,     "a throw-away server for this machine, ready in one command"},
    {"init",    command_init,    "make a data folder: root key, first account, first access key"},
    {"server",  command_server,  "serve a data folder over TLS"},
    {"unseal",  command_unseal,  "give a server that started sealed its passphrase"},
    {"status",  command_status,  "how the running server stands"},
    {"user",    command_user,    "users, their access keys and their policies"},
    {"audit",   command_audit,   "follow the journal, or verify it"},
    {"verify",  command_verify,  "is a data folder what it was? while no server runs"},
    {"certificate", command_certificate, "make a certificate for a data folder"},
    {"env",     command_env,     "the variables that point a client here"},
    {"version", command_version, "which Coffer this is"},
};
/* clang-format on */

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\ncoffer COMMAND --help says more.\n");
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

/* The first command that shares its beginning or all but one letter with what was typed; NULL: none
 * does. */
static const char *meant(const char *typed)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t same = strspn(typed, commands[i].name), n = strlen(typed);

        if (strncmp(typed, commands[i].name, 2) == 0 || (n > 2 && same == n))
            return commands[i].name;
    }
    return NULL;
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
    const char *guess;

    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return usage(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return command_version(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    guess = meant(argv[1]);
    fprintf(stderr, "coffer: there is no command '%s'%s%s%s; see coffer --help\n", argv[1],
            guess == NULL ? "" : "; did you mean '", guess == NULL ? "" : guess,
            guess == NULL ? "" : "'");
    return EXIT_USAGE;
}
