/* coffer user: users, their access keys and their policies, over the admin socket. */
#include "bin/ask.h"
#include "bin/commands.h"
#include "bin/credentials.h"

#include "base/file.h"
#include "cli/print.h"
#include "codec/json_write.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY = 16 * 1024 * 1024, POLICY_MOST = 64 * 1024, ARGUMENTS_MOST = 64 };

static const struct option_row rows[] = {
    ASK_ROWS,
    {"file", "FILE", "the policy's JSON; - reads standard input"},
    {"credentials-file", "FILE", "where a new access key goes; else the terminal"},
    {"root", NULL, "of the account's root, not of a user: its access keys; leave NAME out"},
    {0},
};

struct asking {
    struct arena *arena;
    const struct options *options;
    const char *const *words; /* behind the verb */
};

struct verb {
    const char *words[2]; /* "key", "create"; the second may be NULL */
    const char *takes;    /* what stands behind, for --help */
    int word_count;
    int (*run)(const struct asking *, const char *target);
    const char *target;
};

/* {"name": value, ...} from pairs, without those that have no value. */
static struct bytes object(struct arena *arena, const struct pair pairs[], size_t n)
{
    struct buf buf = buf_open(arena, 256);
    struct json_writer json = json_writer(&buf);
    struct bytes out;

    json_put_object(&json);
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].value.at == NULL)
            continue;
        json_put_name(&json, pairs[i].name);
        json_put_text(&json, pairs[i].value);
    }
    json_put_object_end(&json);
    return buf_done(&buf, &out) == OK ? out : LIT("{}");
}

static int ask_pairs(const struct asking *a, const char *target, const struct pair pairs[],
                     size_t n)
{
    return ask_and_print(a->arena, "user", a->options, target, object(a->arena, pairs, n));
}

static int ask_name(const struct asking *a, const char *target)
{
    const struct pair pairs[] = {{LIT("name"), bytes_of(a->words[0])}};

    return ask_pairs(a, target, pairs, a->words[0] == NULL ? 0 : 1);
}

static int ask_user(const struct asking *a, const char *target)
{
    const struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])}};

    return ask_pairs(a, target, pairs, 1);
}

static int ask_policy(const struct asking *a, const char *target)
{
    const struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])},
                                 {LIT("name"), bytes_of(a->words[1])}};

    return ask_pairs(a, target, pairs, 2);
}

static int ask_key(const struct asking *a, const char *target)
{
    const struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])},
                                 {LIT("id"), bytes_of(a->words[1])}};

    return ask_pairs(a, target, pairs, 2);
}

static int set_key(const struct asking *a, const char *target, struct bytes status)
{
    const struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])},
                                 {LIT("id"), bytes_of(a->words[1])},
                                 {LIT("status"), status}};

    return ask_pairs(a, target, pairs, 3);
}

static int enable_key(const struct asking *a, const char *target)
{
    return set_key(a, target, LIT("Active"));
}

static int disable_key(const struct asking *a, const char *target)
{
    return set_key(a, target, LIT("Inactive"));
}

/* The secret half goes to a file or a terminal and nowhere else, whatever --output says. */
static int create_key(const struct asking *a, const char *target)
{
    const char *file = options_value(a->options, "credentials-file");
    const struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])}};
    const struct fault *fault = credentials_possible(file);
    struct client_reply reply;
    struct bytes id, secret;
    int code;

    if (fault != OK)
        return command_failed("user key create", file == NULL ? "" : file, fault);
    code = ask(a->arena, "user key create", a->options, target, object(a->arena, pairs, 1), &reply);
    if (code != EXIT_FINE)
        return code;
    if (!print_member(a->arena, reply.body, LIT("id"), &id) ||
        !print_member(a->arena, reply.body, LIT("secret"), &secret))
        return command_failed("user key create", "", PRINT_ODD);
    fault = credentials_write(a->arena, file, "default", id,
                              (struct sensitive_view){secret.at, secret.n});
    if (fault != OK)
        return command_failed("user key create", file == NULL ? "" : file, fault);
    if (file != NULL)
        fprintf(stderr, "Made access key %.*s; its secret is in %s, and nowhere else.\n", (int)id.n,
                (const char *)id.at, file);
    return EXIT_FINE;
}

static const char *file_of(const struct asking *a)
{
    const char *file = options_value(a->options, "file");

    return file == NULL || strcmp(file, "-") == 0 ? "/dev/stdin" : file;
}

static fallible read_policy(const struct asking *a, struct bytes *document)
{
    return file_read(a->arena, file_of(a), POLICY_MOST, document);
}

static int put_policy(const struct asking *a, const char *target)
{
    struct pair pairs[] = {{LIT("user"), bytes_of(a->words[0])},
                           {LIT("name"), bytes_of(a->words[1])},
                           {LIT("document"), {0}}};
    const struct fault *fault = read_policy(a, &pairs[2].value);

    if (fault != OK)
        return command_failed("user policy put", file_of(a), fault);
    return ask_pairs(a, target, pairs, 3);
}

