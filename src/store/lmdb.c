/* lmdb: the embedded engine. One database; a stored value is the number of the commit that wrote it
 * (8 bytes, big end first) and the value itself. Keys that begin with a zero byte are ours. */
#include "base/faultpoint.h"
#include "store/drive.h"
#include "store/lmdb_place.h"
#include "store/lmdb_rows.h"
#include "store/weigh.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT = 2, READERS_USUAL = 126 };

static const size_t MAP_USUAL = (size_t)1 << 40;

/* Taken from the disk this far ahead, so that a full disk is told before a group begins: amid one,
 * LMDB reports a short write as EIO, which we have to take for a dying disk. */
static const size_t AHEAD_LEAST = (size_t)8 << 20, AHEAD_STEP = (size_t)16 << 20;

#define KEY_FORMAT LIT("\0format")
#define KEY_NUMBER LIT("\0number")
#define KEY_SUM    LIT("\0sum")

struct lmdb {
    struct place place;
    MDB_env *env;
    MDB_dbi dbi;
    size_t map_bytes, taken_bytes, page_bytes;
    bool takes_ahead;
    atomic_bool down; /* for good: what the disk did not take may be anything */
    _Atomic uint64_t number;
    const struct weigher *weigher; /* NULL: no sum is kept */
    struct sum sum;                /* of commit `number`; whoever commits has it alone */
    struct usage *usage;
    pthread_mutex_t lock; /* over the list of readers */
    struct lmdb_reader *readers;
};

struct lmdb_reader {
    struct reader reader; /* first */
    struct lmdb *lmdb;
    MDB_txn *txn;
    bool inside;
    struct sum sum; /* inside: as the group leaves it */
    struct lmdb_reader *next;
};

static struct lmdb *lmdb_of(struct engine_state *state)
{
    return (struct lmdb *)(void *)state;
}

static struct lmdb_rows rows_of(const struct lmdb_reader *reader)
{
    return (struct lmdb_rows){reader->txn, reader->lmdb->dbi};
}

const struct fault *lmdb_fault(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return OK;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case MDB_TXN_FULL:
        return STORE_TOO_MUCH;
    case MDB_READERS_FULL:
        return STORE_READERS;
    case ENOMEM:
        return STORE_MEMORY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
        return STORE_DAMAGED;
    case MDB_BAD_VALSIZE:
        return STORE_KEY;
    default:
        return STORE_DOWN; /* EIO, MDB_PANIC, any other: nobody knows what is on the disk */
    }
}

static const struct fault *fault_at_open(int rc)
{
    switch (rc) {
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return STORE_FOREIGN;
    case EACCES:
    case EPERM:
    case ENOENT:
    case ENOTDIR:
    case EROFS:
        return STORE_PLACE;
    case EAGAIN:
        return STORE_HELD;
    default:
        return lmdb_fault(rc);
    }
}

/* --- the sum of all items --- */

static fallible sum_get(const struct lmdb_reader *reader, struct sum *sum)
{
    const struct lmdb *lmdb = reader->lmdb;
    MDB_val key = val_of(KEY_SUM), value;
    uint64_t number;
    int rc;

    ENSURE(lmdb->weigher != NULL, STORE_UNWEIGHED);
    TRY(number_get(rows_of(reader), KEY_NUMBER, &number));
    rc = mdb_get(reader->txn, lmdb->dbi, &key, &value);
    ENSURE(rc != MDB_NOTFOUND, STORE_UNWEIGHED);
    TRY(lmdb_fault(rc));
    ENSURE(sum_open(lmdb->weigher, bytes_of_val(value), number, sum), STORE_UNWEIGHED);
    return OK;
}

static fallible sum_put(const struct lmdb_reader *inside, uint64_t number)
{
    uint8_t row[SUM_ROW];
    MDB_val key = val_of(KEY_SUM), value = {sizeof row, row};

    if (inside->lmdb->weigher == NULL)
        return OK;
    sum_close(inside->lmdb->weigher, &inside->sum, number, row);
    return lmdb_fault(mdb_put(inside->txn, inside->lmdb->dbi, &key, &value, 0));
}

static fallible lmdb_weighed(struct reader *asked, const struct weigher **weigher, struct sum *sum)
{
    const struct lmdb_reader *reader = (struct lmdb_reader *)asked;

    *weigher = reader->lmdb->weigher;
    return sum_get(reader, sum);
}

