/* commands: what `coffer` can be told to do. Each takes its own arguments, argv[0] being the
 * command's name, and returns the exit code. */
#pragma once

#include "base/fault.h"

/* What scripts may rely on (man 1 coffer). */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_LOCAL = 1, /* something here: a file, a folder, memory */
    EXIT_USAGE = 2,
    EXIT_NOBODY = 3, /* not recognised */
    EXIT_DENIED = 4,
    EXIT_ABSENT = 5,
    EXIT_CONFLICT = 6,
    EXIT_AWAY = 7, /* no server, or it cannot answer now */
};

struct option_row;

/* What --help, completion and main know of a command. One file each, cmd_<name>.c; coffer.c lists
 * them. */
struct command {
    const char *name;
    const char *help;              /* one line */
    const char *words;             /* what it takes beside options: "NAME"; NULL: not said here */
    const char *about;             /* of its own --help, a few lines; NULL: it prints its own */
    const struct option_row *rows; /* its options; NULL: none */
    const char *const *verbs;      /* the first words that it knows, to a NULL; NULL: none */
    int least, most;               /* how many words, where a driver counts them (bin/remote.h) */
    int (*take)(int argc, char **argv);
};

/* clang-format off */
extern const struct command command_get, command_put, command_list, command_describe, command_delete, command_restore,
    command_history, command_label, command_tag, command_random, command_policy,
    command_dev, command_init, command_server, command_unseal, command_status, command_user, command_key, command_audit,
    command_verify, command_reseal, command_rotate_root, command_backup, command_certificate, command_clock, command_session, command_doctor, command_env, command_completion, command_version;
/* clang-format on */

/* All of them, in the order of --help, to a NULL. */
extern const struct command *const commands[];

/* "coffer COMMAND: sentence" on standard error, with what is blamed (base/blame.h), else what it is
 * about; the exit code of the fault's class. */
int command_failed(const char *command, const char *about, const struct fault *);
