/* coffer random: a password that nobody has guessed before. */
#include "bin/remote.h"
#include "bin/value.h"

#include "cli/walk.h"

static const struct option_row rows[] = {
    {"length", "N", "characters; 32 if not said"},
    {"exclude", "CHARACTERS", "leave these out"},
    {"no-lowercase", NULL, "leave out a to z"},
    {"no-uppercase", NULL, "leave out A to Z"},
    {"no-numbers", NULL, "leave out 0 to 9"},
    {"no-punctuation", NULL, "leave out !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
    {"space", NULL, "blanks, too"},
    {"any", NULL, "not surely one of each kind"},
    {"file", "FILE", "to a new file of mode 0600"},
    REMOTE_ROWS,
    {0},
};

static FAULT(NO_PASSWORD, FAULT_AGAIN, "random.password",
             "The server's answer has no password in it.");

struct choice {
    const char *option;
    struct bytes member;
    bool yes;
};

#define NAME(text)                                \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
static const struct choice choices[] = {
    {"no-lowercase", NAME("ExcludeLowercase"), true},
    {"no-uppercase", NAME("ExcludeUppercase"), true},
    {"no-numbers", NAME("ExcludeNumbers"), true},
    {"no-punctuation", NAME("ExcludePunctuation"), true},
    {"space", NAME("IncludeSpace"), true},
    {"any", NAME("RequireEachIncludedType"), false},
};

static void say_choices(struct remote *r, struct json_writer *json)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (!options_has(r->options, choices[i].option))
            continue;
        json_put_name(json, choices[i].member);
        json_put_bool(json, choices[i].yes);
    }
}

/* Spelled out in place: the answer lies in sensitive memory. */
static fallible give(struct remote *r, const struct fetch_reply *reply)
{
    struct sensitive_view password;

    ENSURE(walk_hidden((struct bytes){reply->body.at, reply->body.n}, LIT("RandomPassword"),
                       &password),
           NO_PASSWORD);
    return value_write(options_value(r->options, "file"), password);
}

static int make(struct remote *r)
{
    struct service_call call = {.operation = "GetRandomPassword", .hidden = true};
    struct remote_body body = remote_body(r);
    struct fetch_reply reply;
    const struct fault *fault;
    long length = 32;
    int exit;

    if (!options_number(r->options, "length", 1, 4096, &length))
        return EXIT_USAGE;
    json_put_name(remote_json(&body), LIT("PasswordLength"));
    json_put_int(remote_json(&body), length);
    remote_text(&body, LIT("ExcludeCharacters"), options_value(r->options, "exclude"));
    say_choices(r, remote_json(&body));
    exit = remote_call(r, &body, &call, &reply);
    if (exit != EXIT_FINE)
        return exit;
    fault = give(r, &reply);
    return fault == OK ? EXIT_FINE : remote_failed(r, "", fault);
}

static int random_main(int argc, char **argv)
{
    return remote_run(&command_random, argc, argv, make);
}

const struct command command_random = {
    .name = "random",
    .help = "a password that nobody has guessed before",
    .words = "",
    .about = "Made by the server and stored nowhere: coffer random | coffer put NAME",
    .rows = rows,
    .take = random_main,
};
