/* latest: one number that only rises, until somebody says otherwise. */
#include "core/latest.h"

#include "core/worker.h"

void latest_raise(struct latest *latest, int64_t ms)
{
    int64_t before = atomic_load(&latest->ms);

    while (before < ms && !atomic_compare_exchange_weak(&latest->ms, &before, ms))
        continue;
}

int64_t latest_now(const struct call *c)
{
    const struct latest *latest = c->worker->house->latest;
    const int64_t ms = latest == NULL ? 0 : atomic_load(&latest->ms);

    return ms > c->now ? ms : c->now;
}

static fallible run(struct call *c, const void *in, void *out)
{
    struct latest *latest = c->worker->house->latest;

    (void)in;
    (void)out;
    if (latest == NULL)
        return OK;
    atomic_store(&latest->ms, c->now);
    atomic_store(&latest->accepted, true);
    return OK;
}

const struct operation clock_accept = {
    .name = "clock.accept",
    .action = "coffer:AcceptClock",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct nothing),
    .out_size = sizeof(struct nothing),
    .local = true,
    .run = run,
};
