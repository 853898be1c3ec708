/* lmdb_loop: the yardstick of put-durable: LMDB alone, with the groups that a server committed.
 * Reads lines "batches rows value-bytes" (one a group) and commits each group as one transaction:
 * batches times rows puts of that size, the first to the outbox (appended, and dropped again two
 * groups later), the others to keys drawn from a set of 10,000 names. Same flags, same two waits
 * for the disk, same kind of keys.
 *
 *   lmdb_loop FOLDER [GROUPS-FILE]      (standard input when no file is named)
 *
 * Prints one line of JSON: batches a second, groups, batches. */
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMES = 10000, VALUE_MOST = 64 * 1024 };

static struct {
    MDB_env *env;
    MDB_dbi dbi;
    uint64_t number, dropped, chance;
    uint8_t value[VALUE_MOST];
} loop = {.chance = 88172645463325252u};

static void must(int rc, const char *what)
{
    if (rc == MDB_SUCCESS)
        return;
    (void)fprintf(stderr, "lmdb_loop: %s: %s\n", what, mdb_strerror(rc));
    exit(1);
}

static unsigned draw(unsigned below)
{
    loop.chance ^= loop.chance << 13;
    loop.chance ^= loop.chance >> 7;
    loop.chance ^= loop.chance << 17;
    return (unsigned)(loop.chance % below);
}

static MDB_val outbox(uint64_t number, uint8_t room[10])
{
    memcpy(room, "o/", 2);
    for (int i = 0; i < 8; i++)
        room[2 + i] = (uint8_t)(number >> (56 - 8 * i));
    return (MDB_val){10, room};
}

static void put(MDB_txn *txn, MDB_val key, size_t bytes)
{
    MDB_val value = {bytes, NULL};

    must(mdb_put(txn, loop.dbi, &key, &value, MDB_RESERVE), "put");
    memcpy(value.mv_data, loop.value, bytes);
}

static void batch(MDB_txn *txn, unsigned rows, size_t bytes)
{
    const unsigned name = draw(NAMES);
    uint8_t room[10];
    char text[64];

    put(txn, outbox(++loop.number, room), bytes);
    for (unsigned row = 1; row < rows; row++) {
        const int n = snprintf(text, sizeof text, "%c/123456789012/eu-central-1/app/secret-%05u",
                               "svl"[row % 3], name);

        put(txn, (MDB_val){(size_t)n, text}, bytes);
    }
}

static void group(unsigned batches, unsigned rows, size_t bytes)
{
    const uint64_t before = loop.number;
    uint8_t room[10];
    MDB_txn *txn;

    must(mdb_txn_begin(loop.env, NULL, 0, &txn), "begin");
    for (unsigned i = 0; i < batches; i++)
        batch(txn, rows, bytes);
    for (unsigned i = 0; i < 2 * batches + 16 && loop.dropped < before; i++) {
        MDB_val key = outbox(++loop.dropped, room);

        must(mdb_del(txn, loop.dbi, &key, NULL), "del");
    }
    put(txn, (MDB_val){7, "\0number"}, 8);
    must(mdb_txn_commit(txn), "commit");
}

static void env_open(const char *folder)
{
    MDB_txn *txn;

    must(mdb_env_create(&loop.env), "create");
    must(mdb_env_set_mapsize(loop.env, (size_t)1 << 40), "map");
    must(mdb_env_open(loop.env, folder, MDB_NOTLS, 0600), "open");
    must(mdb_txn_begin(loop.env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &loop.dbi), "dbi");
    must(mdb_txn_commit(txn), "commit");
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    FILE *in = argc > 2 ? fopen(argv[2], "r") : stdin;
    unsigned batches, rows, bytes, groups = 0;
    double start, took;

    if (argc < 2 || in == NULL) {
        (void)fprintf(stderr, "usage: lmdb_loop FOLDER [GROUPS-FILE]\n");
        return 2;
    }
    env_open(argv[1]);
    start = seconds();
    while (fscanf(in, "%u %u %u", &batches, &rows, &bytes) == 3 && bytes <= VALUE_MOST) {
        group(batches, rows, bytes);
        groups++;
    }
    took = seconds() - start;
    printf("{\"yardstick\":\"lmdb_loop\",\"batches\":%llu,\"groups\":%u,\"seconds\":%.3f,\"per_"
           "second\":%.0f}\n",
           (unsigned long long)loop.number, groups, took, (double)loop.number / took);
    mdb_env_close(loop.env);
    return 0;
}
