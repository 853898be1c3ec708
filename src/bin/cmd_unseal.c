/* coffer unseal: give a server that started sealed its passphrase. */
#include "bin/ask.h"
#include "bin/opener.h"

#include "cli/print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MEMORY = 1024 * 1024, LOOKS = 300, LOOK_NS = 100 * 1000 * 1000 };

static const struct option_row rows[] = {
    ASK_ROWS, {"passphrase-fd", "N", "read the passphrase from this descriptor, to its end"}, {0}};

static int usage(void)
{
    printf("usage: coffer unseal [OPTIONS]\n\nHands the passphrase to a running server that "
           "started sealed, and waits until it serves.\nExit 0: it serves; 4: a wrong "
           "passphrase; 7: no server, or too many tries in a minute.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

/* Of a server that is not sealed nobody needs to be asked. */
static bool is_sealed(struct arena *arena, struct bytes standing)
{
    struct bytes status;

    return print_member(arena, standing, LIT("status"), &status) &&
           bytes_begins(status, LIT("sealed"));
}

static bool is_starting(struct arena *arena, struct bytes standing)
{
    struct bytes status;

    return is_sealed(arena, standing) || (print_member(arena, standing, LIT("status"), &status) &&
                                          bytes_same(status, LIT("starting")));
}

/* The house is open; for a moment the sealed crew still ends. */
static int wait_until_served(struct arena *arena, const struct options *options)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    const struct arena_mark mark = arena_mark(arena);
    struct client_reply reply;

    for (int i = 0; i < LOOKS; i++) {
        int code = ask(arena, "unseal", options, "/status", (struct bytes){0}, &reply);

        if (code != EXIT_FINE)
            return code;
        if (!is_starting(arena, reply.body))
            return ask_said(arena, "unseal", options, reply.body, "The store is open, and served.");
        arena_rewind(arena, mark);
        (void)nanosleep(&pause, NULL);
    }
    fprintf(stderr, "coffer unseal: the store is open, but the server does not serve yet: see its "
                    "log\n");
    return EXIT_AWAY;
}

static int hand_over(struct arena *arena, const struct options *options)
{
    struct root_opener opener;
    struct client_reply reply;
    const struct fault *fault = sensitive_start(NULL);
    int code;

    if (fault == OK)
        fault = opener_find(arena, options, false, &opener);
    if (fault != OK)
        return command_failed("unseal", "", fault);
    if (opener.method != ROOT_BY_PASSPHRASE) {
        fprintf(stderr, "coffer unseal: it takes a passphrase; a key file is for coffer server\n");
        return EXIT_USAGE;
    }
    code = ask_secret(arena, "unseal", options, "/v1/server.unseal", opener.secret, &reply);
    return code == EXIT_FINE ? wait_until_served(arena, options) : code;
}

static int unseal(struct arena *arena, const struct options *options)
{
    struct client_reply reply;
    int code = ask(arena, "unseal", options, "/status", (struct bytes){0}, &reply);

    if (code != EXIT_FINE)
        return code;
    if (is_sealed(arena, reply.body))
        return hand_over(arena, options);
    return ask_said(arena, "unseal", options, reply.body, "The store is open already.");
}

static int unseal_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    enum print_as as;
    int code;

    if (!options_read(&options, "unseal", rows, argc, argv) ||
        !options_wordless(&options, "unseal"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    if (!options_form(&options, "unseal", &as))
        return EXIT_USAGE;
    arena = arena_open(MEMORY);
    if (arena == NULL)
        return command_failed("unseal", "", ARENA_SPENT);
    code = unseal(arena, &options);
    arena_close(arena);
    return code;
}

const struct command command_unseal = {
    .name = "unseal",
    .help = "give a server that started sealed its passphrase",
    .rows = rows,
    .take = unseal_main,
};