static fallible sum_settle(struct lmdb *lmdb, MDB_txn *txn, bool anew)
{
    struct lmdb_reader inside = {{&engine_lmdb}, lmdb, txn, true, {{0}}, NULL};

    if (lmdb->weigher == NULL)
        return OK;
    TRY(anew ? sum_all(&inside.reader, lmdb->weigher, NULL, NULL, &inside.sum)
             : sum_get(&inside, &inside.sum));
    lmdb->sum = inside.sum;
    return anew ? sum_put(&inside, atomic_load(&lmdb->number)) : OK;
}

/* --- what each owner has --- */

static fallible count_one(void *ctx, const struct item *item, bool *stop)
{
    *stop = false;
    return usage_change(ctx, &(struct item){0}, &(struct change){item->key, item->value});
}

static fallible usage_settle_at_open(struct lmdb *lmdb, MDB_txn *txn, bool *counted)
{
    struct lmdb_reader inside = {{&engine_lmdb}, lmdb, txn, true, {{0}}, NULL};
    const uint64_t number = atomic_load(&lmdb->number);
    bool current;

    *counted = false;
    TRY(lmdb_usage_load(rows_of(&inside), lmdb->usage, number, &current));
    if (current)
        return OK;
    *counted = true;
    TRY(lmdb_usage_clear(rows_of(&inside)));
    TRY(engine_lmdb.scan(&inside.reader, &(struct range){0}, count_one, lmdb->usage));
    return lmdb_usage_save(rows_of(&inside), lmdb->usage, number);
}

/* --- opening --- */

static fallible format_judge(struct lmdb *lmdb, MDB_txn *txn, uint64_t begins_after, bool *fresh)
{
    struct lmdb_rows rows = {.txn = txn};
    uint64_t format, number;
    MDB_stat stat;

    TRY(fault_at_open(mdb_dbi_open(txn, NULL, 0, &lmdb->dbi)));
    rows.dbi = lmdb->dbi;
    TRY(number_get(rows, KEY_FORMAT, &format));
    TRY(number_get(rows, KEY_NUMBER, &number));
    TRY(lmdb_fault(mdb_stat(txn, lmdb->dbi, &stat)));
    atomic_store(&lmdb->number, number);
    *fresh = format == 0;
    if (format == 0) {
        ENSURE(stat.ms_entries == 0, STORE_FOREIGN);
        atomic_store(&lmdb->number, begins_after);
        if (begins_after != 0)
            TRY(number_put(rows, KEY_NUMBER, begins_after));
        return number_put(rows, KEY_FORMAT, FORMAT);
    }
    ENSURE(format <= FORMAT, STORE_NEWER);
    ENSURE(format == FORMAT, STORE_OLDER);
    return OK;
}

