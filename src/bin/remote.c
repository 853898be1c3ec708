/* remote: from arguments to a question, and from a refusal to a sentence that helps. */
#include "bin/remote.h"

#include "base/file.h"
#include "bin/remote_names.h"
#include "cli/print.h"
#include "codec/uuid.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "net/tls_client.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { MEMORY = 512 * 1024 * 1024 };

struct refusal {
    const char *code;
    int exit;
    const char *next; /* what to do; NULL: nothing better than the sentence */
};

/* clang-format off */
static const struct refusal refusals[] = {
    {"ResourceNotFoundException",           EXIT_ABSENT,   NULL},
    {"AccessDeniedException",               EXIT_DENIED,   "who may administer the server allows it with: coffer user policy put"},
    {"UnrecognizedClientException",         EXIT_NOBODY,   "is it the access key of this server? (AWS_ACCESS_KEY_ID, --profile)"},
    {"InvalidSignatureException",           EXIT_NOBODY,   "look at the secret access key, at the region (--region) and at this machine's clock"},
    {"IncompleteSignatureException",        EXIT_NOBODY,   "look at the access key and at the region (--region)"},
    {"SignatureDoesNotMatch",               EXIT_NOBODY,   "look at the secret access key"},
    {"MissingAuthenticationTokenException", EXIT_NOBODY,   NULL},
    {"ExpiredTokenException",               EXIT_NOBODY,   "get new credentials"},
    {"RequestExpired",                      EXIT_NOBODY,   "look at this machine's clock"},
    {"ResourceExistsException",             EXIT_CONFLICT, NULL},
    {"InvalidRequestException",             EXIT_CONFLICT, NULL},
    {"LimitExceededException",              EXIT_CONFLICT, NULL},
    {"PreconditionNotMetException",         EXIT_CONFLICT, NULL},
    {"ThrottlingException",                 EXIT_AWAY,     "ask again later, or less often"},
    {"InternalServiceError",                EXIT_AWAY,     "coffer status and the server's log say more"},
    {"DecryptionFailure",                   EXIT_AWAY,     NULL},
    {"EncryptionFailure",                   EXIT_AWAY,     NULL},
    {"UnknownOperationException",           EXIT_USAGE,    "this server is of another version, or it is none of Secrets Manager"},
};
/* clang-format on */

static int exit_of(const struct fetch_reply *reply, struct bytes code, const char **next)
{
    *next = NULL;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (!bytes_same(code, bytes_of(refusals[i].code)))
            continue;
        *next = refusals[i].next;
        return refusals[i].exit;
    }
    if (reply->status == 403)
        return EXIT_DENIED;
    return reply->status >= 500 ? EXIT_AWAY : EXIT_USAGE;
}

/* The first line: what comes behind it (in coffer dev) is for who writes a client. */
static void say(struct bytes text)
{
    struct bytes line = text;

    (void)bytes_cut(&text, '\n', &line);
    print_shown(stderr, line);
}

static void say_reason(struct remote *r, const struct fetch_reply *reply, struct bytes code,
                       struct bytes message)
{
    fprintf(stderr, "coffer %s: %s%s", r->command->name, r->name == NULL ? "" : r->name,
            r->name == NULL ? "" : ": ");
    if (message.n > 0)
        say(message);
    else
        fprintf(stderr, "the server answered with status %d", reply->status);
    fprintf(stderr, " (");
    say(code.n > 0 ? code : LIT("no code"));
    if (reply->kept.n > 0) {
        fprintf(stderr, ", request ");
        say(reply->kept);
    }
    fprintf(stderr, ")\n");
}

static bool waits_to_be_deleted(struct bytes message)
{
    return message.n > 0 && memmem(message.at, message.n, "marked for deletion", 19) != NULL;
}

/* A name that is near, or else the region, of which a client easily has another. */
static const char *next_when_absent(struct remote *r, struct bytes message)
{
    const char *near = remote_nearest_name(r);
    struct buf buf = buf_open(r->arena, 128);
    struct bytes text;

    if (near != NULL || !bytes_ends(message, LIT("the specified secret.")))
        return near;
    buf_add_text(&buf, "it was looked for in the region ");
    buf_add(&buf, r->settings.region);
    buf_add_text(&buf, " (--region)");
    return buf_done(&buf, &text) == OK ? file_text(r->arena, text) : NULL;
}

