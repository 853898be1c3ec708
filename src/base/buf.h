/* buf: bytes being written, in an arena. It grows by taking a larger piece and zeroing the old one;
 * once memory is spent it swallows what follows and buf_done says so: writers need no checks
 * between. */
#pragma once

#include "base/arena.h"

struct buf {
    struct arena *arena;
    uint8_t *at;
    size_t n, room;
    bool spent;
};

struct buf buf_open(struct arena *, size_t room);
void buf_add(struct buf *, struct bytes);
void buf_add_byte(struct buf *, uint8_t);
void buf_add_text(struct buf *, const char *text); /* up to its NUL */
void buf_add_int(struct buf *, int64_t);           /* in decimal */

/* Room for n more bytes, for the caller to fill; NULL when spent. buf_took says how many were. */
uint8_t *buf_want(struct buf *, size_t n);
void buf_took(struct buf *, size_t n);

/* What was written; ARENA_SPENT if anything was swallowed. The bytes belong to the arena. */
fallible buf_done(const struct buf *, struct bytes *out);
