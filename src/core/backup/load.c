/* load: as many rows as a transaction takes, then a commit that waits for no disk; one wait at the
 * end. */
#include "core/backup/load.h"

#include "base/file.h"
#include "core/inventory.h"
#include "core/worker.h"
#include "store/drive.h"

enum { ARENA = 64 << 20, CHANGES = 1024, BYTES = 1 << 20 };

struct load {
    struct arena *arena; /* of all this; its end is of the rows that wait */
    struct arena_mark mark;
    const char *where;
    struct house house;
    struct scales *scales;
    struct call call;
    struct change changes[CHANGES];
    size_t n, bytes;
};

static fallible open_store(struct load *load, const struct load_plan *plan)
{
    struct engine_settings settings = {.where = bytes_of(load->where),
                                       .map_bytes = plan->map_bytes,
                                       .begins_after = plan->begins_after,
                                       .unsynced = true};

    TRY(scales_open(plan->keeper, &load->scales));
    settings.weigher = scales_weigher(load->scales);
    TRY(store_open(&engine_lmdb, &settings, &load->house.store));
    return worker_open(&load->house, NULL, &load->call.worker);
}

fallible load_open(const struct load_plan *plan, struct load **out)
{
    struct arena *arena = arena_open(ARENA);
    struct load *load = arena == NULL ? NULL : arena_new(arena, struct load);
    const struct fault *fault;

    if (load == NULL) {
        arena_close(arena);
        return ARENA_SPENT;
    }
    load->arena = load->call.arena = arena;
    load->where = file_text(arena, bytes_of(plan->where));
    load->house =
        (struct house){.keeper = plan->keeper, .account = plan->account, .region = plan->region};
    fault = load->where == NULL ? ARENA_SPENT : open_store(load, plan);
    if (fault != OK) {
        load_close(load);
        return fault;
    }
    load->mark = arena_mark(arena);
    *out = load;
    return OK;
}

static fallible commit(struct load *load)
{
    struct batch batch = {.changes = load->changes, .change_count = load->n};
    struct batch *const group[] = {&batch};

    if (load->n == 0)
        return OK;
    TRY(store_commit(load->house.store, group, 1, 0));
    load->n = load->bytes = 0;
    arena_rewind(load->arena, load->mark);
    return batch.outcome;
}

static fallible keep(struct load *load, struct bytes *text)
{
    *text = arena_copy(load->arena, *text);
    return text->at == NULL ? ARENA_SPENT : OK;
}

fallible load_put(struct load *load, const struct carried *carried)
{
    struct change *change;

    if (load->n == CHANGES || load->bytes + carried->body.n > BYTES)
        TRY(commit(load));
    change = &load->changes[load->n];
    TRY(carry_in(&load->call, carried, change));
    TRY(keep(load, &change->key));
    TRY(keep(load, &change->value));
    load->n++;
    load->bytes += change->key.n + change->value.n;
    return OK;
}

static void close_store(struct load *load)
{
    worker_close(load->call.worker);
    store_close(load->house.store);
    scales_close(load->scales);
    load->call.worker = NULL;
    load->house.store = NULL;
    load->scales = NULL;
}

fallible load_end(struct load *load)
{
    const char *file;

    TRY(commit(load));
    file = file_path(load->arena, load->where, "data.mdb");
    ENSURE(file != NULL, ARENA_SPENT);
    close_store(load);
    TRY(file_sync(file));
    return file_sync(load->where);
}

void load_close(struct load *load)
{
    if (load == NULL)
        return;
    close_store(load);
    arena_close(load->arena);
}