int remote_explain(struct remote *r, const struct fetch_reply *reply)
{
    struct bytes code, message;
    const char *next;
    int exit;

    service_refusal(r->arena, reply, &code, &message);
    exit = exit_of(reply, code, &next);
    say_reason(r, reply, code, message);
    if (exit == EXIT_ABSENT && r->name != NULL)
        next = next_when_absent(r, message);
    if (waits_to_be_deleted(message))
        next = "coffer restore takes the deletion back";
    if (next == NULL)
        return exit;
    fprintf(stderr, "coffer %s: ", r->command->name);
    say(bytes_of(next));
    fprintf(stderr, "\n");
    return exit;
}

static const char *next_after(const struct fault *fault, const char *why)
{
    if (fault == FETCH_UNTRUSTED && why != NULL && strstr(why, "expired") != NULL)
        return "is this machine's clock right? else the server needs a new certificate (coffer "
               "certificate --replace, then SIGHUP)";
    if (fault == FETCH_AWAY || fault == FETCH_NAME)
        return "is the server running, and is this its address? (coffer status, --endpoint)";
    if (fault == FETCH_UNTRUSTED)
        return "name the authority that made it with --ca FILE or AWS_CA_BUNDLE (coffer init made "
               "DIR/tls/ca.pem), or the host as the certificate does";
    if (fault == FETCH_ODD || fault == FETCH_BROKEN)
        return "is this the address of a Coffer, and does it speak TLS there? (--endpoint)";
    return NULL;
}

static int failed(struct remote *r, const char *about, const struct fault *fault, const char *why)
{
    const char *next = next_after(fault, why);
    int exit = command_failed(r->command->name, about, fault);

    if (next != NULL)
        fprintf(stderr, "coffer %s: %s\n", r->command->name, next);
    return exit;
}

int remote_failed(struct remote *r, const char *about, const struct fault *fault)
{
    return failed(r, about, fault, NULL);
}

static int transport_failed(struct remote *r, const struct fetch_reply *reply,
                            const struct fault *fault)
{
    if (fault == TLS_AUTHORITY)
        return remote_failed(r, r->settings.authority, fault);
    if (fault == FETCH_UNTRUSTED && reply->why != NULL)
        fprintf(stderr, "coffer %s: %s: %s\n", r->command->name, r->settings.endpoint, reply->why);
    return failed(r, r->settings.endpoint, fault, reply->why);
}

int remote_try(struct remote *r, const struct service_call *call, struct fetch_reply *reply,
               struct bytes *code)
{
    const struct fault *fault = service_ask(r->arena, &r->settings, call, reply);
    struct bytes message;

    *code = (struct bytes){0};
    if (fault != OK)
        return transport_failed(r, reply, fault);
    if (reply->status == 200)
        return EXIT_FINE;
    service_refusal(r->arena, reply, code, &message);
    if (code->n == 0)
        *code = LIT("?");
    return EXIT_FINE;
}

int remote_ask(struct remote *r, const struct service_call *call, struct fetch_reply *reply)
{
    struct bytes code;
    int exit = remote_try(r, call, reply, &code);

    return exit != EXIT_FINE || code.n == 0 ? exit : remote_explain(r, reply);
}

struct remote_body remote_body(struct remote *r)
{
    struct remote_body body = {.buf = buf_open(r->arena, 512)};

    return body;
}

struct json_writer *remote_json(struct remote_body *body)
{
    if (body->json.buf == NULL) {
        body->json = json_writer(&body->buf);
        json_put_object(&body->json);
    }
    return &body->json;
}

void remote_text(struct remote_body *body, struct bytes name, const char *text)
{
    struct json_writer *json = remote_json(body);

    if (text == NULL)
        return;
    json_put_name(json, name);
    json_put_text(json, bytes_of(text));
}

void remote_texts(struct remote_body *body, struct bytes name, const char *const *texts, int n)
{
    struct json_writer *json = remote_json(body);

    json_put_name(json, name);
    json_put_array(json);
    for (int i = 0; i < n; i++)
        json_put_text(json, bytes_of(texts[i]));
    json_put_array_end(json);
}

