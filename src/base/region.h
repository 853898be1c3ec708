/* region: a small allocator over one piece of locked memory. Everything it must remember lies
 * outside of that memory, but for a canary on both sides of each piece. For base/sensitive.c and
 * base/inside.c. */
#pragma once

#include "base/locked.h"

#include <pthread.h>

enum { REGION_CLASSES = 11, REGION_PAYERS = 4096 };

struct region_page {
    uint64_t free;       /* of a page cut into pieces: one bit each */
    uint32_t next, prev; /* in its class's list of pages with room; page number + 1, 0: none */
    uint32_t run;        /* of a large piece's first page: how many; 0 on a free page */
    uint8_t class;       /* index + 1 of a page cut into pieces; 0: not cut */
};

struct region {
    struct locked memory;
    pthread_mutex_t lock;
    struct region_page *pages;
    uint32_t page_count, lowest; /* no page below `lowest` is free */
    uint32_t partial[REGION_CLASSES];
    uint32_t payers[REGION_PAYERS]; /* bytes taken by those whose number falls here */
    uint64_t odd;                   /* random: makes canaries, spreads payers */
    size_t used;
};

/* Over mapped memory; zeroed struct in. */
fallible region_open(struct region *, struct locked);

/* n zeroed bytes at a multiple of 16; NULL: no room, or `payer` (0: nobody) would have more than an
 * eighth. Any thread. About 60 ns up to 2 KiB; a larger one takes whole pages. */
void *region_take(struct region *, size_t n, uint64_t payer);

/* Zeroes and takes back. A broken canary: one line in the log, and the process ends. */
void region_give(struct region *, void *piece);

bool region_owns(const struct region *, const void *);
size_t region_piece_size(const struct region *, const void *piece); /* the n it was taken with */
size_t region_used(struct region *);