static fallible format_settle(struct lmdb *lmdb, uint64_t begins_after, bool anew)
{
    const struct fault *fault;
    bool fresh = false, counted = false;
    MDB_txn *txn;

    ENSURE(!fault_point(), STORE_MEMORY);
    TRY(fault_at_open(mdb_txn_begin(lmdb->env, NULL, 0, &txn)));
    fault = format_judge(lmdb, txn, begins_after, &fresh);
    if (fault == OK)
        fault = sum_settle(lmdb, txn, fresh || anew);
    if (fault == OK)
        fault = usage_settle_at_open(lmdb, txn, &counted);
    usage_settle(lmdb->usage, true);
    if (fault == OK && (fresh || anew || counted))
        return lmdb_fault(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return fault;
}

/* A file cut short would kill the process with SIGBUS at the first look past its end. */
static fallible length_judge(struct lmdb *lmdb, int fd)
{
    struct stat file;
    MDB_envinfo info;
    MDB_stat stat;

    TRY(lmdb_fault(mdb_env_info(lmdb->env, &info)));
    TRY(lmdb_fault(mdb_env_stat(lmdb->env, &stat)));
    ENSURE(fstat(fd, &file) == 0, STORE_DOWN);
    lmdb->map_bytes = info.me_mapsize;
    lmdb->page_bytes = stat.ms_psize;
    /* A copy may have come without the space: then none of it counts as taken. */
    lmdb->taken_bytes = file.st_blocks * 512 < file.st_size ? 0 : (size_t)file.st_size;
    if (stat.ms_entries == 0)
        return OK; /* a new one has no pages yet */
    ENSURE((info.me_last_pgno + 1) * stat.ms_psize <= (size_t)file.st_size, STORE_DAMAGED);
    return OK;
}

static fallible env_open(struct lmdb *lmdb, const struct engine_settings *settings)
{
    /* Never MDB_WRITEMAP (a stray write would reach the disk), never MDB_NOMEMINIT (so would old
     * heap). */
    const unsigned flags = MDB_NOTLS | (settings->unsynced ? MDB_NOSYNC : 0);
    const unsigned readers = settings->readers == 0 ? READERS_USUAL : settings->readers;
    int dead, fd;

    ENSURE(!fault_point(), STORE_MEMORY);
    TRY(lmdb_fault(mdb_env_create(&lmdb->env)));
    TRY(lmdb_fault(mdb_env_set_mapsize(lmdb->env, settings->map_bytes == 0 ? MAP_USUAL
                                                                           : settings->map_bytes)));
    TRY(lmdb_fault(mdb_env_set_maxreaders(lmdb->env, readers)));
    TRY(fault_at_open(mdb_env_open(lmdb->env, lmdb->place.path, flags, 0600)));
    TRY(lmdb_fault(mdb_reader_check(lmdb->env, &dead)));
    TRY(lmdb_fault(mdb_env_get_fd(lmdb->env, &fd)));
    TRY(length_judge(lmdb, fd));
    return format_settle(lmdb, settings->begins_after,
                         settings->weigher != NULL && settings->weigh_anew);
}

static void lmdb_close(struct engine_state *state)
{
    struct lmdb *lmdb = lmdb_of(state);

    while (lmdb->readers != NULL) {
        struct lmdb_reader *reader = lmdb->readers;

        lmdb->readers = reader->next;
        mdb_txn_abort(reader->txn);
        free(reader);
    }
    if (lmdb->env != NULL)
        mdb_env_close(lmdb->env);
    place_close(&lmdb->place);
    usage_close(lmdb->usage);
    pthread_mutex_destroy(&lmdb->lock);
    free(lmdb);
}

static fallible lmdb_open(const struct engine_settings *settings, struct engine_state **out)
{
    struct lmdb *lmdb = fault_point() ? NULL : calloc(1, sizeof(struct lmdb));
    const struct fault *fault;

    ENSURE(lmdb != NULL, STORE_MEMORY);
    pthread_mutex_init(&lmdb->lock, NULL);
    lmdb->takes_ahead = true;
    lmdb->weigher = settings->weigher;
    fault = usage_open(settings->owners, &lmdb->usage);
    if (fault == OK)
        fault = place_open(settings->where, &lmdb->place);
    if (fault == OK)
        fault = env_open(lmdb, settings);
    *out = (struct engine_state *)(void *)lmdb;
    if (fault != OK)
        lmdb_close(*out);
    return fault;
}

/* --- reading --- */

static fallible reader_begin(struct lmdb *lmdb, struct lmdb_reader *reader)
{
    reader->reader.engine = &engine_lmdb;
    reader->lmdb = lmdb;
    TRY(lmdb_fault(mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &reader->txn)));
    mdb_txn_reset(reader->txn);
    return OK;
}

static fallible lmdb_reader(struct engine_state *state, struct reader **out)
{
    struct lmdb *lmdb = lmdb_of(state);
    struct lmdb_reader *reader = fault_point() ? NULL : calloc(1, sizeof(struct lmdb_reader));
    const struct fault *fault;

    ENSURE(reader != NULL, STORE_MEMORY);
    fault = reader_begin(lmdb, reader);
    if (fault != OK) {
        free(reader);
        return fault;
    }
    pthread_mutex_lock(&lmdb->lock);
    reader->next = lmdb->readers;
    lmdb->readers = reader;
    pthread_mutex_unlock(&lmdb->lock);
    *out = &reader->reader;
    return OK;
}

static fallible lmdb_look(struct reader *asked)
{
    struct lmdb_reader *reader = (struct lmdb_reader *)asked;

    if (reader->inside)
        return OK;
    ENSURE(!atomic_load_explicit(&reader->lmdb->down, memory_order_relaxed), STORE_DOWN);
    return lmdb_fault(mdb_txn_renew(reader->txn));
}

static void lmdb_done(struct reader *asked)
{
    struct lmdb_reader *reader = (struct lmdb_reader *)asked;

    if (!reader->inside)
        mdb_txn_reset(reader->txn);
}

static uint64_t lmdb_name_of(const struct reader *asked)
{
    const struct lmdb_reader *reader = (const struct lmdb_reader *)asked;

    return reader->inside ? 0 : mdb_txn_id(reader->txn);
}

