/* change: opens the store, runs, commits, closes. */
#include "admin/change.h"

#include "base/clock.h"
#include "base/file.h"
#include "core/identity/identity.h"
#include "core/inventory.h"
#include "core/worker.h"
#include "store/drive.h"

struct changing {
    fallible (*fn)(struct call *, void *ctx);
    void *ctx;
};

static fallible commit(struct call *c, struct store *store, const struct changing *changing)
{
    struct batch batch = {0}, *group[] = {&batch};
    const struct fault *fault;

    TRY(store_begin(c->worker->reader, c->arena, &c->txn));
    fault = changing->fn(c, changing->ctx);
    if (fault != OK || !txn_has_writes(c->txn)) {
        txn_end(c->txn);
        return fault;
    }
    TRY(txn_pack(c->txn, &batch));
    TRY(store_commit(store, group, 1, 0));
    return batch.outcome;
}

static fallible run(struct arena *arena, const struct house *house, const struct changing *changing)
{
    const struct principal self = {.type = PRINCIPAL_COFFER,
                                   .arn = LIT("arn:coffer:local::self"),
                                   .id = LIT("self"),
                                   .name = LIT("coffer"),
                                   .account = house->account};
    struct call call = {.arena = arena,
                        .partition = LIT("aws"),
                        .account = house->account,
                        .region = house->region,
                        .who = &self,
                        .peer = &self,
                        .now = clock_now_ms()};
    const struct fault *fault;

    TRY(worker_open(house, NULL, &call.worker));
    fault = commit(&call, house->store, changing);
    worker_close(call.worker);
    return fault;
}

fallible change_folder(struct arena *arena, const struct change_plan *plan,
                       fallible (*fn)(struct call *, void *ctx), void *ctx)
{
    const struct changing changing = {fn, ctx};
    struct house house = {.keeper = plan->keeper, .account = plan->account, .region = plan->region};
    const char *where = file_path(arena, plan->folder, "store");
    struct engine_settings settings = {.where = bytes_of(where)};
    struct scales *scales;
    const struct fault *fault;

    ENSURE(where != NULL, ARENA_SPENT);
    TRY(scales_open(plan->keeper, &scales));
    settings.weigher = scales_weigher(scales);
    fault = store_open(&engine_lmdb, &settings, &house.store);
    if (fault == OK)
        fault = run(arena, &house, &changing);
    store_close(house.store);
    scales_close(scales);
    return fault;
}
