/* coffer doctor: is this set-up sound, on the server's side and the client's, and how is it mended
 * where it is not? */
#include "bin/ask.h"
#include "bin/doctor.h"

#include "base/blame.h"
#include "base/file.h"
#include "cli/client.h"
#include "cli/print.h"
#include "codec/json_write.h"
#include "crypto/start.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MEMORY = 64 * 1024 * 1024, CONFIG_MOST = 64 * 1024, ANSWER = 16 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else the --config file's, $COFFER_DATA, /var/lib/coffer"},
    {"config", "FILE", "the server's settings"},
    {"key-file", "FILE", "what opens the root key; it is looked at and not read"},
    {"endpoint", "URL", "where clients ask; else $AWS_ENDPOINT_URL..., the profile's"},
    {"profile", "NAME", "of ~/.aws/credentials and ~/.aws/config; else $AWS_PROFILE"},
    {"ca", "FILE", "the authority to trust; else $AWS_CA_BUNDLE, the profile's, the system's"},
    FORM_ROW,
    {0},
};

static const struct check *const tables[] = {doctor_folder_checks, doctor_machine_checks,
                                             doctor_client_checks, NULL};
static const char *const healths[] = {
    [HEALTH_OK] = "ok", [HEALTH_WARN] = "warn", [HEALTH_BAD] = "bad", [HEALTH_SKIPPED] = "skipped"};

