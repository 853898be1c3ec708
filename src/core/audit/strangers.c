/* strangers: a table that a hash points into. */
#include "core/audit/strangers.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1024, ADDRESS_MOST = 46, MINUTE_MS = 60000 };

struct row {
    uint8_t address[ADDRESS_MOST];
    size_t address_n;
    const struct fault *reason;
    int64_t minute;
    uint64_t count; /* 0: free */
};

struct strangers {
    struct row rows[ROWS + 1]; /* the last one: those who found no place, together */
    size_t summed;             /* where the next look for sums begins */
};

fallible strangers_open(struct strangers **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? ARENA_SPENT : OK;
}

void strangers_close(struct strangers *door)
{
    free(door);
}

static size_t place(struct bytes address, const struct fault *reason)
{
    uint64_t hash = 14695981039346656037u ^ (uintptr_t)reason;

    for (size_t i = 0; i < address.n; i++)
        hash = (hash ^ address.at[i]) * 1099511628211u;
    return (size_t)((hash ^ hash >> 32) % ROWS);
}

static bool is_of(const struct row *row, struct bytes address, const struct fault *reason)
{
    return row->reason == reason &&
           bytes_same((struct bytes){row->address, row->address_n}, address);
}

/* A row whose sum is still to be told is not taken over: telling it is the tick's. */
static struct row *row_for(struct strangers *door, struct bytes address, const struct fault *reason,
                           int64_t minute)
{
    struct row *row = &door->rows[place(address, reason)];

    if (row->count > 0 && is_of(row, address, reason) && row->minute == minute)
        return row;
    if (row->count > STRANGERS_SINGLY || (row->count > 0 && row->minute == minute))
        return &door->rows[ROWS];
    *row = (struct row){.reason = reason, .minute = minute, .address_n = address.n};
    if (address.n > 0)
        memcpy(row->address, address.at, address.n);
    return row;
}

bool strangers_admit(struct strangers *door, struct bytes address, const struct fault *reason,
                     int64_t now_ms)
{
    struct row *row;

    if (address.n > ADDRESS_MOST)
        address.n = ADDRESS_MOST;
    row = row_for(door, address, reason, now_ms / MINUTE_MS);
    if (row == &door->rows[ROWS] && row->count <= STRANGERS_SINGLY &&
        row->minute != now_ms / MINUTE_MS)
        *row = (struct row){.minute = now_ms / MINUTE_MS};
    return ++row->count <= STRANGERS_SINGLY;
}

bool strangers_next_sum(struct strangers *door, int64_t now_ms, struct strangers_sum *sum)
{
    for (; door->summed <= ROWS; door->summed++) {
        struct row *row = &door->rows[door->summed];

        if (row->count <= STRANGERS_SINGLY || row->minute >= now_ms / MINUTE_MS)
            continue;
        *sum = (struct strangers_sum){.address = {row->address, row->address_n},
                                      .reason = row->reason,
                                      .count = row->count - STRANGERS_SINGLY,
                                      .minute = row->minute};
        row->count = 0;
        return true;
    }
    door->summed = 0;
    return false;
}
