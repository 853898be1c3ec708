/* syncer: a list of who waits, and a thread that syncs for the last of them. */
#include "core/audit/syncer.h"

#include "core/audit/journal_own.h"

#include <signal.h>
#include <stdlib.h>

struct waiting {
    struct mailbox *home;
    uint64_t first, last; /* of what it waits for */
};

struct syncer {
    struct journal *journal;
    pthread_t thread;
    pthread_mutex_t
        lock; /* over all below; a home is woken under it, so that it can be forgotten */
    pthread_cond_t asked;
    struct waiting waiting[SYNCER_HOMES];
    size_t n;
    bool ending;
};

FAULT(SYNCER_THREAD, FAULT_AGAIN, "syncer.thread",
      "The system cannot give a thread for the journal.");

static uint64_t last_asked(const struct syncer *syncer)
{
    uint64_t last = 0;

    for (size_t i = 0; i < syncer->n; i++)
        last = syncer->waiting[i].last > last ? syncer->waiting[i].last : last;
    return last;
}

/* Who asked for more meanwhile is woken for what is safe, and stays on the list for the rest. */
static void wake_until(struct syncer *syncer, uint64_t sequence)
{
    size_t left = 0;

    for (size_t i = 0; i < syncer->n; i++) {
        struct waiting *at = &syncer->waiting[i];

        if (at->first <= sequence) {
            mailbox_wake(at->home);
            at->first = sequence + 1;
        }
        if (at->last > sequence)
            syncer->waiting[left++] = *at;
    }
    syncer->n = left;
}

static void *run(void *ctx)
{
    struct syncer *syncer = ctx;

    pthread_mutex_lock(&syncer->lock);
    while (!syncer->ending || syncer->n > 0) {
        const uint64_t sequence = last_asked(syncer);
        const struct fault *fault;

        if (syncer->n == 0) {
            pthread_cond_wait(&syncer->asked, &syncer->lock);
            continue;
        }
        pthread_mutex_unlock(&syncer->lock);
        fault = journal_sync(syncer->journal, sequence);
        pthread_mutex_lock(&syncer->lock);
        wake_until(syncer, fault == OK ? sequence : UINT64_MAX);
    }
    pthread_mutex_unlock(&syncer->lock);
    return NULL;
}

fallible syncer_start(struct journal *journal, struct syncer **out)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    sigset_t all, before;
    int failed;

    ENSURE(syncer != NULL, SYNCER_THREAD);
    syncer->journal = journal;
    pthread_mutex_init(&syncer->lock, NULL);
    pthread_cond_init(&syncer->asked, NULL);
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&syncer->thread, NULL, run, syncer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        free(syncer);
        return SYNCER_THREAD;
    }
    *out = syncer;
    return OK;
}

void syncer_stop(struct syncer *syncer)
{
    if (syncer == NULL)
        return;
    pthread_mutex_lock(&syncer->lock);
    syncer->ending = true;
    pthread_cond_signal(&syncer->asked);
    pthread_mutex_unlock(&syncer->lock);
    pthread_join(syncer->thread, NULL);
    pthread_cond_destroy(&syncer->asked);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
}

static struct waiting *place_of(struct syncer *syncer, const struct mailbox *home)
{
    for (size_t i = 0; i < syncer->n; i++)
        if (syncer->waiting[i].home == home)
            return &syncer->waiting[i];
    return NULL;
}

void syncer_ask(struct syncer *syncer, uint64_t sequence, struct mailbox *home)
{
    struct waiting *place;

    pthread_mutex_lock(&syncer->lock);
    place = place_of(syncer, home);
    if (place != NULL) {
        place->last = sequence;
    } else if (syncer->n < SYNCER_HOMES) {
        syncer->waiting[syncer->n++] = (struct waiting){home, sequence, sequence};
    }
    pthread_cond_signal(&syncer->asked);
    pthread_mutex_unlock(&syncer->lock);
}

void syncer_forget(struct syncer *syncer, const struct mailbox *home)
{
    struct waiting *place;

    pthread_mutex_lock(&syncer->lock);
    place = place_of(syncer, home);
    if (place != NULL)
        *place = syncer->waiting[--syncer->n];
    pthread_mutex_unlock(&syncer->lock);
}
