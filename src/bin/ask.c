/* ask: find the socket, ask, print or explain. */
#include "bin/ask.h"

#include "base/file.h"
#include "cli/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ask_data(const struct options *options)
{
    const char *said = options_value(options, "data"), *set = getenv("COFFER_DATA");

    return said != NULL ? said : set != NULL ? set : "/var/lib/coffer";
}

static int code_of(int status)
{
    switch (status) {
    case 401:
        return EXIT_NOBODY;
    case 403:
        return EXIT_DENIED;
    case 404:
        return EXIT_ABSENT;
    case 409:
        return EXIT_CONFLICT;
    case 429:
        return EXIT_AWAY;
    default:
        return status >= 500 ? EXIT_AWAY : EXIT_USAGE;
    }
}

static int explain(struct arena *arena, const char *command, const struct client_reply *reply)
{
    struct bytes code, message;

    print_error_texts(arena, reply->body, &code, &message);
    fprintf(stderr, "coffer %s: ", command);
    print_shown(stderr, message);
    fprintf(stderr, "%s", message.n == 0 || code.n == 0 ? "" : " ");
    print_shown(stderr, code);
    if (reply->request.n > 0)
        fprintf(stderr, " (request %.*s)", (int)reply->request.n, (const char *)reply->request.at);
    fprintf(stderr, "\n");
    return code_of(reply->status);
}

static const char *socket_of(struct arena *arena, const struct options *options)
{
    return file_path(arena, ask_data(options), "admin/socket");
}

static int conclude(struct arena *arena, const char *command, const struct options *options,
                    const struct fault *fault, const struct client_reply *reply)
{
    int exit;

    if (fault == OK)
        return reply->status == 200 ? EXIT_FINE : explain(arena, command, reply);
    exit = command_failed(command, ask_data(options), fault);
    if (fault == CLIENT_AWAY)
        fprintf(stderr,
                "coffer %s: is the server running, with this data folder? (--data DIR or "
                "COFFER_DATA; coffer server --data %s starts it)\n",
                command, ask_data(options));
    return exit;
}

int ask(struct arena *arena, const char *command, const struct options *options, const char *target,
        struct bytes body, struct client_reply *reply)
{
    const char *socket = socket_of(arena, options);
    const struct fault *fault = socket == NULL ? ARENA_SPENT : OK;

    if (fault == OK)
        fault = client_ask(arena, socket, body.at == NULL ? "GET" : "POST", target, body, reply);
    return conclude(arena, command, options, fault, reply);
}

int ask_secret(struct arena *arena, const char *command, const struct options *options,
               const char *target, struct sensitive_view body, struct client_reply *reply)
{
    const char *socket = socket_of(arena, options);
    const struct fault *fault = socket == NULL ? ARENA_SPENT : OK;

    if (fault == OK)
        fault = client_give(arena, socket, target, body, reply);
    return conclude(arena, command, options, fault, reply);
}

int ask_and_print(struct arena *arena, const char *command, const struct options *options,
                  const char *target, struct bytes body)
{
    struct client_reply reply = {0};

    return ask_print(arena, command, options, target, body, &reply);
}

int ask_print(struct arena *arena, const char *command, const struct options *options,
              const char *target, struct bytes body, struct client_reply *reply)
{
    const struct fault *fault;
    enum print_as as;
    int code;

    if (!options_form(options, command, &as))
        return EXIT_USAGE;
    code = ask(arena, command, options, target, body, reply);
    if (code != EXIT_FINE)
        return code;
    fault = print_answer(arena, reply->body, as);
    return fault == OK ? EXIT_FINE : command_failed(command, "", fault);
}

int ask_said(struct arena *arena, const char *command, const struct options *options,
             struct bytes body, const char *sentence)
{
    const struct fault *fault;
    enum print_as as;

    if (!options_form(options, command, &as))
        return EXIT_USAGE;
    if (as == PRINT_TABLE) {
        printf("%s\n", sentence);
        return EXIT_FINE;
    }
    fault = print_answer(arena, body, as);
    return fault == OK ? EXIT_FINE : command_failed(command, "", fault);
}
