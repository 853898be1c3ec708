/* make: one walk over one snapshot, which is held against the store's sum on the way. */
#include "core/backup/backup.h"

#include "base/clock.h"
#include "core/record.h"
#include "core/worker.h"
#include "keeper/keeper.h"
#include "store/drive.h"

FAULT(BACKUP_UNSOUND, FAULT_STATE, "backup.unsound",
      "The store is not what its last commit left, or a record in it does not open: no backup was "
      "made of it. Stop the server and run coffer verify.");

FAULT(BACKUP_STOPPED, FAULT_AGAIN, "backup.stopped", "The server ends: no backup was made.");

enum { ARENA = 64 << 20, TOLD_EACH = 1024 };

struct walking {
    struct call call;
    struct arena_mark mark;
    struct backup_walk *walk;
};

static void count(struct backup_walk *walk)
{
    walk->items++;
    if (walk->count != NULL)
        atomic_store_explicit(walk->count, walk->items, memory_order_relaxed);
    if (walk->told != NULL && walk->items % TOLD_EACH == 0)
        walk->told(walk->told_ctx, walk->items);
}

static fallible walk_one(void *ctx, const struct item *item, bool *stop)
{
    struct walking *w = ctx;
    struct carried carried;
    const struct fault *fault;

    *stop = false;
    ENSURE(w->walk->stop == NULL || !atomic_load(w->walk->stop), BACKUP_STOPPED);
    fault = carry_out(&w->call, item, &carried);
    ENSURE(fault != RECORD_DAMAGED && fault != KEEPER_REFUSED && fault != KEEPER_SEALED,
           BACKUP_UNSOUND);
    TRY(fault);
    TRY(w->walk->each(w->walk->ctx, &carried));
    arena_rewind(w->call.arena, w->mark);
    count(w->walk);
    return OK;
}

static fallible walk_all(struct walking *w, const struct house *house, uint64_t *commit)
{
    struct store_verdict verdict;
    const struct fault *fault;

    w->mark = arena_mark(w->call.arena);
    TRY(worker_open(house, NULL, &w->call.worker));
    fault = store_verify(w->call.worker->reader, walk_one, w, &verdict);
    worker_close(w->call.worker);
    TRY(fault);
    *commit = verdict.number;
    return verdict.fits ? OK : BACKUP_UNSOUND;
}

fallible backup_walk(const struct house *house, struct backup_walk *walk, uint64_t *commit)
{
    struct walking w = {.call = {.arena = arena_open(ARENA)}, .walk = walk};
    const struct fault *fault = w.call.arena == NULL ? ARENA_SPENT : walk_all(&w, house, commit);

    arena_close(w.call.arena);
    return fault;
}

fallible backup_commit_of(const struct house *house, uint64_t *commit)
{
    struct engine_figures figures;

    TRY(store_figures(house->store, &figures));
    *commit = figures.number;
    return OK;
}

/* --- a backup --- */

static fallible put_one(void *ctx, const struct carried *carried)
{
    return backup_put(ctx, carried);
}

/* The records are opened under a keeper that has the backup's root, too. */
static fallible make(struct arena *arena, const struct house *house, const struct backup_plan *plan,
                     int fd, struct backup_tail *tail)
{
    struct backup_head head = {.account = house->account,
                               .region = house->region,
                               .time = clock_now_ms(),
                               .seal = plan->seal,
                               .who = plan->to};
    struct backup_walk walk = {.each = put_one,
                               .told = plan->told,
                               .told_ctx = plan->ctx,
                               .stop = plan->stop,
                               .count = plan->items};
    struct house with = *house;
    struct backup_writer *writer;
    const struct fault *fault;

    TRY(keeper_journal_public(house->keeper, house->keeper->generation, tail->journal));
    TRY(backup_begin(arena, fd, house->keeper, &head, &with.keeper, &writer));
    walk.ctx = writer;
    fault = backup_walk(&with, &walk, &tail->commit);
    keeper_close(with.keeper);
    TRY(fault);
    return backup_end(writer, tail);
}

fallible backup_make(const struct house *house, const struct backup_plan *plan, int fd,
                     struct backup_tail *tail)
{
    struct arena *arena = arena_open(ARENA);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : make(arena, house, plan, fd, tail);

    arena_close(arena);
    return fault;
}
