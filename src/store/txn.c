/* txn: one transaction: the guards of what it read, the overlay of what it wishes. The way of a
 * read is kept short: no search at all until something was written. */
#include "base/faultpoint.h"
#include "store/drive.h"

#include <string.h>

enum { GUARDS_INLINE = 8, CHANGES_FIRST = 8, FETCHED_MOST = 1024, FETCHED_LINE = 64 };

struct txn {
    struct reader *reader;
    struct arena *arena;
    bool open;
    struct guard *guards;
    size_t guard_count, guard_room;
    struct change *changes; /* in no order; each key once */
    size_t change_count, change_room, change_bytes;
    struct guard first_guards[GUARDS_INLINE];
};

void txn_end(struct txn *txn)
{
    if (!txn->open)
        return;
    txn->open = false;
    txn->reader->engine->done(txn->reader);
}

static void txn_part(void *txn)
{
    txn_end(txn);
}

fallible store_begin(struct reader *reader, struct arena *arena, struct txn **out)
{
    struct txn *txn = arena_new(arena, struct txn);

    ENSURE(txn != NULL, ARENA_SPENT);
    ENSURE(!fault_point(), STORE_DOWN);
    txn->reader = reader;
    txn->arena = arena;
    txn->guards = txn->first_guards;
    txn->guard_room = GUARDS_INLINE;
    TRY(arena_part(arena, txn_part, txn));
    TRY(reader->engine->look(reader));
    txn->open = true;
    *out = txn;
    return OK;
}

static bool key_fits(struct bytes key)
{
    return key.n > 0 && key.n <= STORE_KEY_MOST;
}

static bool key_is_ours(struct bytes key)
{
    return key.at[0] == 0 || bytes_begins(key, LIT("o/"));
}

/* Key and value in one piece of the arena. */
static bool keep(struct txn *txn, struct bytes *key, struct bytes *value)
{
    uint8_t *at = arena_get(txn->arena, key->n + value->n + 1);

    if (at == NULL)
        return false;
    memcpy(at, key->at, key->n);
    if (value->n > 0)
        memcpy(at + key->n, value->at, value->n);
    *key = (struct bytes){at, key->n};
    *value = (struct bytes){at + key->n, value->n};
    return true;
}

/* Room for one more element, in the arena; the old array stays where it was. */
static void *grown(struct txn *txn, const void *old, size_t count, size_t *room, size_t size)
{
    const size_t more = *room == 0 ? CHANGES_FIRST : *room * 2;
    void *at = arena_get(txn->arena, more * size);

    if (at == NULL)
        return NULL;
    if (count > 0)
        memcpy(at, old, count * size);
    *room = more;
    return at;
}

static fallible guard_add(struct txn *txn, struct bytes key, uint64_t revision)
{
    if (txn->guard_count == txn->guard_room) {
        struct guard *more =
            grown(txn, txn->guards, txn->guard_count, &txn->guard_room, sizeof(struct guard));

        ENSURE(more != NULL, ARENA_SPENT);
        txn->guards = more;
    }
    txn->guards[txn->guard_count++] = (struct guard){key, revision};
    return OK;
}

static struct change *change_of(const struct txn *txn, struct bytes key)
{
    for (size_t i = 0; i < txn->change_count; i++)
        if (bytes_same(txn->changes[i].key, key))
            return &txn->changes[i];
    return NULL;
}

/* The map's pages are cold, each line of one is some hundred cycles away: all are asked for at
 * once, while the guard is noted. */
static void fetch(struct bytes value)
{
    const size_t n = value.n < FETCHED_MOST ? value.n : FETCHED_MOST;

    for (size_t i = 0; i < n; i += FETCHED_LINE)
        __builtin_prefetch(value.at + i);
}

static fallible see_stored(struct txn *txn, struct bytes key, struct bytes *value)
{
    struct bytes nothing = {0};
    struct item item;

    ENSURE(txn->open, STORE_DOWN);
    TRY(txn->reader->engine->get(txn->reader, key, &item));
    fetch(item.value);
    ENSURE(keep(txn, &key, &nothing), ARENA_SPENT);
    TRY(guard_add(txn, key, item.revision));
    ENSURE(item.revision != 0, STORE_ABSENT);
    *value = item.value;
    return OK;
}

