/* commit: the committer's thread: take what waits, commit it at once, send it home, again. */
#include "store/commit.h"

#include "base/faultpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A group is bounded so that its pages fit what LMDB keeps dirty, and a stop is not far away. */
enum { WAITING_USUAL = 4096, GROUP_MOST = 512, GROUP_BYTES = 2 << 20 };

struct committer {
    struct store *store;
    struct commit_hooks hooks;
    struct mailbox *inbox;
    size_t most;
    atomic_size_t waiting;
    atomic_bool stopping, down;
    _Atomic uint64_t groups, batches, again;
    struct batch *left; /* taken, but not in a group yet */
    struct batch *group[GROUP_MOST];
    pthread_t thread;
};

FAULT(COMMIT_BUSY, FAULT_AGAIN, "commit.busy", "Too many changes wait for the disk: try again.");

static size_t batch_bytes(const struct batch *batch)
{
    size_t bytes = batch->note.n;

    for (size_t i = 0; i < batch->change_count; i++)
        bytes += batch->changes[i].key.n + batch->changes[i].value.n;
    return bytes;
}

static size_t gather(struct committer *committer)
{
    size_t n = 0, bytes = 0;

    if (committer->left == NULL)
        committer->left = mailbox_take(committer->inbox);
    while (committer->left != NULL && n < GROUP_MOST && bytes < GROUP_BYTES) {
        struct batch *batch = committer->left;

        committer->left = batch->next;
        bytes += batch_bytes(batch);
        batch->next = NULL;
        batch->reruns = 0;
        committer->group[n++] = batch;
    }
    atomic_fetch_sub_explicit(&committer->waiting, n, memory_order_relaxed);
    return n;
}

static void count(struct committer *committer, size_t n)
{
    uint64_t again = 0;

    for (size_t i = 0; i < n; i++)
        again += committer->group[i]->reruns;
    atomic_fetch_add_explicit(&committer->groups, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&committer->batches, n, memory_order_relaxed);
    atomic_fetch_add_explicit(&committer->again, again, memory_order_relaxed);
}

static void commit_group(struct committer *committer, size_t n)
{
    const struct commit_hooks *hooks = &committer->hooks;
    const uint64_t synced = hooks->outbox_synced != NULL ? hooks->outbox_synced(hooks->ctx) : 0;
    const struct fault *fault = store_commit(committer->store, committer->group, n, synced);

    if (fault == STORE_DOWN)
        atomic_store(&committer->down, true);
    if (fault != OK && hooks->failed != NULL)
        hooks->failed(hooks->ctx, fault);
    if (fault == OK && hooks->committed != NULL)
        hooks->committed(hooks->ctx, committer->group, n);
    count(committer, n);
    for (size_t i = 0; i < n; i++)
        mailbox_put(committer->group[i]->home, committer->group[i]);
}

static void *committer_run(void *started)
{
    struct committer *committer = started;
    bool last = false;

    /* Stopping is looked at before the box: what came before the stop is in it by then. And once
     * more before sleep, since the look into the box may have taken the stop's ring. */
    while (!last) {
        size_t n;

        last = atomic_load(&committer->stopping);
        while ((n = gather(committer)) > 0)
            commit_group(committer, n);
        if (!atomic_load(&committer->stopping))
            committer->left = mailbox_wait(committer->inbox);
    }
    arena_forget_kept();
    return NULL;
}

static bool thread_start(struct committer *committer)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&committer->thread, NULL, committer_run, committer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

fallible committer_start(struct store *store, const struct commit_hooks *hooks, size_t most,
                         struct committer **out)
{
    struct committer *committer = fault_point() ? NULL : calloc(1, sizeof(struct committer));

    ENSURE(committer != NULL, STORE_MEMORY);
    committer->store = store;
    committer->hooks = *hooks;
    committer->most = most == 0 ? WAITING_USUAL : most;
    if (mailbox_open(&committer->inbox) != OK || !thread_start(committer)) {
        mailbox_close(committer->inbox);
        free(committer);
        return STORE_MEMORY;
    }
    *out = committer;
    return OK;
}

fallible committer_submit(struct committer *committer, struct batch *batch)
{
    ENSURE(!atomic_load(&committer->down) && !atomic_load(&committer->stopping), STORE_DOWN);
    ENSURE(!fault_point(), COMMIT_BUSY);
    if (atomic_fetch_add_explicit(&committer->waiting, 1, memory_order_relaxed) >=
        committer->most) {
        atomic_fetch_sub_explicit(&committer->waiting, 1, memory_order_relaxed);
        return COMMIT_BUSY;
    }
    mailbox_put(committer->inbox, batch);
    return OK;
}

void committer_stop(struct committer *committer)
{
    if (committer == NULL)
        return;
    atomic_store(&committer->stopping, true);
    mailbox_wake(committer->inbox);
    pthread_join(committer->thread, NULL);
    mailbox_close(committer->inbox);
    free(committer);
}

struct commit_figures committer_figures(struct committer *committer)
{
    return (struct commit_figures){atomic_load(&committer->groups),
                                   atomic_load(&committer->batches),
                                   atomic_load(&committer->again)};
}
