/* coffer policy: what a secret itself says of who may use it. */
#include "bin/remote.h"

#include "base/file.h"
#include "cli/print.h"
#include "cli/walk.h"

#include <stdio.h>
#include <string.h>

enum { POLICY_MOST = 64 * 1024 };

static const struct option_row rows[] = {
    {"file", "FILE", "put, check: the policy's JSON; else standard input"},
    {"block-public", NULL, "put: refuse one that lets everybody in"},
    FORM_ROW,
    REMOTE_ROWS,
    {0},
};

struct verb {
    const char *name;
    const char *operation;
    bool writes; /* takes a policy */
};

static const struct verb verbs[] = {
    {"get", "GetResourcePolicy", false},
    {"put", "PutResourcePolicy", true},
    {"check", "ValidateResourcePolicy", true},
    {"delete", "DeleteResourcePolicy", false},
};
static const char *const verb_names[] = {"get", "put", "check", "delete", NULL};

static int add_policy(struct remote *r, const struct verb *verb, struct remote_body *body)
{
    const char *said = options_value(r->options, "file");
    const char *file = said == NULL || strcmp(said, "-") == 0 ? "/dev/stdin" : said;
    struct bytes text;
    const struct fault *fault = file_read(r->arena, file, POLICY_MOST, &text);

    if (fault != OK)
        return remote_failed(r, file, fault);
    json_put_name(remote_json(body), LIT("ResourcePolicy"));
    json_put_text(remote_json(body), text);
    if (strcmp(verb->name, "put") == 0 && options_has(r->options, "block-public")) {
        json_put_name(remote_json(body), LIT("BlockPublicPolicy"));
        json_put_bool(remote_json(body), true);
    }
    return EXIT_FINE;
}

/* On its own, wherever it goes: it is JSON, and can be put again. */
static int show_policy(struct remote *r, const struct fetch_reply *reply)
{
    const struct bytes body = {reply->body.at, reply->body.n};
    const struct bytes text = walk_find_text(r->arena, body, LIT("ResourcePolicy"));

    if (text.n == 0) {
        fprintf(stderr, "coffer policy: %s has none: what users' own policies say holds\n",
                r->name);
        return EXIT_ABSENT;
    }
    (void)fwrite(text.at, 1, text.n, stdout);
    (void)fputs(text.at[text.n - 1] == '\n' ? "" : "\n", stdout);
    return EXIT_FINE;
}

/* A policy that does not hold up is a conflict with the rules, and told as one. */
static int verdict(struct remote *r, const struct fetch_reply *reply, enum print_as as)
{
    const struct bytes body = {reply->body.at, reply->body.n};
    const struct bytes passed = walk_find_text(r->arena, body, LIT("PolicyValidationPassed"));
    int exit = remote_print(r, reply, as);

    return exit == EXIT_FINE && !bytes_same(passed, LIT("true")) ? EXIT_CONFLICT : exit;
}

static int ask(struct remote *r, const struct verb *verb, enum print_as as)
{
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;
    int exit = EXIT_FINE;

    remote_text(&body, LIT("SecretId"), r->name);
    if (verb->writes)
        exit = add_policy(r, verb, &body);
    if (exit == EXIT_FINE)
        exit = remote_send(r, &body, verb->operation, &reply);
    if (exit != EXIT_FINE)
        return exit;
    if (strcmp(verb->name, "check") == 0)
        return verdict(r, &reply, as);
    if (strcmp(verb->name, "get") == 0 && options_value(r->options, "output") == NULL)
        return show_policy(r, &reply);
    return remote_print(r, &reply, as);
}

static int policy(struct remote *r)
{
    const char *verb = r->name;
    enum print_as as;

    r->name = r->options->words[1];
    if (!options_form(r->options, "policy", &as))
        return EXIT_USAGE;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, verb) == 0)
            return ask(r, &verbs[i], as);
    }
    fprintf(stderr, "coffer policy: there is no verb '%s': it is get, put, check or delete\n",
            verb);
    return EXIT_USAGE;
}

static int policy_main(int argc, char **argv)
{
    return remote_run(&command_policy, argc, argv, policy);
}

const struct command command_policy = {
    .name = "policy",
    .help = "what a secret itself says of who may use it",
    .words = "get|put|check|delete NAME",
    .about = "A resource policy, as JSON. get writes what put takes. What users may is said with "
             "coffer user policy.",
    .rows = rows,
    .verbs = verb_names,
    .least = 2,
    .most = 2,
    .take = policy_main,
};
