/* lmdb_walk: upwards from the first key of a range, downwards from its last. */
#include "store/lmdb_walk.h"

#include "store/store.h"

fallible item_of(MDB_val key, MDB_val value, struct item *out)
{
    ENSURE(value.mv_size >= NUMBER_BYTES, STORE_DAMAGED);
    out->key = bytes_of_val(key);
    out->value = bytes_after(bytes_of_val(value), NUMBER_BYTES);
    out->revision = number_read(value.mv_data);
    return OK;
}

static int first_up(MDB_cursor *cursor, const struct range *range, MDB_val *key, MDB_val *value)
{
    const struct bytes after = range->after, prefix = range->prefix;
    const struct bytes from = bytes_order(after, prefix) > 0 ? after : prefix;
    int rc;

    *key = val_of(from.n > 0 ? from : LIT("\1"));
    rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == MDB_SUCCESS && after.n > 0 && bytes_same(bytes_of_val(*key), after))
        rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    return rc;
}

/* The last key before `bound`; an empty one: before the end of all. */
static int last_before(MDB_cursor *cursor, struct bytes bound, MDB_val *key, MDB_val *value)
{
    int rc = MDB_NOTFOUND;

    *key = val_of(bound);
    if (bound.n > 0)
        rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    return mdb_cursor_get(cursor, key, value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

static int first_down(MDB_cursor *cursor, const struct range *range, MDB_val *key, MDB_val *value)
{
    uint8_t room[STORE_KEY_MOST];
    const struct bytes end = range_end(range, room);
    const bool within = range->after.n > 0 && (end.n == 0 || bytes_order(range->after, end) < 0);

    return last_before(cursor, within ? range->after : end, key, value);
}

/* Keys that begin with a zero byte are the engine's own. */
static bool inside(const struct range *range, MDB_val key)
{
    const struct bytes at = bytes_of_val(key);

    return bytes_begins(at, range->prefix) && at.n > 0 && at.at[0] != 0;
}

fallible lmdb_walk(MDB_cursor *cursor, const struct range *range, engine_each_fn *fn, void *ctx)
{
    const MDB_cursor_op step = range->down ? MDB_PREV : MDB_NEXT;
    MDB_val key, value;
    bool stop = false;
    int rc = range->down ? first_down(cursor, range, &key, &value)
                         : first_up(cursor, range, &key, &value);

    while (rc == MDB_SUCCESS && inside(range, key)) {
        struct item item;

        TRY(item_of(key, value, &item));
        TRY(fn(ctx, &item, &stop));
        if (stop)
            return OK;
        rc = mdb_cursor_get(cursor, &key, &value, step);
    }
    return rc == MDB_NOTFOUND ? OK : lmdb_fault(rc);
}
