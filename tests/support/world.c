/* A whole Coffer in this process but for sockets. */
#include "support/world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "core/audit/journal.h"
#include "core/audit/outbox.h"
#include "core/identity/seen.h"
#include "crypto/start.h"
#include "keeper/local.h"
#include "store/drive.h"
#include "store/mailbox.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(const char *what, const struct fault *fault)
{
    if (fault == OK)
        return;
    fprintf(stderr, "world: %s: %s: %s\n", what, fault->name, fault->text);
    abort();
}

static fallible make_account(struct call *c)
{
    struct identity_new_key key = {.id = LIT(WORLD_KEY)}, made;
    struct batch batch = {0}, *const group[] = {&batch};

    TRY(sensitive_new(c->arena, sizeof(WORLD_SECRET) - 1, &key.secret));
    memcpy(sensitive_fill(key.secret), WORLD_SECRET, sizeof(WORLD_SECRET) - 1);
    TRY(store_begin(c->worker->reader, c->arena, &c->txn));
    TRY(identity_create_account(c, c->account, LIT("default")));
    TRY(identity_create_key(c, c->account, (struct bytes){0}, &key, &made));
    TRY(txn_pack(c->txn, &batch));
    TRY(store_commit(c->worker->house->store, group, 1, 0));
    return batch.outcome;
}

static void populate(struct world *w)
{
    static const struct principal self = {.type = PRINCIPAL_COFFER,
                                          .arn = {(const uint8_t *)"arn:coffer:local::self", 22},
                                          .id = {(const uint8_t *)"self", 4},
                                          .name = {(const uint8_t *)"coffer", 6}};
    struct arena *arena = arena_open((size_t)1 << 20);
    struct call call = {.arena = arena,
                        .worker = w->worker,
                        .partition = LIT("aws"),
                        .account = w->house.account,
                        .region = w->house.region,
                        .who = &self,
                        .peer = &self,
                        .now = WORLD_NOW};

    must("account", make_account(&call));
    arena_close(arena);
}

void world_open(struct world *w, bool dev)
{
    static const uint8_t zeros[KEEPER_ROOT];
    static const struct bytes regions[] = {
        {(const uint8_t *)WORLD_REGION, sizeof(WORLD_REGION) - 1},
        {(const uint8_t *)WORLD_ABROAD, sizeof(WORLD_ABROAD) - 1},
        {(const uint8_t *)WORLD_CHINA, sizeof(WORLD_CHINA) - 1}};
    const struct keeper_root root = {1, {zeros, sizeof(zeros)}};

    *w = (struct world){.arena = arena_open((size_t)1 << 20)};
    clock_set_ms(WORLD_NOW);
    must("sensitive memory", sensitive_start(NULL));
    must("crypto", crypto_start());
    must("keeper", keeper_local(&root, 1, &w->house.keeper));
    w->owners = quota_owners(&w->house.quotas);
    must("store", store_open(&engine_memory, &(struct engine_settings){.owners = &w->owners},
                             &w->house.store));
    scratch_make(w->folder);
    must("journal", journal_open(&(struct journal_settings){.folder = bytes_of(w->folder),
                                                            .segment_size = 1 << 20},
                                 w->house.keeper, &w->house.journal));
    w->house.account = LIT(WORLD_ACCOUNT);
    w->house.region = regions[0];
    w->house.regions = regions;
    w->house.region_count = dev ? 0 : sizeof regions / sizeof *regions;
    w->house.dev = dev;
    must("mailbox", mailbox_open(&w->home));
    must("worker", worker_open(&w->house, w->home, &w->worker));
    populate(w);
}

void world_commit_apart(struct world *w)
{
    struct commit_hooks hooks;

    must("committer's worker", worker_open(&w->house, NULL, &w->house.committing));
    hooks = outbox_hooks(w->house.committing);
    must("committer", committer_start(w->house.store, &hooks, 0, &w->house.committer));
}

void world_close(struct world *w)
{
    committer_stop(w->house.committer);
    worker_close(w->house.committing);
    worker_close(w->worker);
    mailbox_close(w->home);
    journal_close(w->house.journal);
    store_close(w->house.store);
    keeper_close(w->house.keeper);
    seen_close(w->house.seen);
    scratch_remove(w->folder);
    arena_close(w->arena);
    clock_set_ms(0);
}

const struct principal *world_admin(void)
{
    static const struct principal admin = {.type = PRINCIPAL_LOCAL,
                                           .arn = {(const uint8_t *)"arn:coffer:local::uid/0", 23},
                                           .account = {(const uint8_t *)WORLD_ACCOUNT, 12},
                                           .id = {(const uint8_t *)"uid/0", 5},
                                           .name = {(const uint8_t *)"root", 4}};

    return &admin;
}

static void add_file(struct buf *all, const char *folder, const char *name)
{
    char path[SCRATCH_PATH + 300], piece[4096];
    FILE *file;
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_add(all, (struct bytes){(const uint8_t *)piece, n});
    (void)fclose(file);
}

struct bytes world_journal(const struct world *w, struct arena *arena)
{
    struct buf all = buf_open(arena, (size_t)1 << 16);
    DIR *folder = opendir(w->folder);
    struct dirent *entry;
    struct bytes text = {0};

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            add_file(&all, w->folder, entry->d_name);
    if (folder != NULL)
        (void)closedir(folder);
    must("reading the journal", buf_done(&all, &text));
    return text;
}
