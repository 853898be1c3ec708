/* load: many writers at once against a server, each on secrets of its own (and some on one that
 * they share), until the server is killed; then says, a line each, what was asked and what was
 * answered.
 *
 * The kill comes from here, so that it falls into the load and not behind it. Lines, by tabs:
 * writer, port, operation, secret, token, detail, begun and ended (ns; 0: never answered), status,
 * request id, reply. The last line: "killed", when (ns). */
#include "speak.h"

#include "base/clock.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    WRITERS_MOST = 256,
    NAME_MOST = 64,
    TOKEN_MOST = 48,
    VALUE_MOST = 3000,
    BODY_MOST = 4096,
    VERSIONS = 60, /* of a secret; then the writer goes on to another */
};

struct settings {
    struct endpoint endpoint;
    const char *ca;
    struct sigv4_signer signer;
    unsigned port, writers, hot, round, each; /* hot: writers that share a secret; each: writes of a
                                                 writer when nothing is killed */
    int pid, signal;
    int64_t after_us;
    uint64_t seed;
};

struct writer {
    const struct settings *set;
    pthread_barrier_t *start;
    pthread_t thread;
    unsigned number, secrets, versions, tokens;
    uint64_t random;
    bool hot, made, deleted, failed;
    char name[NAME_MOST], token[TOKEN_MOST], current[TOKEN_MOST], previous[TOKEN_MOST];
    char body[BODY_MOST], detail[TOKEN_MOST + 8];
    struct speaker speaker;
    char *said; /* the lines */
    size_t said_bytes;
    FILE *lines;
};

enum step {
    CREATE,
    PUT,
    PUT_PENDING,
    UPDATE,
    DESCRIPTION,
    STAGE,
    DELETE,
    FORCE,
    RESTORE,
    GET,
    STEPS
};

/* clang-format off */
static const char *const operations[STEPS] = {
    [CREATE] = "CreateSecret", [PUT] = "PutSecretValue", [PUT_PENDING] = "PutSecretValue",
    [UPDATE] = "UpdateSecret", [DESCRIPTION] = "UpdateSecret", [STAGE] = "UpdateSecretVersionStage",
    [DELETE] = "DeleteSecret", [FORCE] = "DeleteSecret", [RESTORE] = "RestoreSecret", [GET] = "GetSecretValue",
};

/* Of a hundred steps of a secret that is there. */
static const struct { enum step step; unsigned share; } mix[] = {
    {PUT, 52}, {PUT_PENDING, 8}, {UPDATE, 8}, {DESCRIPTION, 6}, {STAGE, 6}, {DELETE, 6}, {FORCE, 2}, {GET, 12},
};
/* clang-format on */

