/* backup: a store's whole content as one sealed file, from one snapshot, while it is used. */
#pragma once

#include "core/backup/stream.h"

#include <stdatomic.h>

struct house;

extern const struct fault BACKUP_STOPPED[1];
extern const struct fault BACKUP_UNSOUND[1]; /* the store is not what its sum says */

/* One walk over one snapshot of a store, each item carried to the newest root that the house's
 * keeper has, and the whole held against the store's sum. A record that does not open, or a sum
 * that does not fit, is BACKUP_UNSOUND, which may be known only at the end. Takes a reader of the
 * store for as long; any thread. */
struct backup_walk {
    backup_each_fn *each;
    void *ctx;
    void (*told)(void *ctx, uint64_t items); /* every 1,024 items; NULL: to nobody */
    void *told_ctx;
    const atomic_bool *stop; /* set: it is given up, BACKUP_STOPPED; NULL: nobody does */
    _Atomic uint64_t *count; /* counts on while it goes; NULL: nobody looks */
    uint64_t items;          /* how many there were */
};
fallible backup_walk(const struct house *, struct backup_walk *, uint64_t *commit);

/* The number of the store's last commit. */
fallible backup_commit_of(const struct house *, uint64_t *commit);

struct backup_plan {
    struct backup_recipients to;
    struct bytes seal; /* the seal's text, to go along; empty: not */
    /* As in struct backup_walk. */
    void (*told)(void *ctx, uint64_t items);
    void *ctx;
    const atomic_bool *stop;
    _Atomic uint64_t *items;
};

/* Into a new, empty file, and on the disk when OK. */
fallible backup_make(const struct house *, const struct backup_plan *, int fd,
                     struct backup_tail *);
