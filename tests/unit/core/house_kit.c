/* house_kit: opening in order, closing in reverse. */
#include "house_kit.h"
#include "core/inventory.h"

#include "base/buf.h"
#include "core/authorise.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "core/resource.h"
#include "crypto/start.h"
#include "keeper/local.h"
#include "store/mailbox.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct keeper *kit_keeper;

FAULT(TOY_ABSENT, FAULT_ABSENT, "toy.absent", "There is no such counter.");

#define ACCOUNT "123456789012"

const struct principal kit_root = {.type = PRINCIPAL_ROOT,
                                   .arn = {(const uint8_t *)"arn:aws:iam::" ACCOUNT ":root", 30},
                                   .account = {(const uint8_t *)ACCOUNT, 12},
                                   .generation = 1};
const struct principal kit_user = {.type = PRINCIPAL_USER,
                                   .arn = {(const uint8_t *)"arn:aws:iam::" ACCOUNT ":user/ci", 33},
                                   .account = {(const uint8_t *)ACCOUNT, 12},
                                   .generation = 1};
const struct principal kit_stranger = {
    .type = PRINCIPAL_ROOT,
    .arn = {(const uint8_t *)"arn:aws:iam::999999999999:root", 30},
    .account = {(const uint8_t *)"999999999999", 12}};

/* Stands in where identity/ is not linked. */
__attribute__((weak)) fallible identity_again(struct call *c)
{
    c->who = c->peer;
    return OK;
}

void kit_start(void)
{
    static uint8_t root[KEEPER_ROOT] = {1, 2, 3};
    const struct keeper_root roots[] = {{1, {root, sizeof root}}};

    if (kit_keeper != NULL)
        return;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    assert_ok(keeper_local(roots, 1, &kit_keeper));
}

static void start_committer(struct house_kit *k)
{
    struct commit_hooks hooks;

    assert_ok(worker_open(&k->house, NULL, &k->house.committing));
    hooks = outbox_hooks(k->house.committing);
    assert_ok(committer_start(k->house.store, &hooks, 0, &k->house.committer));
}

void house_open(struct house_kit *k)
{
    struct engine_settings settings = {
        .where = bytes_of(k->data), .map_bytes = 64 << 20, .owners = &k->owners};
    const struct journal_settings journal = {.folder = bytes_of(k->folder),
                                             .segment_size = k->segment_size};

    k->house =
        (struct house){.keeper = kit_keeper, .account = LIT(ACCOUNT), .region = LIT("eu-west-1")};
    k->owners = quota_owners(&k->house.quotas);
    if (k->weighed) {
        assert_ok(scales_open(kit_keeper, &k->scales));
        settings.weigher = scales_weigher(k->scales);
    }
    assert_ok(store_open(k->engine, &settings, &k->house.store));
    if (!k->without_journal)
        assert_ok(journal_open(&journal, kit_keeper, &k->house.journal));
    assert_ok(mailbox_open(&k->box));
    assert_ok(worker_open(&k->house, k->box, &k->worker));
    if (k->with_committer)
        start_committer(k);
}

void house_make(struct house_kit *k)
{
    kit_start();
    scratch_make(k->data);
    scratch_make(k->folder);
    if (k->engine == NULL)
        k->engine = &engine_memory;
    house_open(k);
}

void house_close(struct house_kit *k)
{
    committer_stop(k->house.committer);
    worker_close(k->house.committing);
    worker_close(k->worker);
    mailbox_close(k->box);
    journal_close(k->house.journal);
    store_close(k->house.store);
    scales_close(k->scales);
    k->scales = NULL;
}

void house_unmake(struct house_kit *k)
{
    house_close(k);
    scratch_remove(k->data);
    scratch_remove(k->folder);
}

struct call *call_make(struct worker *worker, const struct principal *who)
{
    struct arena *arena = arena_open(8 << 20);
    struct call *c = arena == NULL ? NULL : arena_new(arena, struct call);

    assert_non_null(c);
    c->arena = arena;
    c->worker = worker;
    c->who = c->peer = who;
    c->partition = LIT("aws");
    c->account = LIT(ACCOUNT);
    c->region = LIT("eu-west-1");
    c->origin.address = LIT("127.0.0.1");
    c->now = 1767225600000;
    c->id = LIT("0190a3b0-0000-7000-8000-000000000001");
    return c;
}

void call_unmake(struct call *c)
{
    call_end(c);
    arena_close(c->arena);
}

