/* journal: segments of chained records with signed checkpoints. One appender at a time (a lock);
 * digests are computed outside it. Files 0640, folder 0750. Layout in doc/journal.md. */
#pragma once

#include "base/arena.h"

#include <sys/types.h>

struct journal;
struct keeper;

extern const struct fault JOURNAL_FULL[1];    /* no space for another record: fail closed */
extern const struct fault JOURNAL_DOWN[1];    /* a write or sync failed */
extern const struct fault JOURNAL_DAMAGED[1]; /* the chain breaks before a torn tail */
extern const struct fault JOURNAL_HELD[1];    /* another process has this journal open */
extern const struct fault JOURNAL_GROUP[1];   /* it cannot be given to the settings' group */
extern const struct fault JOURNAL_TEXT[1]; /* ours: a record too long, or of more than one line */

enum { JOURNAL_SEGMENT = 64 << 20 };

struct journal_settings {
    struct bytes folder;
    int64_t segment_size; /* bytes; JOURNAL_SEGMENT unless set */
    /* Who may read it beside us: folder and files get this group; files are 0640 whatever the umask
     * was. NULL: as it is. Borrowed for as long as the journal is open. */
    const gid_t *group;
    /* synced before the reply; else written (survives the process, not the power) */
    bool strict;
};

fallible journal_open(const struct journal_settings *, struct keeper *, struct journal **);
/* Drains, checkpoints, syncs. NULL is fine. */
void journal_close(struct journal *);

/* One record to be appended: a JSON object on one line that ends inside its last member, the object
 * "coffer" (which holds something already): the journal adds sequence, commit number, chain and the
 * two closing braces. */
struct journal_record {
    struct bytes text;
    /* the commit that it tells of, never lower than the one before; 0: it tells of none */
    uint64_t commit;
    uint8_t digest[32]; /* the journal's own */
};

/* Appends them all in one write, or none; with `strict` also synced, in groups. From any thread. A
 * text longer than JOURNAL_TEXT_MOST: JOURNAL_TEXT. */
enum { JOURNAL_TEXT_MOST = 256 * 1024 };
fallible journal_append(struct journal *, struct journal_record records[], size_t n);

/* The same, but never synced: `*last` is the sequence of the last of them, and they are on the disk
 * once journal_synced tells as much. That may be later told (OK), or that it will never be (a
 * fault). */
fallible journal_write(struct journal *, struct journal_record records[], size_t n, uint64_t *last);
fallible journal_synced(const struct journal *, uint64_t *sequence);

/* For what happens once a second, on a thread that may wait for the disk (never a loop's): syncs
 * what was written, appends a checkpoint if anything was, preallocates the next segment. */
fallible journal_tick(struct journal *);

/* The root is about to be another: the journal's key vouches for the newest key of `next`, by which
 * it is signed from then on, beginning with what stands there already. On the disk when OK. `next`
 * outlives the journal. */
fallible journal_endorse(struct journal *, struct keeper *next);

/* Takes away the segments that were closed before `before_ms`, oldest first and at most 64 at a
 * time: never the one in use, nor one that no signed checkpoint vouches for. For each a record is
 * on the disk and signed first, by which verify knows the gap from a theft. A fault leaves files
 * that the next call finds again. As journal_tick: for a thread that may wait for the disk, one at
 * a time. */
fallible journal_retire(struct journal *, int64_t before_ms);

/* May a change be begun? OK; JOURNAL_FULL while no next segment can be had (reads go on);
 * JOURNAL_DOWN. */
fallible journal_writable(const struct journal *);

/* The last commit number in the journal and how many records carry it: what the outbox has beyond
 * that is missing. */
void journal_last_commit(struct journal *, uint64_t *number, uint64_t *records);

/* A checkpoint not handed out before, for the store (core/audit/outbox.c); false: none. */
struct journal_anchor {
    uint64_t sequence, commit;
    int64_t time; /* ms */
    uint8_t chain[32];
};
bool journal_take_anchor(struct journal *, struct journal_anchor *);

/* Every outbox row up to this commit number stands in the synced journal. */
uint64_t journal_synced_commit(const struct journal *);

/* How it stands, for /readyz and `coffer status`. */
struct journal_state {
    uint64_t sequence, anchored, synced_commit;
    bool degraded; /* no next segment could be had */
    const struct fault *down;
};
void journal_state(struct journal *, struct journal_state *);