/* splitmix64 */
static uint64_t draw(struct writer *w)
{
    uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static enum step choose(struct writer *w)
{
    unsigned at = (unsigned)(draw(w) % 100);

    if (w->hot)
        return at < 85 ? PUT : GET;
    if (w->deleted)
        return RESTORE;
    if (w->made && w->versions >= VERSIONS)
        w->made = false;
    if (!w->made)
        return CREATE;
    for (size_t i = 0; i < sizeof mix / sizeof *mix; i++) {
        if (at < mix[i].share)
            return mix[i].step == STAGE && w->previous[0] == '\0' ? PUT : mix[i].step;
        at -= mix[i].share;
    }
    return PUT;
}

static void next_token(struct writer *w)
{
    (void)snprintf(w->token, sizeof w->token, "%08u-%04u-%08u-%016llx", w->set->round, w->number,
                   w->tokens++, (unsigned long long)draw(w));
}

/* A value says which version it is of, over and over. */
static const char *value_of(struct writer *w, char value[VALUE_MOST + 1])
{
    const size_t n = 40 + draw(w) % (VALUE_MOST - 40), one = strlen(w->token);

    for (size_t i = 0; i < n; i++)
        value[i] = w->token[i % one];
    value[n] = '\0';
    (void)snprintf(w->detail, sizeof w->detail, "%zu", n);
    return value;
}

__attribute__((format(printf, 2, 3))) static void write_body(struct writer *w, const char *form,
                                                             ...)
{
    va_list values;

    va_start(values, form);
    (void)vsnprintf(w->body, sizeof w->body, form, values);
    va_end(values);
}

static void new_secret(struct writer *w)
{
    (void)snprintf(w->name, sizeof w->name, "crash/%u/%u/%u", w->set->round, w->number,
                   w->secrets++);
    w->versions = 0;
    w->current[0] = w->previous[0] = '\0';
}

/* Those that carry a value. */
static void prepare_value(struct writer *w, enum step step)
{
    char value[VALUE_MOST + 1];

    next_token(w);
    write_body(w, "{\"%s\":\"%s\",\"ClientRequestToken\":\"%s\",\"SecretString\":\"%s\"%s}",
               step == CREATE ? "Name" : "SecretId", w->name, w->token, value_of(w, value),
               step == PUT_PENDING ? ",\"VersionStages\":[\"AWSPENDING\"]" : "");
    if (step == PUT_PENDING)
        (void)strncat(w->detail, " AWSPENDING", sizeof w->detail - strlen(w->detail) - 1);
}

static void prepare_other(struct writer *w, enum step step)
{
    w->token[0] = w->detail[0] = '\0';
    if (step == DESCRIPTION) {
        next_token(w);
        (void)snprintf(w->detail, sizeof w->detail, "of %s", w->token);
        write_body(w, "{\"SecretId\":\"%s\",\"ClientRequestToken\":\"%s\",\"Description\":\"%s\"}",
                   w->name, w->token, w->detail);
        return;
    }
    if (step == STAGE) {
        (void)snprintf(w->token, sizeof w->token, "%s", w->previous);
        (void)snprintf(w->detail, sizeof w->detail, "%s", w->current);
        write_body(
            w,
            "{\"SecretId\":\"%s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"%s\","
            "\"RemoveFromVersionId\":\"%s\"}",
            w->name, w->token, w->detail);
        return;
    }
    if (step == FORCE || step == DELETE)
        (void)snprintf(w->detail, sizeof w->detail, step == FORCE ? "force" : "window");
    write_body(w, "{\"SecretId\":\"%s\"%s}", w->name,
               step == FORCE ? ",\"ForceDeleteWithoutRecovery\":true" : "");
}

static void prepare(struct writer *w, enum step step)
{
    if (step == CREATE)
        new_secret(w);
    if (step == CREATE || step == PUT || step == PUT_PENDING || step == UPDATE)
        prepare_value(w, step);
    else
        prepare_other(w, step);
}

/* What the writer has to know to go on sensibly. */
static void learn(struct writer *w, enum step step)
{
    char moved[TOKEN_MOST];

    if (step == CREATE || step == PUT || step == UPDATE || step == STAGE) {
        memcpy(moved, w->current, sizeof moved);
        memcpy(w->current, w->token, sizeof w->current);
        memcpy(w->previous, moved, sizeof w->previous);
    }
    w->versions += step == CREATE || step == PUT || step == PUT_PENDING || step == UPDATE;
    if (step == CREATE)
        w->made = true;
    if (step == FORCE)
        w->made = false;
    if (step == DELETE || step == RESTORE)
        w->deleted = step == DELETE;
}

static bool turn(struct writer *w)
{
    const struct settings *set = w->set;
    const enum step step = choose(w);
    int64_t begun;
    bool answered;

    prepare(w, step);
    begun = clock_monotonic_ns();
    answered = speak(&w->speaker, &set->endpoint, operations[step], bytes_of(w->body));
    (void)fprintf(w->lines, "%u\t%u\t%s\t%s\t%s\t%s\t%lld\t%lld\t%d\t%s\t%.*s\n", w->number,
                  w->speaker.port, operations[step], w->name, w->token, w->detail, (long long)begun,
                  answered ? (long long)clock_monotonic_ns() : 0, answered ? w->speaker.status : 0,
                  answered ? w->speaker.request_id : "", answered ? (int)w->speaker.body.n : 0,
                  (const char *)w->speaker.body.at);
    if (answered && w->speaker.status == 200)
        learn(w, step);
    return answered;
}

static void *write_on(void *what)
{
    struct writer *w = what;
    const unsigned each = w->set->each;

    w->failed = !speaker_open(&w->speaker, &w->set->endpoint);
    (void)pthread_barrier_wait(w->start);
    for (unsigned i = 0; !w->failed && (each == 0 || i < each); i++)
        if (!turn(w))
            break;
    return NULL;
}

static bool writer_begin(struct writer *w, const struct settings *set, unsigned number,
                         pthread_barrier_t *start)
{
    *w = (struct writer){.set = set, .start = start, .number = number, .hot = number < set->hot};
    w->random = set->seed ^ ((uint64_t)set->round << 32) ^ ((uint64_t)number << 16);
    w->speaker.fd = -1;
    w->lines = open_memstream(&w->said, &w->said_bytes);
    if (w->hot)
        (void)snprintf(w->name, sizeof w->name, "crash/%u/hot", set->round);
    return w->lines != NULL && pthread_create(&w->thread, NULL, write_on, w) == 0;
}

static bool writer_end(struct writer *w)
{
    (void)pthread_join(w->thread, NULL);
    speaker_close(&w->speaker);
    (void)fclose(w->lines);
    (void)fwrite(w->said, 1, w->said_bytes, stdout);
    free(w->said);
    return !w->failed;
}

static int64_t kill_in_the_middle(const struct settings *set)
{
    const struct timespec wait = {.tv_sec = set->after_us / 1000000,
                                  .tv_nsec = set->after_us % 1000000 * 1000};
    int64_t now;

    if (set->pid == 0)
        return 0;
    (void)nanosleep(&wait, NULL);
    now = clock_monotonic_ns();
    return kill(set->pid, set->signal) == 0 ? now : 0;
}

static int run(const struct settings *set)
{
    struct writer *writers = calloc(set->writers, sizeof *writers);
    pthread_barrier_t start;
    bool fine = writers != NULL && pthread_barrier_init(&start, NULL, set->writers + 1) == 0;
    int64_t killed;

    for (unsigned i = 0; fine && i < set->writers; i++)
        fine = writer_begin(&writers[i], set, i, &start);
    if (!fine) {
        (void)fprintf(stderr, "load: no memory or no thread\n");
        return 1;
    }
    (void)pthread_barrier_wait(&start);
    killed = kill_in_the_middle(set);
    for (unsigned i = 0; i < set->writers; i++)
        fine &= writer_end(&writers[i]);
    printf("killed\t%lld\n", (long long)killed);
    free(writers);
    if (!fine)
        (void)fprintf(stderr, "load: not every writer could connect\n");
    return fine ? 0 : 1;
}

static bool number_of(int option, struct settings *set)
{
    const unsigned long long n = optarg == NULL ? 0 : strtoull(optarg, NULL, 10);

    switch (option) {
    case 'p':
        set->port = (unsigned)n;
        return true;
    case 'k':
        set->pid = (int)n;
        return true;
    case 'g':
        set->signal = (int)n;
        return true;
    case 'a':
        set->after_us = (int64_t)n;
        return true;
    case 's':
        set->seed = n;
        return true;
    case 'r':
        set->round = (unsigned)n;
        return true;
    case 'w':
        set->writers = (unsigned)n;
        return n > 0 && n <= WRITERS_MOST;
    case 'h':
        set->hot = (unsigned)n;
        return true;
    case 'e':
        set->each = (unsigned)n;
        return true;
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct settings *set)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"kill", required_argument, NULL, 'k'},
        {"signal", required_argument, NULL, 'g'},
        {"after", required_argument, NULL, 'a'},
        {"seed", required_argument, NULL, 's'},
        {"round", required_argument, NULL, 'r'},
        {"writers", required_argument, NULL, 'w'},
        {"hot", required_argument, NULL, 'h'},
        {"each", required_argument, NULL, 'e'},
        {"ca", required_argument, NULL, 'c'},
        {0},
    };
    int got;

    while ((got = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (got == 'c')
            set->ca = optarg;
        else if (!number_of(got, set))
            return false;
    }
    return optind == argc && set->ca != NULL && (set->pid != 0) != (set->each != 0);
}

static bool read_signer(struct sigv4_signer *signer)
{
    const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY"),
               *region = getenv("AWS_REGION");

    if (id == NULL || secret == NULL || region == NULL)
        return false;
    *signer = (struct sigv4_signer){.access_key_id = bytes_of(id),
                                    .secret = {(const uint8_t *)secret, strlen(secret)},
                                    .region = bytes_of(region),
                                    .service = LIT("secretsmanager")};
    return true;
}

int main(int argc, char **argv)
{
    struct settings set = {.writers = 64, .signal = SIGKILL};
    int code;

    (void)signal(SIGPIPE, SIG_IGN);
    if (!read_options(argc, argv, &set) || !read_signer(&set.signer)) {
        (void)fprintf(
            stderr,
            "usage: load --port N --ca FILE [--writers N] [--hot N] [--round N] [--seed N]\n"
            "            --kill PID [--signal N] --after MICROSECONDS | --each WRITES\n"
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION say as whom.\n");
        return 2;
    }
    if (!endpoint_open(&set.endpoint, (uint16_t)set.port, set.ca, &set.signer))
        return 1;
    code = run(&set);
    endpoint_close(&set.endpoint);
    return code;
}