static fallible lmdb_get(struct reader *asked, struct bytes key, struct item *out)
{
    const struct lmdb_reader *reader = (struct lmdb_reader *)asked;
    MDB_val name = val_of(key), value;
    const int rc = mdb_get(reader->txn, reader->lmdb->dbi, &name, &value);

    if (rc == MDB_NOTFOUND) {
        *out = (struct item){.key = key};
        return OK;
    }
    TRY(lmdb_fault(rc));
    return item_of(name, value, out);
}

static fallible lmdb_scan(struct reader *asked, const struct range *range, engine_each_fn *fn,
                          void *ctx)
{
    const struct lmdb_reader *reader = (struct lmdb_reader *)asked;
    const struct fault *fault;
    MDB_cursor *cursor;

    ENSURE(!fault_point(), STORE_MEMORY);
    TRY(lmdb_fault(mdb_cursor_open(reader->txn, reader->lmdb->dbi, &cursor)));
    fault = lmdb_walk(cursor, range, fn, ctx);
    mdb_cursor_close(cursor);
    return fault;
}

static fallible lmdb_number(struct reader *asked, uint64_t *number)
{
    const struct lmdb_reader *reader = (struct lmdb_reader *)asked;

    return number_get(rows_of(reader), KEY_NUMBER, number);
}

/* --- committing --- */

/* What is there now leaves the sum and its owner's account, what comes enters them. */
static fallible count_change(struct lmdb_reader *inside, const struct change *change,
                             uint64_t revision)
{
    const struct weigher *weigher = inside->lmdb->weigher;
    struct item item;

    if (weigher == NULL && inside->lmdb->usage == NULL)
        return OK;
    TRY(lmdb_get(&inside->reader, change->key, &item));
    TRY(usage_change(inside->lmdb->usage, &item, change));
    if (weigher == NULL)
        return OK;
    sum_take(weigher, &inside->sum, &item);
    if (change->value.at != NULL)
        sum_add(weigher, &inside->sum, &(struct item){change->key, change->value, revision});
    return OK;
}

static fallible lmdb_apply(void *ctx, const struct change *change, uint64_t revision)
{
    struct lmdb_reader *inside = ctx;
    MDB_val key = val_of(change->key), value = {change->value.n + NUMBER_BYTES, NULL};
    int rc;

    ENSURE(!fault_point(), STORE_FULL);
    TRY(count_change(inside, change, revision));
    if (change->value.at == NULL) {
        rc = mdb_del(inside->txn, inside->lmdb->dbi, &key, NULL);
        return rc == MDB_NOTFOUND ? OK : lmdb_fault(rc);
    }
    TRY(lmdb_fault(mdb_put(inside->txn, inside->lmdb->dbi, &key, &value, MDB_RESERVE)));
    number_write(value.mv_data, revision);
    if (change->value.n > 0)
        memcpy((uint8_t *)value.mv_data + NUMBER_BYTES, change->value.at, change->value.n);
    return OK;
}

static fallible drop_rows(MDB_cursor *cursor, size_t most, uint64_t synced)
{
    MDB_val key = val_of(LIT("o/")), value;
    uint64_t number;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

    while (rc == MDB_SUCCESS && most-- > 0 && outbox_number(bytes_of_val(key), &number) &&
           number <= synced) {
        TRY(lmdb_fault(mdb_cursor_del(cursor, 0)));
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT); /* the one that took its place */
    }
    return rc == MDB_NOTFOUND ? OK : lmdb_fault(rc);
}

static fallible drop_outbox(struct lmdb_reader *inside, size_t most, uint64_t synced)
{
    const struct fault *fault;
    MDB_cursor *cursor;

    if (synced == 0)
        return OK;
    TRY(lmdb_fault(mdb_cursor_open(inside->txn, inside->lmdb->dbi, &cursor)));
    fault = drop_rows(cursor, most, synced);
    mdb_cursor_close(cursor);
    return fault;
}

static fallible take_ahead(struct lmdb *lmdb)
{
    MDB_envinfo info;
    size_t used, want;
    int fd, rc;

    TRY(lmdb_fault(mdb_env_info(lmdb->env, &info)));
    used = (info.me_last_pgno + 1) * lmdb->page_bytes;
    if (!lmdb->takes_ahead || used + AHEAD_LEAST <= lmdb->taken_bytes)
        return OK;
    want = used + AHEAD_STEP < lmdb->map_bytes ? used + AHEAD_STEP : lmdb->map_bytes;
    if (want <= lmdb->taken_bytes)
        return OK;
    TRY(lmdb_fault(mdb_env_get_fd(lmdb->env, &fd)));
    rc = place_take(fd, lmdb->taken_bytes, want);
    lmdb->takes_ahead = rc != EOPNOTSUPP; /* such a disk tells of its end amid a group */
    if (rc == 0)
        lmdb->taken_bytes = want;
    return rc == EOPNOTSUPP || rc == EINTR ? OK : lmdb_fault(rc);
}

