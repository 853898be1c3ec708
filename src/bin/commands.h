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

/* One file each, cmd_<name>.c; coffer.c lists them for `coffer --help`. */
int command_init(int argc, char **argv);
int command_certificate(int argc, char **argv);
int command_server(int argc, char **argv);
int command_dev(int argc, char **argv);
int command_env(int argc, char **argv);
int command_status(int argc, char **argv);
int command_unseal(int argc, char **argv);
int command_user(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_version(int argc, char **argv);

/* "coffer COMMAND: sentence" on standard error, with what is blamed (base/blame.h), else what it is
 * about; the exit code of the fault's class. */
int command_failed(const char *command, const char *about, const struct fault *);
