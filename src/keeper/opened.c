/* opened: a small table under one lock; a look takes less than a tenth of what opening would. */
#include "keeper/opened.h"

#include <pthread.h>
#include <string.h>

enum { SETS = 64, WAYS = 4, SLOTS = SETS * WAYS, NAME_MOST = 256, KEY = 32, HASH_FROM_END = 16 };

struct slot {
    uint64_t used;           /* by the table's own count; 0: empty */
    struct wrapped of;       /* what it points to lies in `name` */
    uint8_t name[NAME_MOST]; /* account, id, blob */
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

static bool fits(const struct wrapped *of)
{
    const size_t most = NAME_MOST / 4;

    return of->blob.n >= HASH_FROM_END && of->blob.n <= 2 * most && of->is.account.n <= most &&
           of->is.id.n <= most;
}

static bool is_of(const struct slot *slot, const struct wrapped *of)
{
    const struct key_identity *mine = &slot->of.is, *is = &of->is;

    return slot->used != 0 && bytes_same(slot->of.blob, of->blob) && bytes_same(mine->id, is->id) &&
           bytes_same(mine->account, is->account) && mine->version == is->version &&
           mine->kind == is->kind && mine->use == is->use;
}

static uint8_t *key_of(struct opened *opened, size_t slot)
{
    return sensitive_fill(opened->keys) + slot * KEY;
}

bool opened_find(struct opened *opened, const struct wrapped *of, uint8_t key[32])
{
    bool found = false;

    if (!fits(of))
        return false;
    pthread_mutex_lock(&opened->lock);
    for (size_t i = set_of(of->blob), end = i + WAYS; i < end && !found; i++) {
        found = is_of(&opened->slots[i], of);
        if (found) {
            opened->slots[i].used = ++opened->count;
            memcpy(key, key_of(opened, i), KEY);
        }
    }
    pthread_mutex_unlock(&opened->lock);
    return found;
}

static size_t slot_for(const struct opened *opened, const struct wrapped *of)
{
    size_t from = set_of(of->blob), best = from;

    for (size_t i = from; i < from + WAYS; i++) {
        if (is_of(&opened->slots[i], of))
            return i;
        if (opened->slots[i].used < opened->slots[best].used)
            best = i;
    }
    return best;
}

static struct bytes keep_part(uint8_t **at, struct bytes part)
{
    const struct bytes kept = {memcpy(*at, part.at, part.n), part.n};

    *at += part.n;
    return kept;
}

static void name_slot(struct slot *slot, const struct wrapped *of)
{
    uint8_t *at = slot->name;

    slot->of = *of;
    slot->of.is.account = keep_part(&at, of->is.account);
    slot->of.is.id = keep_part(&at, of->is.id);
    slot->of.blob = keep_part(&at, of->blob);
}

void opened_keep(struct opened *opened, const struct wrapped *of, struct sensitive_view key)
{
    size_t i;

    if (!fits(of) || key.n != KEY)
        return;
    pthread_mutex_lock(&opened->lock);
    i = slot_for(opened, of);
    opened->slots[i].used = ++opened->count;
    name_slot(&opened->slots[i], of);
    memcpy(key_of(opened, i), key.at, KEY);
    pthread_mutex_unlock(&opened->lock);
}

void opened_forget(struct opened *opened)
{
    sensitive_wipe(opened->keys);
    pthread_mutex_destroy(&opened->lock);
}
