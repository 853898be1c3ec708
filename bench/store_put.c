/* store_put: what the store's committer reaches by itself: 64 simulated clients on two loops, each
 * batch two guarded gets, two puts and a note, as a PutSecretValue has them. Writes the groups that
 * it committed, for lmdb_loop to replay.
 *
 *   store_put FOLDER SECONDS GROUPS-FILE [hot]     (hot: all clients on one name)
 *
 * Prints one line of JSON. A second mode measures reading:  store_put FOLDER read */
#include "store/commit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMES = 10000, CLIENTS = 64, LOOPS = 1, VALUE = 300, READS = 2000000 };

struct client {
    struct arena *arena;
    struct arena_mark mark;
    struct batch *batch;
    unsigned name;
};

struct loop {
    struct committer *committer;
    struct reader *reader;
    struct mailbox *home;
    struct client clients[CLIENTS / LOOPS];
    uint64_t chance, done, failed;
    bool hot;
    pthread_t thread;
};

static atomic_bool over;
static uint64_t last_number;
static FILE *groups_file;

static void must(const struct fault *fault)
{
    if (fault == OK)
        return;
    (void)fprintf(stderr, "store_put: %s\n", fault->text);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct bytes name_of(char table, unsigned name, char text[64])
{
    const int n = snprintf(text, 64, "%c/123456789012/eu-central-1/app/secret-%05u", table, name);

    return (struct bytes){(const uint8_t *)text, (size_t)n};
}

static const struct fault *put(struct client *client, struct reader *reader, struct batch *batch)
{
    static const uint8_t value[VALUE];
    struct txn *txn;
    struct bytes seen;
    char text[64];

    TRY(store_begin(reader, client->arena, &txn));
    TRY(txn_get(txn, LIT("g/123456789012"), &seen));
    TRY(txn_get(txn, name_of('s', client->name, text), &seen));
    TRY(txn_put(txn, name_of('s', client->name, text), (struct bytes){value, VALUE}));
    TRY(txn_put(txn, name_of('v', client->name, text), (struct bytes){value, VALUE}));
    return txn_pack(txn, batch);
}

static bool put_again(struct batch *batch, struct worker *there, struct reader *inside)
{
    struct client *client = (struct client *)(void *)there;

    arena_rewind(client->arena, client->mark);
    return put(client, inside, batch) == OK;
}

static void send(struct loop *loop, struct client *client)
{
    static const uint8_t note[VALUE];

    loop->chance ^= loop->chance << 13;
    loop->chance ^= loop->chance >> 7;
    loop->chance ^= loop->chance << 17;
    client->name = loop->hot ? 0 : (unsigned)(loop->chance % NAMES);
    client->arena = arena_open(1 << 20);
    client->batch = arena_new(client->arena, struct batch);
    client->mark = arena_mark(client->arena);
    must(put(client, loop->reader, client->batch));
    client->batch->note = (struct bytes){note, VALUE};
    client->batch->again = put_again;
    client->batch->there = (struct worker *)(void *)client;
    client->batch->home = loop->home;
    must(committer_submit(loop->committer, client->batch));
}

static void *loop_run(void *started)
{
    struct loop *loop = started;
    int out = CLIENTS / LOOPS;

    for (int i = 0; i < out; i++)
        send(loop, &loop->clients[i]);
    while (out > 0) {
        struct batch *next, *batch = mailbox_wait(loop->home);

        for (; batch != NULL; batch = next) {
            struct client *client = (struct client *)(void *)batch->there;

            next = batch->next;
            loop->done += batch->outcome == OK;
            loop->failed += batch->outcome != OK;
            arena_close(client->arena);
            if (atomic_load(&over))
                out--;
            else
                send(loop, client);
        }
    }
    return NULL;
}

static void on_committed(void *ctx, struct batch *const group[], size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        last_number = group[i]->number != 0 ? group[i]->number : last_number;
    (void)fprintf(groups_file, "%zu 3 %d\n", n, VALUE + 8);
}

static uint64_t synced(void *ctx)
{
    (void)ctx;
    return last_number;
}

static void fill(struct store *store, struct reader *reader)
{
    static const uint8_t value[VALUE];

    for (unsigned name = 0; name < NAMES;) {
        struct arena *arena = arena_open(1 << 22);
        struct batch batch = {0};
        struct batch *const group[] = {&batch};
        struct txn *txn;
        char text[64];

        must(store_begin(reader, arena, &txn));
        must(txn_put(txn, LIT("g/123456789012"), LIT("1")));
        for (int i = 0; i < 50; i++, name++) {
            must(txn_put(txn, name_of('s', name, text), (struct bytes){value, VALUE}));
            must(txn_put(txn, name_of('v', name, text), (struct bytes){value, VALUE}));
        }
        must(txn_pack(txn, &batch));
        must(store_commit(store, group, 1, 0));
        arena_close(arena);
    }
}

static void puts_measured(struct store *store, double length, bool hot)
{
    const struct commit_hooks hooks = {.committed = on_committed, .outbox_synced = synced};
    static struct loop loops[LOOPS];
    struct committer *committer;
    struct commit_figures figures;
    uint64_t done = 0, failed = 0;
    const double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double took;

    must(committer_start(store, &hooks, 0, &committer));
    for (int i = 0; i < LOOPS; i++) {
        loops[i] = (struct loop){
            .committer = committer, .chance = 88172645463325252u + (unsigned)i, .hot = hot};
        must(store_reader(store, &loops[i].reader));
        must(mailbox_open(&loops[i].home));
        (void)pthread_create(&loops[i].thread, NULL, loop_run, &loops[i]);
    }
    nanosleep(&(struct timespec){.tv_sec = (time_t)length}, NULL);
    atomic_store(&over, true);
    for (int i = 0; i < LOOPS; i++) {
        pthread_join(loops[i].thread, NULL);
        done += loops[i].done;
        failed += loops[i].failed;
    }
    took = seconds(CLOCK_MONOTONIC) - start;
    figures = committer_figures(committer);
    committer_stop(committer);
    printf("{\"name\":\"%s\",\"per_second\":%.0f,\"groups\":%llu,\"batches_a_group\":%.1f,"
           "\"again\":%llu,"
           "\"failed\":%llu,\"cpu_us\":%.1f}\n",
           hot ? "store-put-hot" : "store-put", (double)done / took,
           (unsigned long long)figures.groups, (double)figures.batches / (double)figures.groups,
           (unsigned long long)figures.again, (unsigned long long)failed,
           (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)done);
}

static void reads_measured(struct reader *reader)
{
    const double start = seconds(CLOCK_MONOTONIC);
    uint64_t chance = 88172645463325252u;
    double ns;

    for (int i = 0; i < READS; i++) {
        struct arena *arena = arena_open(1 << 20);
        struct txn *txn;
        struct bytes value;
        char text[64];

        chance = chance * 6364136223846793005u + 1442695040888963407u;
        must(store_begin(reader, arena, &txn));
        must(txn_get(txn, LIT("g/123456789012"), &value));
        must(txn_get(txn, name_of('s', (unsigned)(chance >> 33) % NAMES, text), &value));
        text[0] = 'v';
        must(txn_get(txn, bytes_of(text), &value));
        txn_end(txn);
        arena_close(arena);
    }
    ns = (seconds(CLOCK_MONOTONIC) - start) * 1e9 / READS;
    printf("{\"name\":\"store-read\",\"ns_a_transaction_of_three_gets\":%.0f}\n", ns);
}

int main(int argc, char **argv)
{
    struct engine_settings settings = {0};
    struct reader *reader;
    struct store *store;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: store_put FOLDER SECONDS GROUPS-FILE [hot] | FOLDER read\n");
        return 2;
    }
    settings.where = bytes_of(argv[1]);
    must(store_open(&engine_lmdb, &settings, &store));
    must(store_reader(store, &reader));
    fill(store, reader);
    if (argc == 3) {
        reads_measured(reader);
    } else {
        groups_file = fopen(argv[3], "w");
        if (groups_file == NULL)
            return 2;
        puts_measured(store, atof(argv[2]), argc > 4);
        (void)fclose(groups_file);
    }
    store_close(store);
    return 0;
}
