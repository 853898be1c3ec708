/* journal_own: what the journal's own files share; nobody else includes it. */
#pragma once

#include "core/audit/checkpoint.h"
#include "core/audit/segment.h"

#include <pthread.h>
#include <stdatomic.h>

/* Where the chain stands. Copied before a write, put back when it fails. */
struct head {
    uint64_t sequence; /* of the last record; 0: none yet */
    uint8_t chain[CHAIN_SIZE];
    uint64_t commit, commit_records;
    int64_t size; /* of the segment, in bytes */
};

struct journal {
    struct keeper *keeper;
    int64_t segment_size;
    bool strict;
    const gid_t *group; /* the settings' */
    int folder;

    pthread_mutex_t lock; /* over all down to `staging` */
    struct head head;
    int fd;          /* the segment that is written; -1: none yet */
    bool ended;      /* it has its footer: the next record begins a new one */
    int before;      /* the segment before, not synced yet; -1: none */
    bool folder_new; /* a segment was begun since the folder was last synced */
    struct journal_anchor anchor;
    bool anchor_taken;
    uint8_t *staging;
    size_t staged;

    pthread_mutex_t syncing; /* one at a time; taken before `lock` */
    _Atomic uint64_t synced_sequence, synced_commit, anchored;
    _Atomic(const struct fault *) down;
    atomic_bool degraded;
};

enum { STAGING = 1 << 20, SEGMENT_RESERVE = 2048 /* a checkpoint and a footer always fit */ };

/* core/audit/journal_load.c: finds where the chain stands, in the files; opens the last one. What
 * is torn off at its end is kept in a file of its own and recorded. */
fallible journal_load(struct journal *, struct arena *);

/* core/audit/journal_open.c. The public key of a root generation: by the keeper, or, of a root that
 * is no more, from the file beside the journal (false: neither has it). And that file, with the one
 * that signs now. */
fallible journal_write_public(const struct journal *);
bool journal_public(const struct journal *, uint32_t generation, uint8_t key[PUBLIC_SIZE]);

/* core/audit/journal.c. Under the lock: appends one of the journal's own records. */
fallible journal_append_own(struct journal *, struct bytes text);

/* Not under the lock: a checkpoint if something came since the last; the last sequence. Everything
 * up to a sequence on the disk. The next segment allocated. */
fallible journal_checkpoint(struct journal *, uint64_t *last);
fallible journal_sync(struct journal *, uint64_t sequence);
void journal_reserve(struct journal *);
