/* seen: sixteen places for each short row that a keyed code points to, the oldest given up first.
 */
#include "core/identity/seen.h"

#include "crypto/digest.h"
#include "crypto/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 16, ROWS = SEEN_MOST / WAYS, LOCKS = 64, KEY = 32, MEMORY = 16 * 1024 };

struct row {
    uint64_t codes[WAYS];
    uint32_t seconds[WAYS]; /* of the clock, and one; 0: free */
};

struct seen {
    struct arena *arena;
    struct sensitive *key; /* prepared */
    int64_t grace_ms;
    pthread_mutex_t locks[LOCKS];
    struct row *rows;
};

static fallible make_key(struct seen *seen)
{
    struct sensitive *key;

    TRY(sensitive_new_key(seen->arena, KEY, &key));
    TRY(random_fill(sensitive_fill(key), KEY));
    TRY(mac_prepare(seen->arena, sensitive_view(key), &seen->key));
    sensitive_wipe(key);
    return OK;
}

static fallible furnish(struct seen *seen)
{
    seen->arena = arena_open(MEMORY);
    seen->rows = calloc(ROWS, sizeof *seen->rows);
    ENSURE(seen->arena != NULL && seen->rows != NULL, ARENA_SPENT);
    return make_key(seen);
}

fallible seen_open(int64_t grace_ms, struct seen **out)
{
    struct seen *seen = calloc(1, sizeof *seen);
    const struct fault *fault;

    ENSURE(seen != NULL, ARENA_SPENT);
    seen->grace_ms = grace_ms;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&seen->locks[i], NULL);
    fault = furnish(seen);
    if (fault != OK) {
        seen_close(seen);
        return fault;
    }
    *out = seen;
    return OK;
}

void seen_close(struct seen *seen)
{
    if (seen == NULL)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&seen->locks[i]);
    arena_close(seen->arena);
    free(seen->rows);
    free(seen);
}

/* Nobody without the key can choose a place, nor two that meet. */
static uint64_t code_of(const struct seen *seen, struct bytes signature)
{
    uint8_t out[DIGEST_SIZE];
    struct mac mac;
    uint64_t code;

    mac_begin_prepared(&mac, seen->key);
    mac_more(&mac, signature);
    mac_end(&mac, out);
    memcpy(&code, out, sizeof code);
    return code;
}

static size_t way_of(const struct row *row, uint64_t code)
{
    size_t way = 0;

    while (way < WAYS && (row->seconds[way] == 0 || row->codes[way] != code))
        way++;
    return way;
}

static size_t oldest(const struct row *row)
{
    size_t found = 0;

    for (size_t way = 1; way < WAYS; way++)
        if (row->seconds[way] < row->seconds[found])
            found = way;
    return found;
}

static uint32_t second_of(int64_t ms)
{
    return (uint32_t)(ms / 1000) + 1;
}

/* Less than none when another thread, whose clock reading is younger, was here first. */
static int64_t passed_ms(uint32_t since, int64_t now_ms)
{
    return ((int64_t)second_of(now_ms) - since) * 1000;
}

bool seen_before(struct seen *seen, struct bytes signature, int64_t now_ms)
{
    const uint64_t code = seen == NULL ? 0 : code_of(seen, signature);
    pthread_mutex_t *lock;
    const struct row *row;
    bool before;
    size_t way;

    if (seen == NULL)
        return false;
    row = &seen->rows[code % ROWS];
    lock = &seen->locks[code % LOCKS];
    pthread_mutex_lock(lock);
    way = way_of(row, code);
    before = way < WAYS && passed_ms(row->seconds[way], now_ms) >= seen->grace_ms;
    pthread_mutex_unlock(lock);
    return before;
}

void seen_add(struct seen *seen, struct bytes signature, int64_t now_ms)
{
    uint64_t code;
    struct row *row;

    if (seen == NULL)
        return;
    code = code_of(seen, signature);
    row = &seen->rows[code % ROWS];
    pthread_mutex_lock(&seen->locks[code % LOCKS]);
    if (way_of(row, code) == WAYS) {
        const size_t way = oldest(row);

        row->codes[way] = code;
        row->seconds[way] = second_of(now_ms);
    }
    pthread_mutex_unlock(&seen->locks[code % LOCKS]);
}
