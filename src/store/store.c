/* store: an engine, opened. */
#include "base/faultpoint.h"
#include "store/drive.h"
#include "store/weigh.h"

#include <stdlib.h>
#include <string.h>

struct store {
    const struct engine *engine;
    struct engine_state *state;
};

/* clang-format off */
FAULT(STORE_ABSENT, FAULT_ABSENT, "store.absent", "There is nothing under this key.");
FAULT(STORE_CONFLICT, FAULT_AGAIN, "store.conflict", "What this request rests on was changed by another at the same time.");
FAULT(STORE_DOWN, FAULT_AGAIN, "store.down", "The disk failed: the store takes and answers nothing more until the server was restarted.");
FAULT(STORE_FULL, FAULT_AGAIN, "store.full", "The store's disk, or the size set for the store, is full.");
FAULT(STORE_KEY, FAULT_INTERNAL, "store.key", "A key is empty, longer than 511 bytes, or the store's own.");
FAULT(STORE_TOO_MUCH, FAULT_LIMIT, "store.too-much", "The request changes more than one transaction may.");
FAULT(STORE_DAMAGED, FAULT_INTERNAL, "store.damaged", "The store's file is damaged: restore a backup.");
FAULT(STORE_HELD, FAULT_STATE, "store.held", "Another process has this data folder open: stop the server first, if it is one.");
FAULT(STORE_NEWER, FAULT_STATE, "store.newer", "This store was written by a newer Coffer: start that one.");
FAULT(STORE_OLDER, FAULT_STATE, "store.older", "This data folder was written by an older Coffer, in a form from before the first release that is no longer read: make a new one with coffer init.");
FAULT(STORE_NETWORK, FAULT_STATE, "store.network", "The data folder lies on a network file system, whose locks and syncs cannot be trusted: use a local disk.");
FAULT(STORE_PLACE, FAULT_STATE, "store.place", "The data folder cannot be made or used: look at its parent and its permissions.");
FAULT(STORE_FOREIGN, FAULT_STATE, "store.foreign", "The data folder holds a database that Coffer did not write.");
FAULT(STORE_MEMORY, FAULT_AGAIN, "store.memory", "No memory or address space is left for the store.");
FAULT(STORE_READERS, FAULT_AGAIN, "store.readers", "More readers were opened than the settings allow.");
FAULT(STORE_UNWEIGHED, FAULT_STATE, "store.unweighed", "The store's sum over its records is missing, or is not that of its last commit: somebody changed the file. Look into that first; coffer server --accept-rollback takes it as it is.");
/* clang-format on */

fallible store_open(const struct engine *engine, const struct engine_settings *settings,
                    struct store **out)
{
    struct store *store = fault_point() ? NULL : calloc(1, sizeof(struct store));
    const struct fault *fault;

    ENSURE(store != NULL, STORE_MEMORY);
    store->engine = engine;
    fault = engine->open(settings, &store->state);
    if (fault != OK) {
        free(store);
        return fault;
    }
    *out = store;
    return OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store->engine->close(store->state);
    free(store);
}

fallible store_reader(struct store *store, struct reader **out)
{
    return store->engine->reader(store->state, out);
}

fallible store_commit(struct store *store, struct batch *const group[], size_t batches,
                      uint64_t outbox_synced)
{
    return store->engine->commit(store->state, group, batches, outbox_synced);
}

static fallible verify(struct reader *reader, engine_each_fn *each, void *ctx,
                       struct store_verdict *out)
{
    const struct weigher *weigher;
    struct sum kept, counted;

    TRY(reader->engine->number(reader, &out->number));
    TRY(reader->engine->weighed(reader, &weigher, &kept));
    TRY(sum_all(reader, weigher, each, ctx, &counted));
    out->fits = memcmp(&kept, &counted, sizeof kept) == 0;
    return OK;
}

fallible store_verify(struct reader *reader, engine_each_fn *each, void *ctx,
                      struct store_verdict *out)
{
    const struct fault *fault;

    ENSURE(reader->engine->weighed != NULL, STORE_UNWEIGHED);
    TRY(reader->engine->look(reader));
    fault = verify(reader, each, ctx, out);
    reader->engine->done(reader);
    return fault;
}

fallible store_figures(struct store *store, struct engine_figures *out)
{
    return store->engine->describe(store->state, out);
}

struct used store_used(struct store *store, struct bytes owner)
{
    return store->engine->used(store->state, owner);
}

fallible store_copy(struct store *store, struct bytes where)
{
    return store->engine->copy(store->state, where);
}
