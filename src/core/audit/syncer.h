/* syncer: with `audit = strict` nobody is answered before his record is on the disk. A loop does
 * not wait there: this thread does, for all of them, and wakes those whose records are safe. What
 * comes while it waits is the next group. */
#pragma once

#include "core/audit/journal.h"
#include "store/mailbox.h"

enum { SYNCER_HOMES = 512 }; /* mailboxes that may wait at once: more than there can be loops */

struct syncer;

extern const struct fault SYNCER_THREAD[1]; /* no memory, no thread: start-up only */

/* Stopped before the journal is closed, after the last who asked; NULL is fine. */
fallible syncer_start(struct journal *, struct syncer **);
void syncer_stop(struct syncer *);

/* Wakes `home` once the journal is synced up to `sequence`, or is down: journal_synced says which.
 * From any thread. */
void syncer_ask(struct syncer *, uint64_t sequence, struct mailbox *home);

/* Wakes it no more: before the mailbox is closed. */
void syncer_forget(struct syncer *, const struct mailbox *home);
