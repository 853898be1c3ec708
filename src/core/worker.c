/* worker: what one thread has of its own, opened and closed. */
#include "core/worker.h"

#include "core/audit/syncer.h"
#include "core/audit/tally.h"
#include "core/audit/turn.h"
#include "core/marks_own.h"
#include "core/rate.h"
#include "core/record_keys.h"
#include "store/drive.h"

#include <stdlib.h>

enum { CACHES_MOST = 64 << 20 };

static fallible furnish(struct worker *worker)
{
    worker->arena = arena_open(CACHES_MOST);
    ENSURE(worker->arena != NULL, ARENA_SPENT);
    TRY(store_reader(worker->house->store, &worker->reader));
    TRY(record_keys_open(&worker->record_keys));
    TRY(turn_open(&worker->turn));
    worker->guesses = worker->house->guesses;
    if (worker->guesses == NULL)
        TRY(tally_open(&worker->guesses));
    TRY(rates_new(worker->arena, &worker->rates));
    TRY(rates_new(worker->arena, &worker->account_rates));
    return marks_open(&worker->marks);
}

fallible worker_open(const struct house *house, struct mailbox *home, struct worker **out)
{
    struct worker *worker = calloc(1, sizeof *worker);
    const struct fault *fault;

    ENSURE(worker != NULL, ARENA_SPENT);
    worker->house = house;
    worker->home = home;
    fault = furnish(worker);
    if (fault != OK) {
        worker_close(worker);
        return fault;
    }
    *out = worker;
    return OK;
}

void worker_close(struct worker *worker)
{
    if (worker == NULL)
        return;
    if (worker->house->syncer != NULL)
        syncer_forget(worker->house->syncer, worker->home);
    arena_close(worker->arena);
    marks_close(worker->marks);
    turn_close(worker->turn);
    if (worker->guesses != worker->house->guesses)
        tally_close(worker->guesses);
    record_keys_close(worker->record_keys);
    free(worker);
}

void worker_forget(struct worker *worker)
{
    worker->forgotten++;
}

void worker_tick(struct worker *worker, int64_t now)
{
    struct tally_sum sum;

    turn_add_sums(worker, now);
    while (tally_next_sum(worker->guesses, now, &sum))
        continue; /* only so that its place is free again */
    marks_flush(worker, now);
}

bool worker_keeps(struct worker *worker, struct batch *batch)
{
    return marks_came_home(worker, batch);
}
