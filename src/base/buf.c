/* buf: doubling pieces of an arena. */
#include "base/buf.h"

#include <string.h>

struct buf buf_open(struct arena *arena, size_t room)
{
    struct buf buf = {.arena = arena, .room = room};

    buf.at = arena_get(arena, room + 1);
    buf.spent = buf.at == NULL;
    return buf;
}

struct buf buf_over(uint8_t *at, size_t room)
{
    return (struct buf){.at = at, .room = room};
}

uint8_t *buf_grow(struct buf *buf, size_t n)
{
    size_t room = buf->room;
    uint8_t *grown;

    if (buf->spent)
        return NULL;
    while (room - buf->n < n && room < SIZE_MAX / 4)
        room = room * 2 + 64;
    grown = buf->arena == NULL || room - buf->n < n ? NULL : arena_get(buf->arena, room + 1);
    if (grown == NULL) {
        buf->spent = true;
        return NULL;
    }
    memcpy(grown, buf->at, buf->n);
    explicit_bzero(buf->at, buf->n);
    buf->at = grown;
    buf->room = room;
    return buf->at + buf->n;
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, bytes_of(text));
}

void buf_add_int(struct buf *buf, int64_t value)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (uint8_t)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        buf_add_byte(buf, '-');
    buf_add(buf, (struct bytes){digits + at, sizeof digits - at});
}

fallible buf_done(const struct buf *buf, struct bytes *out)
{
    ENSURE(!buf->spent, ARENA_SPENT);
    *out = (struct bytes){buf->at, buf->n};
    return OK;
}