fallible txn_see(struct txn *txn, struct bytes key, struct bytes *value)
{
    const struct change *wished;

    ENSURE(key_fits(key), STORE_KEY);
    ENSURE(!fault_point(), STORE_DOWN);
    wished = change_of(txn, key);
    if (wished == NULL)
        return see_stored(txn, key, value);
    ENSURE(wished->value.at != NULL, STORE_ABSENT);
    *value = wished->value;
    return OK;
}

fallible txn_see_when(struct txn *txn, struct bytes key, struct bytes *value, struct sight *sight)
{
    *sight = (struct sight){0};
    TRY(txn_see(txn, key, value));
    if (txn->change_count > 0)
        return OK;
    sight->snapshot = txn->reader->engine->name_of(txn->reader);
    sight->revision = txn->guards[txn->guard_count - 1].revision;
    return OK;
}

fallible txn_seen(struct txn *txn, struct bytes key, const struct sight *sight, bool *same)
{
    struct bytes nothing = {0};

    ENSURE(!fault_point() && txn->open, STORE_DOWN);
    *same = sight->snapshot != 0 && txn->change_count == 0 &&
            sight->snapshot == txn->reader->engine->name_of(txn->reader);
    if (!*same)
        return OK;
    ENSURE(keep(txn, &key, &nothing), ARENA_SPENT);
    return guard_add(txn, key, sight->revision);
}

fallible txn_get(struct txn *txn, struct bytes key, struct bytes *value)
{
    struct bytes seen;

    TRY(txn_see(txn, key, &seen));
    *value = arena_copy(txn->arena, seen);
    return value->at == NULL ? ARENA_SPENT : OK;
}

fallible txn_look(struct txn *txn, struct bytes key, struct bytes *value)
{
    const struct change *wished;
    struct item item;

    ENSURE(key_fits(key), STORE_KEY);
    ENSURE(!fault_point() && txn->open, STORE_DOWN);
    wished = change_of(txn, key);
    if (wished == NULL) {
        TRY(txn->reader->engine->get(txn->reader, key, &item));
        ENSURE(item.revision != 0, STORE_ABSENT);
        *value = item.value;
        return OK;
    }
    ENSURE(wished->value.at != NULL, STORE_ABSENT);
    *value = wished->value;
    return OK;
}

static fallible change_new(struct txn *txn, struct change **out)
{
    ENSURE(txn->change_count < STORE_CHANGES_MOST, STORE_TOO_MUCH);
    if (txn->change_count == txn->change_room) {
        struct change *more =
            grown(txn, txn->changes, txn->change_count, &txn->change_room, sizeof(struct change));

        ENSURE(more != NULL, ARENA_SPENT);
        txn->changes = more;
    }
    *out = &txn->changes[txn->change_count++];
    **out = (struct change){0};
    return OK;
}

static fallible wish(struct txn *txn, struct bytes key, struct bytes value, bool drop)
{
    struct change *change;
    size_t bytes;

    ENSURE(key_fits(key) && !key_is_ours(key), STORE_KEY);
    ENSURE(!fault_point(), STORE_DOWN);
    ENSURE(value.n <= STORE_BYTES_MOST, STORE_TOO_MUCH);
    change = change_of(txn, key);
    bytes = txn->change_bytes + key.n + value.n;
    if (change != NULL)
        bytes -= change->key.n + change->value.n;
    ENSURE(bytes <= STORE_BYTES_MOST, STORE_TOO_MUCH);
    ENSURE(keep(txn, &key, &value), ARENA_SPENT);
    if (change == NULL)
        TRY(change_new(txn, &change));
    txn->change_bytes = bytes;
    *change = (struct change){key, drop ? (struct bytes){0} : value};
    return OK;
}

fallible txn_put(struct txn *txn, struct bytes key, struct bytes value)
{
    return wish(txn, key, value, false);
}

fallible txn_drop(struct txn *txn, struct bytes key)
{
    return wish(txn, key, (struct bytes){0}, true);
}

struct merge { /* a scan of the snapshot, with the overlay's keys put in between */
    const struct range *range;
    const struct change **wished;
    size_t count, next;
    txn_each_fn *fn;
    void *ctx;
    bool stopped;
};

