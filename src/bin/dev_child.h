/* dev_child: what `coffer dev` tells a person, and the child that it runs. */
#pragma once

#include "base/sensitive.h"

#include <pthread.h>
#include <sys/types.h>

struct dev_settings {
    const char *endpoint, *region, *authority /* NULL: plain */, *folder;
    struct bytes key_id;
    struct sensitive_view key_secret;
    bool temporary;
};

struct dev_child {
    struct dev_settings settings;
    pid_t pid; /* 0: there is none */
    pthread_t waiter;
    int code;
};

/* On standard output: a warning, the lines to paste, one command to try; or one JSON object. */
void dev_banner(const struct dev_settings *, bool json);

/* Starts argv with the settings in its environment; when it ends, this process is told to
 * (SIGTERM). */
void dev_child_start(struct dev_child *, char **argv);

/* The child's exit code, 128 and its signal, 127 when it could not be started; 0 without a
 * child. */
int dev_child_code(struct dev_child *);
