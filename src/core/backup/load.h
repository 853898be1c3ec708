/* load: carried items become a new store of their own. Nothing of it is on the disk for sure before
 * load_end returned. */
#pragma once

#include "core/backup/carry.h"

struct keeper;
struct load;

struct load_plan {
    const char *where;     /* the store's folder, made by this */
    struct keeper *keeper; /* its newest root seals */
    uint64_t begins_after; /* the commit number that the store counts on from */
    struct bytes account, region;
    size_t map_bytes; /* as an engine is told: 0 is the usual */
};

/* What a fault leaves is the caller's to remove. */
fallible load_open(const struct load_plan *, struct load **);
fallible load_put(struct load *, const struct carried *); /* what it is given is copied */

/* All of it on the disk, and closed. */
fallible load_end(struct load *);

void load_close(struct load *); /* NULL, and one that ended, are fine */
