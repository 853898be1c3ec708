/* tally: a table that a hash points into. */
#include "core/audit/tally.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1024, MINUTE_MS = 60000 };

struct row {
    uint8_t key[TALLY_KEY];
    size_t key_n;
    const struct fault *reason;
    int64_t minute;
    uint64_t count; /* 0: free */
};

struct tally {
    pthread_mutex_t lock;
    struct row rows[ROWS + 1]; /* the last one: those who found no place, together */
    size_t summed;             /* where the next look for sums begins */
};

fallible tally_open(struct tally **out)
{
    *out = calloc(1, sizeof **out);
    ENSURE(*out != NULL, ARENA_SPENT);
    pthread_mutex_init(&(*out)->lock, NULL);
    return OK;
}

void tally_close(struct tally *tally)
{
    if (tally == NULL)
        return;
    pthread_mutex_destroy(&tally->lock);
    free(tally);
}

static size_t place(struct bytes key, const struct fault *reason)
{
    const uint64_t hash = bytes_hash(key, (uintptr_t)reason);

    return (size_t)((hash ^ hash >> 32) % ROWS);
}

static bool is_of(const struct row *row, struct bytes key, const struct fault *reason)
{
    return row->reason == reason && bytes_same((struct bytes){row->key, row->key_n}, key);
}

/* A row whose sum is still to be told is not taken over: telling it is the tick's. */
static bool holds(const struct row *row, int64_t minute)
{
    return row->count > TALLY_SINGLY || (row->count > 0 && row->minute == minute);
}

static struct row *row_for(struct tally *tally, struct bytes key, const struct fault *reason,
                           int64_t minute)
{
    struct row *row = &tally->rows[place(key, reason)];

    if (row->count > 0 && is_of(row, key, reason) && row->minute == minute)
        return row;
    if (holds(row, minute))
        return &tally->rows[ROWS];
    *row = (struct row){.reason = reason, .minute = minute, .key_n = key.n};
    if (key.n > 0)
        memcpy(row->key, key.at, key.n);
    return row;
}

static bool admit(struct tally *tally, struct bytes key, const struct fault *reason, int64_t minute)
{
    struct row *row = row_for(tally, key, reason, minute);

    if (row == &tally->rows[ROWS] && row->count <= TALLY_SINGLY && row->minute != minute)
        *row = (struct row){.minute = minute};
    return ++row->count <= TALLY_SINGLY;
}

static bool is_spent(const struct tally *tally, struct bytes key, const struct fault *reason,
                     int64_t minute)
{
    const struct row *row = &tally->rows[place(key, reason)];

    if (row->minute == minute && is_of(row, key, reason))
        return row->count >= TALLY_SINGLY;
    if (!holds(row, minute))
        return false;
    row = &tally->rows[ROWS];
    return row->minute == minute && row->count >= TALLY_SINGLY;
}

static bool next_sum(struct tally *tally, int64_t minute, struct tally_sum *sum)
{
    for (; tally->summed <= ROWS; tally->summed++) {
        struct row *row = &tally->rows[tally->summed];

        if (row->count <= TALLY_SINGLY || row->minute >= minute)
            continue;
        *sum = (struct tally_sum){.key = {row->key, row->key_n},
                                  .reason = row->reason,
                                  .count = row->count - TALLY_SINGLY,
                                  .minute = row->minute};
        row->count = 0;
        return true;
    }
    tally->summed = 0;
    return false;
}

/* What of a key is kept, and so compared. */
static struct bytes cut(struct bytes key)
{
    return key.n > TALLY_KEY ? (struct bytes){key.at, TALLY_KEY} : key;
}

bool tally_admit(struct tally *tally, struct bytes key, const struct fault *reason, int64_t now_ms)
{
    bool admitted;

    pthread_mutex_lock(&tally->lock);
    admitted = admit(tally, cut(key), reason, now_ms / MINUTE_MS);
    pthread_mutex_unlock(&tally->lock);
    return admitted;
}

bool tally_spent(struct tally *tally, struct bytes key, const struct fault *reason, int64_t now_ms)
{
    bool spent;

    pthread_mutex_lock(&tally->lock);
    spent = is_spent(tally, cut(key), reason, now_ms / MINUTE_MS);
    pthread_mutex_unlock(&tally->lock);
    return spent;
}

bool tally_next_sum(struct tally *tally, int64_t now_ms, struct tally_sum *sum)
{
    bool found;

    pthread_mutex_lock(&tally->lock);
    found = next_sum(tally, now_ms / MINUTE_MS, sum);
    pthread_mutex_unlock(&tally->lock);
    return found;
}
