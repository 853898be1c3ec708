/* timers: a thread that sleeps on a condition, so that it can be told to end at once. */
#include "server/timers.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/date.h"
#include "core/audit/journal.h"
#include "core/audit/outbox.h"
#include "core/due.h"
#include "core/latest.h"
#include "core/secrets/due.h"
#include "net/tls.h"
#include "server/server.h"
#include "store/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static const int64_t RETIRE_EVERY_NS = INT64_C(3600) * 1000 * 1000 * 1000;

struct timers {
    struct watch *watch;
    struct tls *tls;
    struct mailbox *home;
    struct worker *worker;
    struct due_runner due;
    int64_t retire_ns; /* when the journal is next looked through; 0: at the first chance */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool ending;
};

/* True after about a second; false when it is time to end. */
static bool sleep_a_second(struct timers *t)
{
    struct timespec until;
    bool go_on;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    (void)pthread_mutex_lock(&t->lock);
    while (!t->ending && pthread_cond_timedwait(&t->woken, &t->lock, &until) == 0)
        continue;
    go_on = !t->ending;
    (void)pthread_mutex_unlock(&t->lock);
    return go_on;
}

static void tell(const char *what, const struct fault *fault)
{
    if (fault != OK)
        LOG(LOG_ERROR, "timer.failed", F("what", bytes_of(what)), F("fault", fault));
}

/* While the clock is in doubt it says nothing of how late it is. */
static void look_at_clock(struct timers *t)
{
    struct latest *latest = t->watch->house->latest;

    if (atomic_exchange(&latest->accepted, false)) {
        due_clock_accept(&t->due.clock, clock_now_ms(), clock_monotonic_ns());
        LOG(LOG_NOTICE, "clock.accepted", F("ms", clock_now_ms()));
    }
    t->watch->clock_doubt =
        !due_clock_sure(&t->due.clock, clock_now_ms(), clock_monotonic_ns()) && t->due.clock.doubt;
    if (!t->due.clock.doubt)
        latest_raise(latest, clock_now_ms());
}

static void run_due(struct timers *t)
{
    size_t done = DUE_TURN_MOST;

    look_at_clock(t);
    while (done == DUE_TURN_MOST) {
        const struct fault *fault = due_run(t->worker, &secret_due_purge, 1, &t->due, &done);

        tell("due", fault);
        if (fault != OK)
            return;
    }
}

/* By the clock that purges secrets, too: what is deleted does not come back. */
static void retire(struct timers *t)
{
    const struct house *house = t->watch->house;
    const int64_t now_ms = clock_now_ms(), now_ns = clock_monotonic_ns();

    if (house->journal_days == 0 || now_ns < t->retire_ns ||
        !due_clock_sure(&t->due.clock, now_ms, now_ns))
        return;
    t->retire_ns = now_ns + RETIRE_EVERY_NS;
    tell("retire",
         journal_retire(house->journal, now_ms - (int64_t)house->journal_days * DATE_DAY_MS));
}

static void *run(void *ctx)
{
    struct timers *t = ctx;

    while (sleep_a_second(t)) {
        tell("journal", journal_tick(t->watch->house->journal));
        run_due(t);
        retire(t);
        if (t->tls != NULL)
            tell("tickets", tls_rotate(t->tls));
    }
    arena_forget_kept();
    return NULL;
}

static fallible prepare(struct timers *t)
{
    pthread_condattr_t monotonic;
    struct journal_anchor anchor;

    TRY(mailbox_open(&t->home));
    TRY(worker_open(t->watch->house, t->home, &t->worker));
    TRY(outbox_anchor(t->worker, &anchor));
    due_clock_start(&t->due.clock, anchor.time, clock_now_ms(), clock_monotonic_ns());
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&t->woken, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return pthread_create(&t->thread, NULL, run, t) == 0 ? OK : SERVER_SYSTEM;
}

static void discard(struct timers *t)
{
    worker_close(t->worker);
    mailbox_close(t->home);
    free(t);
}

fallible timers_start(struct watch *watch, struct tls *tls, struct timers **out)
{
    struct timers *t = calloc(1, sizeof *t);
    const struct fault *fault;

    *out = NULL;
    ENSURE(t != NULL, SERVER_SYSTEM);
    t->watch = watch;
    t->tls = tls;
    fault = prepare(t);
    if (fault != OK)
        discard(t);
    else
        *out = t;
    return fault;
}

void timers_stop(struct timers *t)
{
    if (t == NULL)
        return;
    (void)pthread_mutex_lock(&t->lock);
    t->ending = true;
    (void)pthread_cond_signal(&t->woken);
    (void)pthread_mutex_unlock(&t->lock);
    (void)pthread_join(t->thread, NULL);
    (void)pthread_cond_destroy(&t->woken);
    (void)pthread_mutex_destroy(&t->lock);
    discard(t);
}