static fallible group_fill(struct lmdb_reader *inside, struct batch *const group[], size_t batches,
                           uint64_t outbox_synced, uint64_t *number)
{
    const struct applier applier = {lmdb_apply, inside, inside->lmdb->usage};
    const uint64_t before = *number;

    TRY(group_apply(&inside->reader, group, batches, number, &applier));
    if (*number == before)
        return OK;
    TRY(drop_outbox(inside, 2 * batches + OUTBOX_DROPS_BASE,
                    outbox_synced < before ? outbox_synced : before));
    TRY(sum_put(inside, *number));
    TRY(lmdb_usage_save(rows_of(inside), inside->lmdb->usage, *number));
    return number_put(rows_of(inside), KEY_NUMBER, *number);
}

static fallible group_commit(struct lmdb *lmdb, struct batch *const group[], size_t batches,
                             uint64_t outbox_synced)
{
    struct lmdb_reader inside = {{&engine_lmdb}, lmdb, NULL, true, lmdb->sum, NULL};
    uint64_t number = atomic_load(&lmdb->number);
    const struct fault *fault;

    ENSURE(!atomic_load(&lmdb->down), STORE_DOWN);
    ENSURE(!fault_point(), STORE_FULL);
    TRY(take_ahead(lmdb));
    TRY(lmdb_fault(mdb_txn_begin(lmdb->env, NULL, 0, &inside.txn)));
    fault = group_fill(&inside, group, batches, outbox_synced, &number);
    if (fault != OK || number == atomic_load(&lmdb->number)) {
        mdb_txn_abort(inside.txn);
        return fault;
    }
    TRY(lmdb_fault(mdb_txn_commit(inside.txn)));
    lmdb->sum = inside.sum;
    atomic_store(&lmdb->number, number);
    return OK;
}

static fallible lmdb_commit(struct engine_state *state, struct batch *const group[], size_t batches,
                            uint64_t outbox_synced)
{
    struct lmdb *lmdb = lmdb_of(state);
    const struct fault *fault = group_commit(lmdb, group, batches, outbox_synced);

    usage_settle(lmdb->usage, fault == OK);
    if (fault == STORE_DOWN)
        atomic_store(&lmdb->down, true);
    if (fault != OK)
        group_fail(group, batches, fault);
    return fault;
}

/* --- looking after --- */

static fallible lmdb_describe(struct engine_state *state, struct engine_figures *out)
{
    struct lmdb *lmdb = lmdb_of(state);
    struct stat file;
    MDB_stat stat;
    int fd;

    ENSURE(!atomic_load(&lmdb->down), STORE_DOWN);
    TRY(lmdb_fault(mdb_env_stat(lmdb->env, &stat)));
    TRY(lmdb_fault(mdb_env_get_fd(lmdb->env, &fd)));
    ENSURE(fstat(fd, &file) == 0, STORE_DOWN);
    *out = (struct engine_figures){
        .entries = stat.ms_entries,
        .pages = stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages,
        .page_bytes = stat.ms_psize,
        .file_bytes = (uint64_t)file.st_size,
        .map_bytes = lmdb->map_bytes,
        .number = atomic_load(&lmdb->number),
    };
    return OK;
}

static struct used lmdb_used(struct engine_state *state, struct bytes owner)
{
    return usage_of(lmdb_of(state)->usage, owner);
}

static fallible lmdb_copy(struct engine_state *state, struct bytes where)
{
    const struct fault *fault;
    int fd;

    TRY(place_new_file(where, "data.mdb", &fd));
    fault = lmdb_fault(mdb_env_copyfd2(lmdb_of(state)->env, fd, MDB_CP_COMPACT));
    if (fault == OK)
        fault = place_sync(where, fd);
    close(fd);
    return fault;
}

const struct engine engine_lmdb = {
    .name = "lmdb",
    .open = lmdb_open,
    .close = lmdb_close,
    .reader = lmdb_reader,
    .look = lmdb_look,
    .done = lmdb_done,
    .name_of = lmdb_name_of,
    .get = lmdb_get,
    .scan = lmdb_scan,
    .number = lmdb_number,
    .weighed = lmdb_weighed,
    .commit = lmdb_commit,
    .describe = lmdb_describe,
    .used = lmdb_used,
    .copy = lmdb_copy,
};
