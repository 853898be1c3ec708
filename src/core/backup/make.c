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

struct making {
    struct call call;
    struct arena_mark mark;
    struct backup_writer *writer;
    const struct backup_plan *plan;
    uint64_t count;
};

static fallible make_one(void *ctx, const struct item *item, bool *stop)
{
    struct making *making = ctx;
    struct carried carried;
    const struct fault *fault = carry_out(&making->call, item, &carried);

    *stop = false;
    ENSURE(making->plan->stop == NULL || !atomic_load(making->plan->stop), BACKUP_STOPPED);
    ENSURE(fault != RECORD_DAMAGED && fault != KEEPER_REFUSED && fault != KEEPER_SEALED,
           BACKUP_UNSOUND);
    TRY(fault);
    TRY(backup_put(making->writer, &carried));
    arena_rewind(making->call.arena, making->mark);
    if (making->plan->items != NULL)
        atomic_fetch_add_explicit(making->plan->items, 1, memory_order_relaxed);
    if (++making->count % TOLD_EACH == 0 && making->plan->told != NULL)
        making->plan->told(making->plan->ctx, making->count);
    return OK;
}

static fallible walk(struct making *making, const struct house *house, struct backup_tail *tail)
{
    struct store_verdict verdict;
    const struct fault *fault;

    TRY(keeper_journal_public(house->keeper, house->keeper->generation, tail->journal));
    TRY(worker_open(house, NULL, &making->call.worker));
    fault = store_verify(making->call.worker->reader, make_one, making, &verdict);
    worker_close(making->call.worker);
    TRY(fault);
    ENSURE(verdict.fits, BACKUP_UNSOUND);
    tail->commit = verdict.number;
    return backup_end(making->writer, tail);
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
    struct making making = {.plan = plan};
    struct house with = *house;
    const struct fault *fault;

    TRY(backup_begin(arena, fd, house->keeper, &head, &with.keeper, &making.writer));
    making.call.arena = arena_open(ARENA);
    making.mark = arena_mark(making.call.arena);
    fault = making.call.arena == NULL ? ARENA_SPENT : walk(&making, &with, tail);
    arena_close(making.call.arena);
    keeper_close(with.keeper);
    return fault;
}

fallible backup_make(const struct house *house, const struct backup_plan *plan, int fd,
                     struct backup_tail *tail)
{
    struct arena *arena = arena_open(ARENA);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : make(arena, house, plan, fd, tail);

    arena_close(arena);
    return fault;
}