/* clang-format off */
static const struct verb verbs[] = {
    {{"create"},           "NAME",        1, ask_name,    "/v1/user.create"},
    {{"get"},              "NAME",        1, ask_name,    "/v1/user.get"},
    {{"list"},             "",            0, ask_name,    "/v1/user.list"},
    {{"delete"},           "NAME",        1, ask_name,    "/v1/user.delete"},
    {{"key", "create"},    "NAME",        1, create_key,  "/v1/access_key.create"},
    {{"key", "list"},      "NAME",        1, ask_user,    "/v1/access_key.list"},
    {{"key", "disable"},   "NAME ID",     2, disable_key, "/v1/access_key.update"},
    {{"key", "enable"},    "NAME ID",     2, enable_key,  "/v1/access_key.update"},
    {{"key", "delete"},    "NAME ID",     2, ask_key,     "/v1/access_key.delete"},
    {{"policy", "put"},    "NAME POLICY", 2, put_policy,  "/v1/user_policy.put"},
    {{"policy", "get"},    "NAME POLICY", 2, ask_policy,  "/v1/user_policy.get"},
    {{"policy", "list"},   "NAME",        1, ask_user,    "/v1/user_policy.list"},
    {{"policy", "delete"}, "NAME POLICY", 2, ask_policy,  "/v1/user_policy.delete"},
};
/* clang-format on */

static int usage(FILE *to)
{
    fprintf(to, "usage: coffer user VERB [NAME...] [OPTIONS]\n\n");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(to, "  user %s%s%s%s%s\n", verbs[i].words[0], verbs[i].words[1] == NULL ? "" : " ",
                verbs[i].words[1] == NULL ? "" : verbs[i].words[1],
                *verbs[i].takes == '\0' ? "" : " ", verbs[i].takes);
    if (to == stdout) {
        printf("\n");
        options_help(rows);
    }
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

static int words_of(const struct verb *verb)
{
    return verb->words[1] == NULL ? 1 : 2;
}

static const struct verb *find_verb(const struct options *options)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        int n = words_of(&verbs[i]);

        if (options->word_count >= n && strcmp(options->words[0], verbs[i].words[0]) == 0 &&
            (n == 1 || strcmp(options->words[1], verbs[i].words[1]) == 0))
            return &verbs[i];
    }
    return NULL;
}

/* The root has access keys and nothing else; it is meant by leaving the user out. */
static bool words_for(const struct verb *verb, const struct options *options,
                      const char *words[static 2])
{
    const bool root = options_has(options, "root");
    const int first = words_of(verb), n = options->word_count - first;

    words[0] = !root && n > 0 ? options->words[first] : NULL;
    words[1] = n > !root ? options->words[first + !root] : NULL;
    return n == verb->word_count - root && (!root || strcmp(verb->words[0], "key") == 0);
}

static bool is_group(const char *word)
{
    return strcmp(word, "key") == 0 || strcmp(word, "policy") == 0;
}

static void tell_verb(const struct verb *verb, const struct options *options)
{
    if (verb != NULL)
        fprintf(stderr, "coffer user: it is: coffer user %s%s%s %s\n\n", verb->words[0],
                verb->words[1] == NULL ? "" : " ", verb->words[1] == NULL ? "" : verb->words[1],
                verb->takes);
    else if (options->word_count == 1 && is_group(options->words[0]))
        fprintf(stderr, "coffer user: what of '%s'?\n\n", options->words[0]);
    else if (options->word_count > 0)
        fprintf(stderr, "coffer user: there is no verb '%s%s%s'\n\n", options->words[0],
                is_group(options->words[0]) ? " " : "",
                is_group(options->words[0]) ? options->words[1] : "");
}

static int user_main(int argc, char **argv)
{
    struct options options;
    struct asking asking = {.options = &options};
    const struct verb *verb;
    const char *words[2];
    int code;

    if (!options_read(&options, "user", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return usage(stdout);
    verb = find_verb(&options);
    if (verb == NULL || !words_for(verb, &options, words)) {
        tell_verb(verb, &options);
        return usage(stderr);
    }
    asking.arena = arena_open(MEMORY);
    if (asking.arena == NULL || sensitive_start(NULL) != OK)
        return command_failed("user", "", ARENA_SPENT);
    asking.words = words;
    code = verb->run(&asking, verb->target);
    arena_close(asking.arena);
    return code;
}

static const char *const verbs_of[] = {"create", "get", "list", "delete", "key", "policy", NULL};

const struct command command_user = {
    .name = "user",
    .help = "users, their access keys and their policies",
    .rows = rows,
    .verbs = verbs_of,
    .take = user_main,
};

/* coffer key is what a person looks for first; it is coffer user key. */
static int key_main(int argc, char **argv)
{
    static char user[] = "user", key[] = "key";
    char *arguments[ARGUMENTS_MOST + 1] = {user, key};

    if (argc > ARGUMENTS_MOST - 1) {
        fprintf(stderr, "coffer key: too many words\n");
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++)
        arguments[i + 1] = argv[i];
    return user_main(argc + 1, arguments);
}

static const char *const key_verbs[] = {"create", "list", "disable", "enable", "delete", NULL};

const struct command command_key = {
    .name = "key",
    .help = "a user's access keys: coffer user key",
    .rows = rows,
    .verbs = key_verbs,
    .take = key_main,
};
