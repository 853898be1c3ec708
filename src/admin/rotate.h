/* rotate: a data folder gets another root, and so another of every key that hangs on one: all that
 * the store holds is carried, an item at a time, into a new store beside the old one. Nothing of
 * the folder changes until the new seal takes the old one's place; from then on the old root is
 * gone. */
#pragma once

#include "core/backup/carry.h"
#include "keeper/root.h"

struct house;

struct rotate_plan {
    const char *folder;
    const struct house *house;               /* open, and held: nobody else changes the store */
    const struct root_sealed *seal;          /* as it is */
    const struct root_opener *opener;        /* opens it, and will open the new one */
    void (*told)(void *ctx, uint64_t items); /* now and then; NULL: nobody is told */
    void *ctx;
};

struct rotate_report {
    uint32_t generation; /* the next one's */
    uint64_t items;
    struct keeper *both; /* has the old root and the next: for the journal; the caller's to close */
};

/* The new store and the new seal, both on the disk, beside the old ones. What an earlier try left
 * is removed first. BACKUP_UNSOUND (core/backup/backup.h): the store is not what its sum says. */
fallible rotate_prepare(struct arena *, const struct rotate_plan *, struct rotate_report *);

/* The new seal counts, then the new store: a kill between the two is made good by whoever opens the
 * folder next (core/backup/swap.h). */
fallible rotate_take(struct arena *, const struct rotate_plan *, const struct rotate_report *);
