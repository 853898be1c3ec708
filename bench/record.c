/* record: preloaded into a server, writes down which rows each LMDB transaction of it changed, into
 * the file that COFFER_BENCH_RECORD names. One writer at a time, as LMDB has it. */
#include "record.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *rows;
static size_t used;

static int (*next_begin)(MDB_env *, MDB_txn *, unsigned, MDB_txn **);
static int (*next_put)(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *, unsigned);
static int (*next_del)(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *);
static int (*next_cursor_del)(MDB_cursor *, unsigned);
static int (*next_commit)(MDB_txn *);

/* ISO C has no cast from an object pointer to a function pointer. */
static void find(const char *name, void *function)
{
    void *at = dlsym(RTLD_NEXT, name);

    memcpy(function, &at, sizeof at);
}

__attribute__((constructor)) static void open_record(void)
{
    const char *name = getenv("COFFER_BENCH_RECORD");
    const int fd = name == NULL ? -1 : open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    find("mdb_txn_begin", &next_begin);
    find("mdb_put", &next_put);
    find("mdb_del", &next_del);
    find("mdb_cursor_del", &next_cursor_del);
    find("mdb_txn_commit", &next_commit);
    if (fd < 0 || ftruncate(fd, RECORD_ROOM) != 0)
        return;
    rows = mmap(NULL, RECORD_ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (rows == MAP_FAILED)
        rows = NULL;
    (void)close(fd);
}

static void keep(enum record_kind kind, const MDB_val *key, size_t value_bytes)
{
    const struct record_row row = {
        .kind = (uint8_t)kind,
        .key_bytes = key == NULL ? 0 : (uint16_t)key->mv_size,
        .value_bytes = (uint32_t)value_bytes,
    };

    if (rows == NULL || used + 2 * sizeof row + row.key_bytes > RECORD_ROOM)
        return;
    memcpy(rows + used, &row, sizeof row);
    used += sizeof row;
    if (key != NULL)
        memcpy(rows + used, key->mv_data, row.key_bytes);
    used += row.key_bytes;
}

int mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn)
{
    const int rc = next_begin(env, parent, flags, txn);

    if (rc == 0 && (flags & MDB_RDONLY) == 0)
        keep(RECORD_BEGIN, NULL, 0);
    return rc;
}

int mdb_put(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data, unsigned flags)
{
    keep(RECORD_PUT, key, data->mv_size);
    return next_put(txn, dbi, key, data, flags);
}

int mdb_del(MDB_txn *txn, MDB_dbi dbi, MDB_val *key, MDB_val *data)
{
    keep(RECORD_DELETE, key, 0);
    return next_del(txn, dbi, key, data);
}

int mdb_cursor_del(MDB_cursor *cursor, unsigned flags)
{
    MDB_val key, value;

    if (mdb_cursor_get(cursor, &key, &value, MDB_GET_CURRENT) == 0)
        keep(RECORD_DELETE, &key, 0);
    return next_cursor_del(cursor, flags);
}

/* A read transaction is never committed by the store, only reset: whatever comes here has
 * written. */
int mdb_txn_commit(MDB_txn *txn)
{
    keep(RECORD_COMMIT, NULL, 0);
    return next_commit(txn);
}