/* Which comes first on the way. */
static int way(const struct range *range, struct bytes a, struct bytes b)
{
    return range->down ? bytes_order(b, a) : bytes_order(a, b);
}

static fallible tell_wished(struct merge *merge)
{
    const struct change *change = merge->wished[merge->next++];

    return change->value.at == NULL
               ? OK
               : merge->fn(merge->ctx, change->key, change->value, &merge->stopped);
}

/* The wished keys up to and with `key`; *told: `key` itself was among them. */
static fallible merge_up_to(struct merge *merge, struct bytes key, bool *told)
{
    while (merge->next < merge->count && !merge->stopped && !*told) {
        const int order = way(merge->range, merge->wished[merge->next]->key, key);

        if (order > 0)
            break;
        *told = order == 0;
        TRY(tell_wished(merge));
    }
    return OK;
}

static fallible merge_each(void *ctx, const struct item *item, bool *stop)
{
    struct merge *merge = ctx;
    bool told = false;

    TRY(merge_up_to(merge, item->key, &told));
    if (!told && !merge->stopped)
        TRY(merge->fn(merge->ctx, item->key, item->value, &merge->stopped));
    *stop = merge->stopped;
    return OK;
}

static bool on_the_way(const struct range *range, struct bytes key)
{
    return bytes_begins(key, range->prefix) &&
           (range->after.n == 0 || way(range, key, range->after) > 0);
}

/* The overlay's keys in the range, by insertion: a transaction writes few. */
static fallible merge_prepare(struct txn *txn, struct merge *merge)
{
    if (txn->change_count == 0)
        return OK;
    merge->wished = arena_get(txn->arena, txn->change_count * sizeof(struct change *));
    ENSURE(merge->wished != NULL, ARENA_SPENT);
    for (size_t i = 0; i < txn->change_count; i++) {
        const struct change *change = &txn->changes[i];
        size_t at = merge->count;

        if (!on_the_way(merge->range, change->key))
            continue;
        for (; at > 0 && way(merge->range, merge->wished[at - 1]->key, change->key) > 0; at--)
            merge->wished[at] = merge->wished[at - 1];
        merge->wished[at] = change;
        merge->count++;
    }
    return OK;
}

static fallible scan(struct txn *txn, const struct range *range, txn_each_fn *fn, void *ctx)
{
    struct merge merge = {.range = range, .fn = fn, .ctx = ctx};

    ENSURE(!fault_point() && txn->open, STORE_DOWN);
    ENSURE(range->prefix.n <= STORE_KEY_MOST && range->after.n <= STORE_KEY_MOST, STORE_KEY);
    TRY(merge_prepare(txn, &merge));
    TRY(txn->reader->engine->scan(txn->reader, range, merge_each, &merge));
    while (!merge.stopped && merge.next < merge.count)
        TRY(tell_wished(&merge));
    return OK;
}

fallible txn_scan(struct txn *txn, struct bytes prefix, struct bytes after, txn_each_fn *fn,
                  void *ctx)
{
    return scan(txn, &(struct range){prefix, after, false}, fn, ctx);
}

fallible txn_scan_down(struct txn *txn, struct bytes prefix, struct bytes before, txn_each_fn *fn,
                       void *ctx)
{
    return scan(txn, &(struct range){prefix, before, true}, fn, ctx);
}

void txn_forget_writes(struct txn *txn)
{
    txn->change_count = 0;
    txn->change_bytes = 0;
}

bool txn_has_writes(const struct txn *txn)
{
    return txn->change_count > 0;
}

fallible txn_number(struct txn *txn, uint64_t *number)
{
    ENSURE(!fault_point() && txn->open, STORE_DOWN);
    return txn->reader->engine->number(txn->reader, number);
}

fallible txn_pack(struct txn *txn, struct batch *batch)
{
    txn_end(txn);
    ENSURE(!fault_point(), STORE_DOWN);
    ENSURE(txn->guard_count <= STORE_GUARDS_MOST, STORE_TOO_MUCH);
    batch->guards = txn->guards;
    batch->guard_count = txn->guard_count;
    batch->changes = txn->changes;
    batch->change_count = txn->change_count;
    return OK;
}
