/* replay: commits to a bare LMDB file what a server committed, row by row and transaction by
 * transaction, each synced as it comes, and says as one JSON object how long that took. */
#include "record.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct replay {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    uint64_t transactions, puts, deletes;
};

static void check(int rc, const char *what)
{
    if (rc == 0)
        return;
    (void)fprintf(stderr, "replay: %s: %s\n", what, mdb_strerror(rc));
    exit(1);
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void open_store(struct replay *r, const char *folder)
{
    check(mdb_env_create(&r->env), "create");
    check(mdb_env_set_mapsize(r->env, (size_t)1 << 40), "map");
    check(mdb_env_open(r->env, folder, MDB_NOTLS, 0600), folder);
    check(mdb_txn_begin(r->env, NULL, 0, &r->txn), "begin");
    check(mdb_dbi_open(r->txn, NULL, 0, &r->dbi), "open");
    check(mdb_txn_commit(r->txn), "commit");
    r->txn = NULL;
}

static void put(struct replay *r, MDB_val *key, size_t n)
{
    MDB_val value = {.mv_size = n};

    check(mdb_put(r->txn, r->dbi, key, &value, MDB_RESERVE), "put");
    memset(value.mv_data, 0x5a, n);
    r->puts++;
}

static void apply(struct replay *r, const struct record_row *row, MDB_val *key)
{
    if (row->kind == RECORD_BEGIN) {
        mdb_txn_abort(r->txn); /* the one before wrote nothing, or was given up */
        check(mdb_txn_begin(r->env, NULL, 0, &r->txn), "begin");
    } else if (row->kind == RECORD_COMMIT && r->txn != NULL) {
        check(mdb_txn_commit(r->txn), "commit");
        r->txn = NULL;
        r->transactions++;
    } else if (row->kind == RECORD_PUT) {
        put(r, key, row->value_bytes);
    } else if (row->kind == RECORD_DELETE) {
        const int rc = mdb_del(r->txn, r->dbi, key, NULL);

        check(rc == MDB_NOTFOUND ? 0 : rc, "delete");
        r->deletes++;
    }
}

static void replay(struct replay *r, const uint8_t *at)
{
    for (;;) {
        struct record_row row;
        MDB_val key;

        memcpy(&row, at, sizeof row);
        if (row.kind == RECORD_END)
            break;
        at += sizeof row;
        key = (MDB_val){.mv_size = row.key_bytes, .mv_data = (void *)(uintptr_t)at};
        apply(r, &row, &key);
        at += row.key_bytes;
    }
    mdb_txn_abort(r->txn);
}

int main(int argc, char **argv)
{
    struct replay r = {0};
    const uint8_t *at;
    double begun;
    int fd;

    if (argc != 3) {
        (void)fputs("usage: replay STORE-FOLDER RECORD\n", stderr);
        return 2;
    }
    fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    at = fd < 0 ? MAP_FAILED : mmap(NULL, RECORD_ROOM, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) {
        perror(argv[2]);
        return 1;
    }
    open_store(&r, argv[1]);
    begun = seconds();
    replay(&r, at);
    (void)printf("{\"transactions\": %lu, \"puts\": %lu, \"deletes\": %lu, \"seconds\": %.4f}\n",
                 r.transactions, r.puts, r.deletes, seconds() - begun);
    mdb_env_close(r.env);
    return 0;
}
