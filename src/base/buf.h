/* buf: bytes being written, in an arena. It grows by taking a larger piece and zeroing the old one;
 * once memory is spent it swallows what follows and buf_done says so: writers need no checks
 * between. */
#pragma once

#include "base/arena.h"

#include <string.h>

/* Its bytes are at[0] to at[n - 1]; `room` may be used without asking for more. Belongs to whoever
 * opened it; to be written by one at a time. */
struct buf {
    struct arena *arena;
    uint8_t *at;
    size_t n, room;
    bool spent;
};

/* An empty one; `room` is what it will probably need, and no bound. */
struct buf buf_open(struct arena *, size_t room);
/* Over the caller's memory, which may be sensitive: it never grows; a byte too many spends it. */
struct buf buf_over(uint8_t *at, size_t room);

/* A text up to its NUL, which is not written; a number in decimal, with its sign if it is below
 * zero. Neither escapes anything: JSON has writers of its own (codec/json_write.h). */
void buf_add_text(struct buf *, const char *text);
void buf_add_int(struct buf *, int64_t);

/* For buf_want alone: the same room in a larger piece, or NULL. What was written moves there, and
 * the piece that it leaves is zeroed, since it may have held a secret. */
uint8_t *buf_grow(struct buf *, size_t n);

/* Room for n more bytes, for the caller to fill; NULL when spent. buf_took says how many were; what
 * was not taken is written over by whatever comes next. The pointer holds until the next call. */
static inline uint8_t *buf_want(struct buf *buf, size_t n)
{
    if (__builtin_expect(n > buf->room - buf->n || buf->spent, 0))
        return buf_grow(buf, n);
    return buf->at + buf->n;
}

/* Of what was wanted, so much has been written; never more than was asked for. */
static inline void buf_took(struct buf *buf, size_t n)
{
    buf->n += n;
}

/* These three swallow what does not fit. In the header since they are called some two hundred times
 * a request, mostly with literals, and nearly always there is room. */
static inline void buf_add(struct buf *buf, struct bytes bytes)
{
    uint8_t *to = buf_want(buf, bytes.n);

    if (to == NULL || bytes.n == 0)
        return;
    memcpy(to, bytes.at, bytes.n);
    buf->n += bytes.n;
}

static inline void buf_add_byte(struct buf *buf, uint8_t byte)
{
    uint8_t *to = buf_want(buf, 1);

    if (to == NULL)
        return;
    *to = byte;
    buf->n++;
}

/* What was written; ARENA_SPENT if anything was swallowed, and then *out is not touched. The bytes
 * belong to the arena, or to whoever gave the memory, and may be read while that lives. */
fallible buf_done(const struct buf *, struct bytes *out);
