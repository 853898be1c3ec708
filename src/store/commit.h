/* commit: the committer. One thread that makes what waits one group, one engine commit and so one
 * wait for the disk; meanwhile the next group gathers. No deliberate delay. */
#pragma once

#include "store/drive.h"

struct committer;

extern const struct fault COMMIT_BUSY[1]; /* too many wait already: the request may come again */

/* All are called by the committer's thread; NULL: not wanted. */
struct commit_hooks {
    void *ctx;
    /* The group is durable; its batches have not gone home yet: append the notes of those whose
     * outcome is OK and number is not 0, in this order. May set an outcome (the journal failed). */
    void (*committed)(void *ctx, struct batch *const group[], size_t n);
    /* The group failed as a whole, with this fault as every outcome: caches filled inside it saw
     * what was never committed. After STORE_DOWN the process has to end. */
    void (*failed)(void *ctx, const struct fault *);
    /* The last commit number whose note lies in the synced journal; asked once a group. */
    uint64_t (*outbox_synced)(void *ctx);
};

struct commit_figures {
    uint64_t groups, batches, again; /* since the start; `again`: batches that were re-run */
};

/* `most`: batches that may wait at once (0: 4,096). The store outlives the committer. */
fallible committer_start(struct store *, const struct commit_hooks *, size_t most,
                         struct committer **);

/* From any thread. OK: the batch and its arena belong to the committer until the batch is found in
 * its `home`, which is set. COMMIT_BUSY, STORE_DOWN: it was not taken, and never left the
 * caller. */
fallible committer_submit(struct committer *, struct batch *);

/* Drains what was submitted, sends it home, ends the thread. Not before the last submit returned.
 * NULL is fine. */
void committer_stop(struct committer *);

struct commit_figures committer_figures(struct committer *);
