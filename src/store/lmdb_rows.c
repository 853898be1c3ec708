/* lmdb_rows: a number is eight bytes, a counter two numbers under its owner's name. */
#include "store/lmdb_rows.h"

#include "store/store.h"

#include <string.h>

#define KEY_COUNTED LIT("\0counted") /* the commit that the counters are of */
#define KEY_USED    LIT("\0used/")

enum { OWNER_MOST = 256 };

fallible number_get(struct lmdb_rows rows, struct bytes name, uint64_t *out)
{
    MDB_val key = val_of(name), value;
    const int rc = mdb_get(rows.txn, rows.dbi, &key, &value);

    *out = 0;
    if (rc == MDB_NOTFOUND)
        return OK;
    TRY(lmdb_fault(rc));
    ENSURE(value.mv_size == NUMBER_BYTES, STORE_DAMAGED);
    *out = number_read(value.mv_data);
    return OK;
}

fallible number_put(struct lmdb_rows rows, struct bytes name, uint64_t number)
{
    uint8_t at[NUMBER_BYTES];
    MDB_val key = val_of(name), value = {sizeof at, at};

    number_write(at, number);
    return lmdb_fault(mdb_put(rows.txn, rows.dbi, &key, &value, 0));
}

/* --- what each owner has --- */

static fallible take_row(struct usage *usage, struct bytes key, struct bytes value)
{
    struct used used;

    ENSURE(value.n == (size_t)2 * NUMBER_BYTES, STORE_DAMAGED);
    used = (struct used){number_read(value.at), number_read(value.at + NUMBER_BYTES)};
    return usage_put_back(usage, bytes_after(key, KEY_USED.n), &used);
}

static fallible take_rows(MDB_cursor *cursor, struct usage *usage)
{
    MDB_val key = val_of(KEY_USED), value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

    while (rc == MDB_SUCCESS && bytes_begins(bytes_of_val(key), KEY_USED)) {
        TRY(take_row(usage, bytes_of_val(key), bytes_of_val(value)));
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return rc == MDB_NOTFOUND ? OK : lmdb_fault(rc);
}

fallible lmdb_usage_load(struct lmdb_rows rows, struct usage *usage, uint64_t number, bool *current)
{
    const struct fault *fault;
    MDB_cursor *cursor;
    uint64_t counted;

    *current = true;
    if (usage == NULL)
        return OK;
    TRY(number_get(rows, KEY_COUNTED, &counted));
    *current = counted == number;
    if (!*current)
        return OK;
    TRY(lmdb_fault(mdb_cursor_open(rows.txn, rows.dbi, &cursor)));
    fault = take_rows(cursor, usage);
    mdb_cursor_close(cursor);
    return fault;
}

static fallible drop_rows(MDB_cursor *cursor)
{
    MDB_val key = val_of(KEY_USED), value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

    while (rc == MDB_SUCCESS && bytes_begins(bytes_of_val(key), KEY_USED)) {
        TRY(lmdb_fault(mdb_cursor_del(cursor, 0)));
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT); /* the one that took its place */
    }
    return rc == MDB_NOTFOUND ? OK : lmdb_fault(rc);
}

fallible lmdb_usage_clear(struct lmdb_rows rows)
{
    const struct fault *fault;
    MDB_cursor *cursor;

    TRY(lmdb_fault(mdb_cursor_open(rows.txn, rows.dbi, &cursor)));
    fault = drop_rows(cursor);
    mdb_cursor_close(cursor);
    return fault;
}

static fallible save_one(void *ctx, struct bytes owner, const struct used *used)
{
    const struct lmdb_rows *rows = ctx;
    uint8_t name[OWNER_MOST], row[2 * NUMBER_BYTES];
    MDB_val key = {KEY_USED.n + owner.n, name}, value = {sizeof row, row};

    ENSURE(key.mv_size <= sizeof name, STORE_KEY);
    memcpy(name, KEY_USED.at, KEY_USED.n);
    memcpy(name + KEY_USED.n, owner.at, owner.n);
    number_write(row, used->items);
    number_write(row + NUMBER_BYTES, used->bytes);
    return lmdb_fault(mdb_put(rows->txn, rows->dbi, &key, &value, 0));
}

fallible lmdb_usage_save(struct lmdb_rows rows, struct usage *usage, uint64_t number)
{
    if (usage == NULL)
        return OK;
    TRY(usage_changed(usage, save_one, &rows));
    return number_put(rows, KEY_COUNTED, number);
}
