/* opened: a small table under one lock; a look takes less than a tenth of what opening would. */
#include "keeper/opened.h"

#include <pthread.h>
#include <string.h>

enum { SETS = 64, WAYS = 4, SLOTS = SETS * WAYS, NAME_MOST = 400, KEY = 32, HASH_FROM_END = 16 };

struct slot {
    uint64_t used; /* by the table's own count; 0: empty */
    uint16_t place_size, blob_size;
    uint8_t name[NAME_MOST]; /* place, then blob */
};

struct opened {
    pthread_mutex_t lock;
    uint64_t count;
    struct sensitive *keys;
    struct slot slots[SLOTS];
};

fallible opened_new(struct arena *arena, struct opened **out)
{
    struct opened *opened = arena_new(arena, struct opened);

    ENSURE(opened != NULL, ARENA_SPENT);
    TRY(sensitive_new_key(arena, (size_t)SLOTS * KEY, &opened->keys));
    ENSURE(pthread_mutex_init(&opened->lock, NULL) == 0, ARENA_SPENT);
    *out = opened;
    return OK;
}

/* The blob's end is its tag: as good as random. */
static size_t set_of(struct bytes blob)
{
    return blob.at[blob.n - HASH_FROM_END] % SETS * (size_t)WAYS;
}

static bool fits(struct bytes place, struct bytes blob)
{
    return blob.n >= HASH_FROM_END && place.n <= NAME_MOST && blob.n <= NAME_MOST - place.n;
}

static bool is_of(const struct slot *slot, struct bytes place, struct bytes blob)
{
    return slot->used != 0 && slot->place_size == place.n && slot->blob_size == blob.n &&
           memcmp(slot->name + place.n, blob.at, blob.n) == 0 &&
           memcmp(slot->name, place.at, place.n) == 0;
}

static uint8_t *key_of(struct opened *opened, size_t slot)
{
    return sensitive_fill(opened->keys) + slot * KEY;
}

bool opened_find(struct opened *opened, struct bytes place, struct bytes blob, uint8_t key[32])
{
    bool found = false;

    if (!fits(place, blob))
        return false;
    pthread_mutex_lock(&opened->lock);
    for (size_t i = set_of(blob), end = i + WAYS; i < end && !found; i++) {
        found = is_of(&opened->slots[i], place, blob);
        if (found) {
            opened->slots[i].used = ++opened->count;
            memcpy(key, key_of(opened, i), KEY);
        }
    }
    pthread_mutex_unlock(&opened->lock);
    return found;
}

static size_t slot_for(const struct opened *opened, struct bytes place, struct bytes blob)
{
    size_t from = set_of(blob), best = from;

    for (size_t i = from; i < from + WAYS; i++) {
        if (is_of(&opened->slots[i], place, blob))
            return i;
        if (opened->slots[i].used < opened->slots[best].used)
            best = i;
    }
    return best;
}

void opened_keep(struct opened *opened, struct bytes place, struct bytes blob,
                 struct sensitive_view key)
{
    struct slot *slot;
    size_t i;

    if (!fits(place, blob) || key.n != KEY)
        return;
    pthread_mutex_lock(&opened->lock);
    i = slot_for(opened, place, blob);
    slot = &opened->slots[i];
    slot->used = ++opened->count;
    slot->place_size = (uint16_t)place.n;
    slot->blob_size = (uint16_t)blob.n;
    memcpy(slot->name, place.at, place.n);
    memcpy(slot->name + place.n, blob.at, blob.n);
    memcpy(key_of(opened, i), key.at, KEY);
    pthread_mutex_unlock(&opened->lock);
}

void opened_forget(struct opened *opened)
{
    sensitive_wipe(opened->keys);
    pthread_mutex_destroy(&opened->lock);
}
