/* fill: stores secrets bench/secret-<number>, every other one tagged half, three of them rare, in a
 * data folder that no server has open, in process, through perform(), many commits in flight at
 * once. */
#include "base/clock.h"
#include "base/file.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/identity/identity.h"
#include "core/perform.h"
#include "core/secrets/secrets.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "server/open.h"
#include "store/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLIGHTS = 512, MEMORY = 1 << 20, NAME = 32 };

static const char VALUE[] = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
                            "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv";

struct filler {
    struct opened opened;
    struct mailbox *box;
    struct worker *worker;
    struct principal root;
};

struct load { /* one CreateSecret under way; lies in its arena */
    struct call call;
    struct attempt attempt;
    struct secret_create_in in;
    struct secret_create_out out;
    uint8_t token[UUID_TEXT], id[UUID_TEXT];
    char name[NAME];
};

static void must(const struct fault *fault, const char *what)
{
    if (fault == OK)
        return;
    (void)fprintf(stderr, "fill: %s: %s (%s)\n", what, fault->text, fault->name);
    exit(1);
}

static void open_house(struct filler *f, struct arena *arena, const char *data, const char *key)
{
    struct config config;
    struct root_sealed seal;
    struct root_opener opener = {.method = ROOT_BY_KEY_FILE};
    struct sensitive *secret;

    config_defaults(&config);
    config.data = bytes_of(data);
    config.account_secrets = 0;
    must(sensitive_start(NULL), "memory");
    must(crypto_start(), "crypto");
    must(file_read_secret(arena, key, 64, &secret), key);
    opener.secret = sensitive_view(secret);
    must(open_seal(arena, &config, &seal), data);
    must(house_open(arena, &config, &seal, &opener, false, &f->opened), data);
    must(mailbox_open(&f->box), "mailbox");
    must(worker_open(&f->opened.house, f->box, &f->worker), "worker");
    f->root = (struct principal){.type = PRINCIPAL_ROOT,
                                 .arn = LIT("arn:aws:iam::123456789012:root"),
                                 .account = f->opened.house.account};
}

static void draw_uuids(struct load *l)
{
    uint8_t random[26];

    must(random_fill(random, sizeof random), "random bytes");
    uuid_v4(random, l->token);
    uuid_v7(l->call.now, random + 16, l->id);
}

static struct pairs tags_of(unsigned long number)
{
    static const struct pair half = {{(const uint8_t *)"half", 4}, {(const uint8_t *)"yes", 3}},
                             rare = {{(const uint8_t *)"rare", 4}, {(const uint8_t *)"yes", 3}};

    if (number == 7 || number == 77 || number == 777)
        return (struct pairs){&rare, 1};
    return (struct pairs){&half, number % 2 == 0};
}

static struct load *make_load(struct filler *f, unsigned long number)
{
    struct arena *arena = arena_open(MEMORY);
    struct load *l = arena == NULL ? NULL : arena_new(arena, struct load);
    struct call *c;

    if (l == NULL)
        must(ARENA_SPENT, "memory");
    c = &l->call;
    *c = (struct call){.arena = arena,
                       .worker = f->worker,
                       .who = &f->root,
                       .peer = &f->root,
                       .partition = LIT("aws"),
                       .account = f->opened.house.account,
                       .region = f->opened.house.region,
                       .service = LIT("secretsmanager"),
                       .now = clock_now_ms(),
                       .id = {l->id, UUID_TEXT}};
    draw_uuids(l);
    (void)snprintf(l->name, sizeof l->name, "bench/secret-%07lu", number);
    l->in.name = bytes_of(l->name);
    l->in.token = (struct bytes){l->token, UUID_TEXT};
    l->in.tags = tags_of(number);
    must(sensitive_new(arena, sizeof VALUE - 1, &l->in.text), "value");
    memcpy(sensitive_fill(l->in.text), VALUE, sizeof VALUE - 1);
    l->attempt =
        (struct attempt){.call = c, .operation = &secret_create, .in = &l->in, .out = &l->out};
    return l;
}

static void finish(struct load *l)
{
    must(l->attempt.fault, l->name);
    call_end(&l->call);
    arena_close(l->call.arena);
}

/* Up to FLIGHTS at once; the committer gathers them. */
static void fill(struct filler *f, unsigned long from, unsigned long to)
{
    size_t parked = 0;

    for (unsigned long i = from; i < to; i++) {
        struct load *l = make_load(f, i);

        must(call_begin(&l->call), "snapshot");
        if (perform(&l->attempt) == PARKED)
            parked++;
        else
            finish(l);
    }
    while (parked > 0) {
        struct batch *home = mailbox_wait(f->box);

        while (home != NULL) {
            struct batch *next = home->next;
            struct attempt *attempt = attempt_of(home);

            perform_resume(attempt);
            finish((struct load *)attempt->call);
            parked--;
            home = next;
        }
    }
    must(turn_write(f->worker), "journal");
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_open(16 << 20);
    struct filler f = {0};
    unsigned long from, to;

    if (argc != 5 || arena == NULL) {
        (void)fputs("usage: fill DATA KEY-FILE FROM TO\n", stderr);
        return 2;
    }
    from = strtoul(argv[3], NULL, 10);
    to = strtoul(argv[4], NULL, 10);
    open_house(&f, arena, argv[1], argv[2]);
    for (; from < to; from += FLIGHTS)
        fill(&f, from, from + FLIGHTS < to ? from + FLIGHTS : to);
    worker_close(f.worker);
    mailbox_close(f.box);
    house_close(&f.opened);
    arena_close(arena);
    return 0;
}