static int usage(void)
{
    printf("usage: coffer doctor [--data DIR] [OPTIONS]\n\nLooks at a set-up, changes nothing, and "
           "says how "
           "to mend what it finds: the data\nfolder and the machine under it, where there is one, "
           "and what "
           "clients find in\nthis environment. Exit 0: nothing is bad; 1: something is.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

enum health found(struct doctor *d, enum health health, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(d->finding, sizeof d->finding, format, list);
    va_end(list);
    return health;
}

const char *doctor_status(struct doctor *d, const char *member)
{
    struct bytes text;

    return d->status.n > 0 && print_member(d->arena, d->status, bytes_of(member), &text)
               ? file_text(d->arena, text)
               : NULL;
}

static fallible read_config(struct doctor *d)
{
    const char *file = options_value(d->options, "config");
    struct config_problem problem;
    struct bytes text;
    const struct fault *fault;

    config_defaults(&d->config);
    if (file == NULL)
        return OK;
    TRY(blame(file, file_read(d->arena, file, CONFIG_MOST, &text)));
    fault = config_read(d->arena, text, &d->config, &problem);
    if (fault == CONFIG_LINE)
        (void)fprintf(stderr, "coffer doctor: %s, line %d: %.*s: %s\n", file, problem.line,
                      (int)problem.name.n, (const char *)problem.name.at, problem.what);
    return blame(file, fault);
}

static const char *set_or(struct doctor *d, struct bytes setting, const char *usual)
{
    return setting.n > 0 ? file_text(d->arena, setting) : file_path(d->arena, d->data, usual);
}

static fallible find_folder(struct doctor *d)
{
    const char *socket;
    struct client_reply reply;

    TRY(read_config(d));
    d->data = ask_data(d->options);
    if (!options_has(d->options, "data") && options_has(d->options, "config"))
        d->data = file_text(d->arena, d->config.data);
    ENSURE(d->data != NULL, ARENA_SPENT);
    d->local = options_has(d->options, "data") || options_has(d->options, "config") ||
               access(d->data, F_OK) == 0;
    d->certificate = set_or(d, d->config.certificate, "tls/server.pem");
    d->private_key = set_or(d, d->config.private_key, "tls/server.key");
    socket = file_path(d->arena, d->data, "admin/socket");
    ENSURE(d->certificate != NULL && d->private_key != NULL && socket != NULL, ARENA_SPENT);
    if (d->local && client_ask(d->arena, socket, "GET", "/status", (struct bytes){0}, &reply) == OK)
        d->status = reply.body;
    return OK;
}

/* Without an endpoint there is no client, unless nothing else is there to look at. */
static void find_client(struct doctor *d)
{
    const struct settings_said said = {.endpoint = options_value(d->options, "endpoint"),
                                       .profile = options_value(d->options, "profile"),
                                       .ca = options_value(d->options, "ca")};

    d->settled = settings_find(d->arena, &said, &d->settings);
    d->client = d->settled != SETTINGS_NOWHERE || !d->local;
}

struct telling {
    struct doctor *doctor;
    enum print_as as;
    struct json_writer json;
    size_t counts[HEALTH_SKIPPED + 1];
};

static void tell_line(const struct telling *t, const struct check *check, enum health health)
{
    if (t->as == PRINT_TEXT) {
        printf("%s\t%s\t%s\n", healths[health], check->name, t->doctor->finding);
        return;
    }
    printf("%-8s %-17s %s\n", healths[health], check->name, t->doctor->finding);
    if (health == HEALTH_WARN || health == HEALTH_BAD)
        printf("%-8s %-17s -> %s\n", "", "", check->mend);
}

static void tell_json(struct telling *t, const struct check *check, enum health health)
{
    json_put_object(&t->json);
    json_put_member(&t->json, LIT("check"), bytes_of(check->name));
    json_put_member(&t->json, LIT("looksAt"), bytes_of(check->looks));
    json_put_member(&t->json, LIT("state"), bytes_of(healths[health]));
    json_put_member(&t->json, LIT("found"), bytes_of(t->doctor->finding));
    if (health == HEALTH_WARN || health == HEALTH_BAD)
        json_put_member(&t->json, LIT("mend"), bytes_of(check->mend));
    json_put_object_end(&t->json);
}

static void run_table(struct telling *t, const struct check *check)
{
    for (; check->name != NULL; check++) {
        enum health health = check->run(t->doctor);

        t->counts[health]++;
        if (t->as == PRINT_JSON)
            tell_json(t, check, health);
        else
            tell_line(t, check, health);
    }
}

static fallible run_all(struct telling *t, int *code)
{
    struct buf buf = buf_open(t->doctor->arena, ANSWER);
    struct bytes text;

    t->json = json_writer(&buf);
    json_put_object(&t->json);
    json_put_name(&t->json, LIT("checks"));
    json_put_array(&t->json);
    for (size_t i = 0; tables[i] != NULL; i++)
        run_table(t, tables[i]);
    json_put_array_end(&t->json);
    for (enum health health = HEALTH_OK; health <= HEALTH_SKIPPED; health++) {
        json_put_name(&t->json, bytes_of(healths[health]));
        json_put_int(&t->json, (int64_t)t->counts[health]);
    }
    json_put_object_end(&t->json);
    TRY(buf_done(&buf, &text));
    if (t->as == PRINT_JSON)
        printf("%.*s\n", (int)text.n, (const char *)text.at);
    else if (t->as == PRINT_TABLE)
        printf("\n%zu ok, %zu warn, %zu bad, %zu skipped\n", t->counts[HEALTH_OK],
               t->counts[HEALTH_WARN], t->counts[HEALTH_BAD], t->counts[HEALTH_SKIPPED]);
    *code = t->counts[HEALTH_BAD] > 0 ? EXIT_LOCAL : EXIT_FINE;
    return OK;
}

/* Locked memory that is not to be had is a finding, not an end. */
static fallible examine(struct doctor *d, enum print_as as, int *code)
{
    struct telling t = {.doctor = d, .as = as};

    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* an access key passes through here */
    d->memory = sensitive_start(NULL);
    TRY(crypto_start());
    TRY(find_folder(d));
    find_client(d);
    return run_all(&t, code);
}

static int doctor_main(int argc, char **argv)
{
    struct options options;
    struct doctor doctor = {.options = &options};
    const struct fault *fault;
    enum print_as as;
    int code = EXIT_LOCAL;

    if (!options_read(&options, "doctor", rows, argc, argv) ||
        !options_wordless(&options, "doctor"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    if (!options_form(&options, "doctor", &as))
        return EXIT_USAGE;
    doctor.arena = arena_open(MEMORY);
    if (doctor.arena == NULL)
        return command_failed("doctor", "", ARENA_SPENT);
    fault = examine(&doctor, as, &code);
    arena_close(doctor.arena);
    return fault == OK ? code : command_failed("doctor", "", fault);
}

const struct command command_doctor = {
    .name = "doctor",
    .help = "is this set-up sound? and how to mend it",
    .rows = rows,
    .take = doctor_main,
};