bool remote_tags(struct remote *r, struct remote_body *body, const char *const *said, int n)
{
    struct json_writer *json = remote_json(body);
    struct bytes key, rest;

    json_put_name(json, LIT("Tags"));
    json_put_array(json);
    for (int i = 0; i < n; i++) {
        rest = bytes_of(said[i]);
        if (!bytes_cut(&rest, '=', &key)) {
            fprintf(stderr, "coffer %s: a tag is KEY=VALUE, not '%s'\n", r->command->name, said[i]);
            return false;
        }
        json_put_object(json);
        json_put_name(json, LIT("Key"));
        json_put_text(json, key);
        json_put_name(json, LIT("Value"));
        json_put_text(json, rest);
        json_put_object_end(json);
    }
    json_put_array_end(json);
    return true;
}

void remote_token(struct remote_body *body)
{
    struct json_writer *json = remote_json(body);
    uint8_t random[16], token[UUID_TEXT];

    if (random_fill(random, sizeof random) != OK)
        return; /* the server says that it is missing */
    uuid_v4(random, token);
    json_put_name(json, LIT("ClientRequestToken"));
    json_put_text(json, (struct bytes){token, sizeof token});
}

int remote_call(struct remote *r, struct remote_body *body, struct service_call *call,
                struct fetch_reply *reply)
{
    struct bytes whole = {0};

    json_put_object_end(remote_json(body));
    if (buf_done(&body->buf, &whole) != OK)
        return remote_failed(r, "", ARENA_SPENT);
    call->body = (struct sensitive_view){whole.at, whole.n};
    return remote_ask(r, call, reply);
}

int remote_send(struct remote *r, struct remote_body *body, const char *operation,
                struct fetch_reply *reply)
{
    struct service_call call = {.operation = operation};

    return remote_call(r, body, &call, reply);
}

int remote_print(struct remote *r, const struct fetch_reply *reply, enum print_as as)
{
    const struct fault *fault =
        print_answer(r->arena, (struct bytes){reply->body.at, reply->body.n}, as);

    return fault == OK ? EXIT_FINE : remote_failed(r, "", fault);
}

int remote_send_and_print(struct remote *r, struct remote_body *body, const char *operation)
{
    struct fetch_reply reply = {0};
    enum print_as as;
    int exit;

    if (!options_form(r->options, r->command->name, &as))
        return EXIT_USAGE;
    exit = remote_send(r, body, operation, &reply);
    return exit == EXIT_FINE ? remote_print(r, &reply, as) : exit;
}

static int help(const struct command *command)
{
    printf("usage: coffer %s%s%s [OPTIONS]\n\n%s\n\n", command->name,
           *command->words == '\0' ? "" : " ", command->words, command->about);
    options_help(command->rows);
    return EXIT_FINE;
}

static int wrong_words(const struct command *command)
{
    fprintf(stderr, "coffer %s: it is: coffer %s %s; see coffer %s --help\n", command->name,
            command->name, command->words, command->name);
    return EXIT_USAGE;
}

/* No core file and no debugger: a value passes through here. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

static fallible start(struct remote *r)
{
    const struct settings_said said = {.endpoint = options_value(r->options, "endpoint"),
                                       .region = options_value(r->options, "region"),
                                       .profile = options_value(r->options, "profile"),
                                       .ca = options_value(r->options, "ca")};

    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    return settings_find(r->arena, &said, &r->settings);
}

static int run(struct remote *r, int (*fn)(struct remote *))
{
    const struct fault *fault;

    if (r->arena == NULL)
        return remote_failed(r, "", ARENA_SPENT);
    fault = start(r);
    return fault == OK ? fn(r) : remote_failed(r, "", fault);
}

int remote_run(const struct command *command, int argc, char **argv, int (*fn)(struct remote *))
{
    struct options options;
    struct remote r = {.command = command, .options = &options};
    int exit;

    if (!options_read(&options, command->name, command->rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return help(command);
    if (options.word_count < command->least || options.word_count > command->most)
        return wrong_words(command);
    harden();
    r.name = options.word_count == 0 ? NULL : options.words[0];
    r.arena = arena_open(MEMORY);
    exit = run(&r, fn);
    arena_close(r.arena);
    if (exit == EXIT_FINE && (fflush(stdout) != 0 || ferror(stdout)))
        return command_failed(command->name, "standard output", FILE_SYSTEM);
    return exit;
}
