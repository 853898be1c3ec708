/* store_kit: the steps. What must not fail in any test ends the program here. */
#include "support/store_kit.h"

#include <stdlib.h>

static void must(const struct fault *fault)
{
    if (fault != OK)
        abort();
}

static void kit_start(struct kit *kit)
{
    must(store_open(kit->engine, &kit->settings, &kit->store));
    must(store_reader(kit->store, &kit->reader));
}

void kit_open(struct kit *kit, const struct engine *engine, size_t map_bytes)
{
    *kit = (struct kit){.engine = engine};
    scratch_make(kit->where);
    kit->settings = (struct engine_settings){.where = bytes_of(kit->where),
                                             .map_bytes = map_bytes != 0 ? map_bytes : KIT_MAP};
    kit->arena = arena_open(KIT_ARENA);
    kit_start(kit);
}

void kit_reopen(struct kit *kit)
{
    store_close(kit->store);
    kit_start(kit);
}

void kit_close(struct kit *kit)
{
    arena_close(kit->arena);
    store_close(kit->store);
    scratch_remove(kit->where);
    arena_forget_kept();
}

struct txn *kit_begin(struct kit *kit)
{
    struct txn *txn = NULL;

    must(store_begin(kit->reader, kit->arena, &txn));
    return txn;
}

struct batch *kit_batch(struct kit *kit)
{
    struct batch *batch = arena_new(kit->arena, struct batch);

    if (batch == NULL)
        abort();
    return batch;
}

struct batch *kit_packed(struct kit *kit, struct txn *txn)
{
    struct batch *batch = kit_batch(kit);

    must(txn_pack(txn, batch));
    return batch;
}

const struct fault *kit_commit(struct kit *kit, struct batch *batch)
{
    struct batch *const group[] = {batch};
    const struct fault *whole = store_commit(kit->store, group, 1, 0);

    return whole != OK ? whole : batch->outcome;
}

const struct fault *kit_put(struct kit *kit, const char *key, const char *value)
{
    struct txn *txn = kit_begin(kit);

    must(txn_put(txn, bytes_of(key), bytes_of(value)));
    return kit_commit(kit, kit_packed(kit, txn));
}

const struct fault *kit_drop(struct kit *kit, const char *key)
{
    struct txn *txn = kit_begin(kit);

    must(txn_drop(txn, bytes_of(key)));
    return kit_commit(kit, kit_packed(kit, txn));
}

struct bytes kit_get(struct kit *kit, const char *key)
{
    struct txn *txn = kit_begin(kit);
    struct bytes value = {0};
    const struct fault *fault = txn_get(txn, bytes_of(key), &value);

    if (fault != STORE_ABSENT)
        must(fault);
    txn_end(txn);
    return value;
}