const struct fault *kit_perform(struct call *c, const struct operation *operation, const void *in,
                                void *out)
{
    struct attempt a = {.call = c, .operation = operation, .in = in, .out = out};
    struct mailbox *const box = c->worker->home; /* a parked call is not looked at */

    if (perform(&a) == PARKED) {
        struct batch *home = NULL;

        while (home == NULL)
            home = mailbox_wait(box);
        assert_ptr_equal(attempt_of(home), &a);
        perform_resume(&a);
    }
    return a.fault;
}

/* --- the toy --- */

static fallible toy_key(struct call *c, struct bytes name, struct bytes *key)
{
    const struct bytes parts[] = {c->account, name};

    return record_key(c->arena, TABLE_SECRET, parts, 2, key);
}

static fallible toy_load(struct call *c, struct bytes name, int64_t *total)
{
    struct bytes key, body;

    TRY(toy_key(c, name, &key));
    TRY(record_load(c, c->account, key, &body));
    *total = body.at[0] | body.at[1] << 8 | body.at[2] << 16;
    return OK;
}

static fallible toy_save(struct call *c, struct bytes name, int64_t total)
{
    const uint8_t body[3] = {(uint8_t)total, (uint8_t)(total >> 8), (uint8_t)(total >> 16)};
    struct bytes key;

    TRY(toy_key(c, name, &key));
    return record_save(c, c->account, key, (struct bytes){body, sizeof body});
}

static fallible toy_locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct toy_in *in = in_;
    struct buf arn = buf_open(c->arena, 64), asked = buf_open(c->arena, 16);
    int64_t unused;
    const struct fault *fault;

    buf_add(&arn, LIT("arn:aws:toy:eu-west-1:" ACCOUNT ":counter:"));
    buf_add(&arn, in->name);
    buf_add(&asked, in->name);
    TRY(buf_done(&arn, &resource->arn));
    TRY(buf_done(&asked, &resource->asked));
    resource->type = LIT("AWS::Toy::Counter");
    fault = toy_load(c, in->name, &unused);
    return fault == STORE_ABSENT ? TOY_ABSENT : fault;
}

static fallible add_locate(struct call *c, const void *in, struct resource *resource)
{
    const struct fault *fault = toy_locate(c, in, resource);

    return fault == TOY_ABSENT ? OK : fault;
}

static fallible add_run(struct call *c, const void *in_, void *out_)
{
    const struct toy_in *in = in_;
    struct toy_out *out = out_;
    const struct fault *fault = toy_load(c, in->name, &out->total);

    if (fault != OK && fault != STORE_ABSENT)
        return fault;
    out->total += in->amount;
    return in->amount == 0 ? OK : toy_save(c, in->name, out->total);
}

static fallible read_run(struct call *c, const void *in_, void *out_)
{
    const struct toy_in *in = in_;

    return toy_load(c, in->name, &((struct toy_out *)out_)->total);
}

static fallible twice_run(struct call *c, const void *in, void *out)
{
    struct toy_out inner;

    TRY(perform_within(c, &toy_add, in, &inner));
    return perform_within(c, &toy_add, in, out);
}

static const struct audited toy_audit[] = {
    AUDITED(toy_in, name, "name"), AUDITED(toy_in, amount, "amount"), {0}};

#define TOY(id, name_, action_, mode_, locate_, run_)                \
    const struct operation id = {.name = (name_),                    \
                                 .action = (action_),                \
                                 .mode = (mode_),                    \
                                 .in_size = sizeof(struct toy_in),   \
                                 .out_size = sizeof(struct toy_out), \
                                 .audit = toy_audit,                 \
                                 .locate = (locate_),                \
                                 .run = (run_)}

TOY(toy_add, "toy.add", "toy:Add", OPERATION_WRITES, add_locate, add_run);
TOY(toy_read, "toy.read", "toy:Read", OPERATION_READS, toy_locate, read_run);
TOY(toy_twice, "toy.twice", "toy:Twice", OPERATION_WRITES, add_locate, twice_run);
TOY(toy_liar, "toy.liar", "toy:Liar", OPERATION_READS, add_locate, add_run);

/* --- the journal's files --- */

static size_t count_in(const char *path, const char *text)
{
    static char line[JOURNAL_TEXT_MOST];
    FILE *file = fopen(path, "re");
    size_t n = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        n += strstr(line, text) != NULL;
    (void)fclose(file);
    return n;
}

size_t journal_count(const struct house_kit *k, const char *text)
{
    DIR *dir = opendir(k->folder);
    struct dirent *entry;
    size_t n = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[SCRATCH_PATH + 300];

        if (strstr(entry->d_name, ".journal") == NULL)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", k->folder, entry->d_name);
        n += count_in(path, text);
    }
    (void)closedir(dir);
    return n;
}
