/* drive: how transactions are begun and ended, and stores opened and closed. For perform, its
 * workers, the outbox and start-up alone (tools/WALLS): the domain has store/store.h. */
#pragma once

#include "store/engine.h"
#include "store/store.h"

struct store;

/* Why a store could not be opened. Each sentence is for the operator who typed the command. */
extern const struct fault STORE_HELD[1];    /* another process has this folder open */
extern const struct fault STORE_NEWER[1];   /* written by a newer Coffer */
extern const struct fault STORE_OLDER[1];   /* written before a format that this one knows */
extern const struct fault STORE_NETWORK[1]; /* a network file system: its locks and syncs lie */
extern const struct fault STORE_PLACE[1];   /* no such parent, no permission, not a folder */
extern const struct fault STORE_FOREIGN[1]; /* the folder holds a database that is not Coffer's */
extern const struct fault STORE_MEMORY[1];  /* no memory or address space for the map */
extern const struct fault STORE_READERS[1]; /* more readers than the settings allow */
extern const struct fault
    STORE_UNWEIGHED[1]; /* its sum is missing, or not that of its last commit */

/* The store is this process's until it is closed; opened after any fork. */
fallible store_open(const struct engine *, const struct engine_settings *, struct store **);
void store_close(
    struct store *); /* NULL is fine; its readers go with it; no transaction may be open */

/* One for each thread that reads, for good: a reader has at most one transaction open at a time. */
fallible store_reader(struct store *, struct reader **);

/* A transaction on a fresh snapshot, in the arena; or, with the reader `inside` that batch->again
 * is given, on the open write transaction. It ends by txn_pack or txn_end, or at the latest when
 * the arena is rewound or closed (on the reader's own thread). */
fallible store_begin(struct reader *, struct arena *, struct txn **);

/* Ends the snapshot, nothing is changed. What was read stays valid (it lies in the arena). */
void txn_end(struct txn *);

/* Ends the snapshot and fills guards and changes of the batch: all of it in the arena, nothing
 * points into the map, so that the batch may wait on another thread. The batch's other members are
 * the caller's. STORE_TOO_MUCH: it reads or changes more than one transaction may. */
fallible txn_pack(struct txn *, struct batch *);

void txn_forget_writes(struct txn *); /* a refusal changes nothing; reads stay guarded */
bool txn_has_writes(const struct txn *);

/* The number of the last commit that this snapshot holds. A store behind its journal's last number
 * has been rolled back. */
fallible txn_number(struct txn *, uint64_t *);

/* One group, committed at once by the calling thread: for start-up, admin commands and tests, where
 * no committer runs. See engine.h for outcomes. */
fallible store_commit(struct store *, struct batch *const[], size_t batches,
                      uint64_t outbox_synced);

/* Holds all items of one fresh snapshot against the sum that the store keeps, showing each to
 * `each` on the way (outbox rows: no). `fits` false: an item was put back, moved, dropped or added
 * past us. STORE_UNWEIGHED: the store was opened without a weigher. */
struct store_verdict {
    uint64_t number; /* of the last commit */
    bool fits;
};
fallible store_verify(struct reader *, engine_each_fn *each, void *ctx, struct store_verdict *);

fallible store_figures(struct store *, struct engine_figures *);

/* What an owner has, as committed; any thread. All zero in a store that was opened without
 * owners. */
struct used store_used(struct store *, struct bytes owner);

/* A compacting copy into an existing, empty folder, while the store is in use. The copy holds
 * nothing of what was dropped. It is a store that can be opened. */
fallible store_copy(struct store *, struct bytes where);
