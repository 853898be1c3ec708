/* outbox: how the records of changes get from the store into the journal, each exactly once. A
 * change's record is a row o/<commit number>, sealed, written in the same step; after the commit it
 * is appended to the journal; the row goes in a later commit, once the journal was synced past it.
 * What a crash left behind is appended at start. */
#pragma once

#include "core/audit/journal.h"
#include "core/worker.h"
#include "store/commit.h"

struct call;

extern const struct fault STORE_ROLLED_BACK[1]; /* older than its journal: somebody put it back */
extern const struct fault JOURNAL_CUT[1];       /* lacks a checkpoint that the store remembers */
extern const struct fault OUTBOX_DAMAGED[1];    /* a row that waits was altered */

/* A change's record as the store is to keep it until it stands in the journal: sealed under the
 * house's record key. A text without bytes (at NULL) gives a row without. */
fallible outbox_seal(struct call *, struct bytes text, struct bytes *row);

/* At start, before the first request, on any worker of a house that has store and journal: holds
 * the two against each other, then appends what the journal lacks. `accept` takes a store that was
 * rolled back or a journal that was cut, and records that it did, and that the store's sum was
 * counted anew, whatever it was before. */
fallible outbox_recover(struct worker *, bool accept);

/* The hooks for committer_start, over the committer's own worker (house->committing). */
struct commit_hooks outbox_hooks(struct worker *committing);

/* After a commit without a committer: the same that the hook does. */
fallible outbox_committed(struct worker *, struct batch *const group[], size_t n);

/* The newest checkpoint that the store remembers, read in a snapshot of its own; all zero: none.
 * Its time is for due_clock_start. */
fallible outbox_anchor(struct worker *, struct journal_anchor *);
