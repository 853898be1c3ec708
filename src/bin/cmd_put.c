/* coffer put: a new value, of a secret that is there or of a new one. */
#include "bin/remote.h"
#include "bin/value.h"

#include "cli/print.h"
#include "codec/base64.h"
#include "codec/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row rows[] = {
    {"file", "FILE", "the value is this file's content; -: standard input"},
    {"trim", NULL, "leave out the line end behind the value"},
    {"binary", NULL, "as bytes, even if they are text"},
    {"label", "LABEL", "for the new version, instead of AWSCURRENT; may be repeated"},
    {"new", NULL, "of a new secret: fail if there is one of this name"},
    {"description", "TEXT", "of the new secret (so --new is meant)"},
    {"tag", "KEY=VALUE", "of the new secret (so --new is meant); may be repeated"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

struct giving {
    struct remote *remote;
    struct sensitive_view value;
    bool binary;
};

/* Text is what is UTF-8 and has no zero byte, which few programs expect in one. */
static bool is_text(struct sensitive_view value)
{
    return memchr(value.at, '\0', value.n) == NULL && text_utf8((struct bytes){value.at, value.n});
}

/* At most so much is the value in JSON: what has to be escaped becomes up to six characters. */
static size_t spelled_most(const struct giving *g)
{
    size_t n = base64_size(g->value.n) + 64;

    for (size_t i = 0; i < g->value.n && !g->binary; i++) {
        const uint8_t c = g->value.at[i];

        n += c < 0x20 || c == '"' || c == '\\' ? 6 : 1;
    }
    return n;
}

/* The body with the value behind its other members, whole in sensitive memory. */
static fallible add_value(const struct giving *g, struct bytes members, struct service_call *call)
{
    const size_t room = members.n + spelled_most(g);
    struct sensitive *whole;
    struct json_writer json;
    struct bytes done;
    struct buf buf;

    TRY(sensitive_new(g->remote->arena, room, &whole));
    buf = buf_over(sensitive_fill(whole), room);
    json = json_writer(&buf);
    buf_add(&buf, members);
    buf_add_text(&buf, g->binary ? ",\"SecretBinary\":" : ",\"SecretString\":");
    if (g->binary)
        json_put_base64_hidden(&json, g->value);
    else
        json_put_hidden(&json, g->value);
    buf_add_byte(&buf, '}');
    TRY(buf_done(&buf, &done));
    call->body = (struct sensitive_view){done.at, done.n};
    return OK;
}

static int send(const struct giving *g, struct remote_body *body, const char *operation,
                struct fetch_reply *reply, struct bytes *code)
{
    struct service_call call = {.operation = operation};
    struct bytes members = {0};
    const struct fault *fault;

    remote_token(body);
    fault = buf_done(&body->buf, &members);
    if (fault == OK)
        fault = add_value(g, members, &call);
    return fault == OK ? remote_try(g->remote, &call, reply, code)
                       : remote_failed(g->remote, "", fault);
}

static int give_new_version(const struct giving *g, struct fetch_reply *reply, struct bytes *code)
{
    struct remote_body body = remote_body(g->remote);
    const char *const *labels;
    const int n = options_values(g->remote->options, "label", &labels);

    remote_text(&body, LIT("SecretId"), g->remote->name);
    if (n > 0)
        remote_texts(&body, LIT("VersionStages"), labels, n);
    return send(g, &body, "PutSecretValue", reply, code);
}

static int give_new_secret(const struct giving *g, struct fetch_reply *reply, struct bytes *code)
{
    struct remote_body body = remote_body(g->remote);
    const char *const *tags;
    const int n = options_values(g->remote->options, "tag", &tags);

    remote_text(&body, LIT("Name"), g->remote->name);
    remote_text(&body, LIT("Description"), options_value(g->remote->options, "description"));
    if (n > 0 && !remote_tags(g->remote, &body, tags, n))
        return EXIT_USAGE;
    return send(g, &body, "CreateSecret", reply, code);
}

static bool means_new(const struct remote *r)
{
    return options_has(r->options, "new") || options_has(r->options, "description") ||
           options_has(r->options, "tag");
}

/* Who was too early or too late by a moment is not told so: it is what he wanted either way. */
static int give(const struct giving *g, struct fetch_reply *reply, struct bytes *code)
{
    int exit;

    if (means_new(g->remote))
        return give_new_secret(g, reply, code);
    exit = give_new_version(g, reply, code);
    if (exit != EXIT_FINE || !bytes_same(*code, LIT("ResourceNotFoundException")) ||
        options_has(g->remote->options, "label"))
        return exit;
    exit = give_new_secret(g, reply, code);
    if (exit != EXIT_FINE || !bytes_same(*code, LIT("ResourceExistsException")))
        return exit;
    return give_new_version(g, reply, code);
}

static bool ends_in_line(struct sensitive_view value)
{
    return value.n > 0 && value.at[value.n - 1] == '\n';
}

/* What echo adds is rarely meant. */
static void take_line_end(struct remote *r, struct sensitive_view *value)
{
    const uint8_t *first = memchr(value->at, '\n', value->n);

    if (!ends_in_line(*value))
        return;
    if (options_has(r->options, "trim")) {
        value->n--;
        value->n -= value->n > 0 && value->at[value->n - 1] == '\r';
    } else if (first == value->at + value->n - 1 && options_value(r->options, "file") == NULL) {
        fprintf(stderr, "coffer put: the line end behind the value is part of it; --trim leaves "
                        "it out\n");
    }
}

static fallible read_value(struct giving *g)
{
    struct remote *r = g->remote;
    struct sensitive *value;
    char prompt[64];

    (void)snprintf(prompt, sizeof prompt, "Value of %.40s: ", r->name);
    TRY(value_read(r->arena, options_value(r->options, "file"), prompt, &value));
    g->value = sensitive_view(value);
    take_line_end(r, &g->value);
    ENSURE(g->value.n > 0, VALUE_EMPTY);
    g->binary = options_has(r->options, "binary") || !is_text(g->value);
    return OK;
}

static int put(struct remote *r)
{
    struct giving giving = {.remote = r};
    struct fetch_reply reply;
    const struct fault *fault;
    struct bytes code = {0};
    enum print_as as;
    int exit;

    if (!options_form(r->options, "put", &as))
        return EXIT_USAGE;
    fault = read_value(&giving);
    if (fault != OK)
        return remote_failed(r, "", fault);
    exit = give(&giving, &reply, &code);
    if (exit != EXIT_FINE)
        return exit;
    return code.n > 0 ? remote_explain(r, &reply) : remote_print(r, &reply, as);
}

static int put_main(int argc, char **argv)
{
    return remote_run(&command_put, argc, argv, put);
}

const struct command command_put = {
    .name = "put",
    .help = "a new value, of a secret that is there or of a new one",
    .words = "NAME",
    .about = "The value comes from standard input, from --file, or, on a terminal, from a prompt "
             "without echo;\nnever from an argument, which everyone on the machine can read. What "
             "is UTF-8 is stored as text,\nanything else as bytes.",
    .rows = rows,
    .least = 1,
    .most = 1,
    .take = put_main,
};
