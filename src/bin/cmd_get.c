/* coffer get: a secret's value, as it is. */
#include "bin/remote.h"
#include "bin/value.h"

#include "base/blame.h"
#include "cli/walk.h"
#include "codec/base64.h"

#include <string.h>
#include <unistd.h>

static const struct option_row rows[] = {
    {"label", "LABEL", "of the version with this label; AWSCURRENT if not said"},
    {"version-id", "ID", "of this version"},
    {"field", "NAME", "of a value that is a JSON object: this member alone"},
    {"file", "FILE", "to a new file of mode 0600"},
    {"output", "FORM", "json: the whole answer, with name, version and labels"},
    REMOTE_ROWS,
    {0},
};

/* clang-format off */
static FAULT(NO_FIELD, FAULT_ABSENT, "get.field", "The value has no such field, or is no JSON object.");
static FAULT(NO_VALUE, FAULT_AGAIN, "get.value", "The server's answer has no value in it.");
/* clang-format on */

/* Spelled out where it stands: the answer lies in sensitive memory, and so does what it becomes. */
static fallible find_value(struct sensitive_view body, struct sensitive_view *out)
{
    const struct bytes object = {body.at, body.n};

    if (walk_hidden(object, LIT("SecretString"), out))
        return OK;
    ENSURE(walk_hidden(object, LIT("SecretBinary"), out), NO_VALUE);
    return base64_decode((struct bytes){out->at, out->n}, (uint8_t *)(uintptr_t)out->at, &out->n);
}

static fallible find_field(const char *name, struct sensitive_view *value)
{
    const struct bytes object = {value->at, value->n};
    struct bytes whole;

    ENSURE(walk_find(object, bytes_of(name), &whole), NO_FIELD);
    if (!walk_hidden(object, bytes_of(name), value))
        *value = (struct sensitive_view){whole.at, whole.n};
    return OK;
}

static bool is_whole(const struct options *options)
{
    const char *form = options_value(options, "output");

    return form != NULL && strcmp(form, "json") == 0;
}

/* The whole answer ends a line, as that of other commands does; a value is never added to. */
static fallible give(struct remote *r, const struct fetch_reply *reply)
{
    const struct sensitive_view line_end = {(const uint8_t *)"\n", 1};
    const char *field = options_value(r->options, "field"),
               *file = options_value(r->options, "file");
    struct sensitive_view value = reply->body;

    const bool whole = is_whole(r->options);

    if (!whole)
        TRY(find_value(reply->body, &value));
    if (field != NULL)
        TRY(blame(field, find_field(field, &value)));
    TRY(value_write(file, value));
    return whole && field == NULL && file == NULL && isatty(STDOUT_FILENO) != 1
               ? value_write(NULL, line_end)
               : OK;
}

static int get(struct remote *r)
{
    struct service_call call = {.operation = "GetSecretValue", .hidden = true};
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;
    enum print_as as;
    const struct fault *fault;
    int exit;

    if (!options_form(r->options, "get", &as))
        return EXIT_USAGE;
    remote_text(&body, LIT("SecretId"), r->name);
    remote_text(&body, LIT("VersionStage"), options_value(r->options, "label"));
    remote_text(&body, LIT("VersionId"), options_value(r->options, "version-id"));
    exit = remote_call(r, &body, &call, &reply);
    if (exit != EXIT_FINE)
        return exit;
    fault = give(r, &reply);
    return fault == OK ? EXIT_FINE : remote_failed(r, r->name, fault);
}

static int get_main(int argc, char **argv)
{
    return remote_run(&command_get, argc, argv, get);
}

const struct command command_get = {
    .name = "get",
    .help = "a secret's value, as it is",
    .words = "NAME",
    .about = "Writes the value to standard output as it is (with a line end on a terminal), or to "
             "a new file.\nNAME may also be an ARN.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = get_main,
};
