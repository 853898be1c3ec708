/* journal: segments of chained records with signed checkpoints. One appender at a time (a lock); digests are computed
 * outside it. Files 0640, folder 0750. Layout in doc/journal.md. */
#pragma once

#include "base/arena.h"

struct journal;
struct keeper;

extern const struct fault JOURNAL_FULL[1];    /* no space for another record: fail closed */
extern const struct fault JOURNAL_DOWN[1];    /* a write or sync failed */
extern const struct fault JOURNAL_DAMAGED[1]; /* at opening: the chain does not hold before the torn tail */

struct journal_settings {
    struct bytes folder;
    int64_t segment_size; /* bytes; 64 MiB unless set */
    bool strict;          /* synced before the reply; else written (survives the process, not the power) */
};

fallible journal_open(const struct journal_settings *, struct keeper *, struct journal **);
/* Drains, checkpoints, syncs. NULL is fine. */
void journal_close(struct journal *);

/* Appends records (whole JSON objects without their closing brace; the journal adds sequence, chain and brace), all in
 * one write; with `strict` also synced, in groups. */
fallible journal_append(struct journal *, const struct bytes records[], size_t n);

/* For what happens once a second: sync what was written, checkpoint, preallocate the next segment. */
fallible journal_tick(struct journal *);

/* Every outbox row up to this commit number stands in the synced journal. */
uint64_t journal_synced_commit(const struct journal *);

/* How it stands, for /readyz and `coffer status`. */
struct journal_state {
    uint64_t sequence, anchored, synced_commit;
    bool degraded; /* no next segment could be had */
    const struct fault *down;
};
void journal_state(const struct journal *, struct journal_state *);
