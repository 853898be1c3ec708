/* cache: a hash of bounded size; the longest unused entry makes room. */
#include "core/identity/cache.h"

#include "core/worker.h"

/* A hit needs a good spread only, since keys are compared whole; buckets are as many as entries. */
static size_t bucket_of(struct bytes id)
{
    return (size_t)bytes_hash(id, 0) % CACHE_ENTRIES;
}

static void clear(struct identity_cache *cache)
{
    for (size_t i = 0; i < CACHE_ENTRIES; i++) {
        arena_close(cache->entries[i].arena);
        cache->buckets[i] = NULL;
        cache->entries[i] = (struct entry){.next = i == 0 ? NULL : &cache->entries[i - 1]};
    }
    cache->free = &cache->entries[CACHE_ENTRIES - 1];
    cache->current = NULL;
    cache->derived = (struct scope){0};
    cache->scopes = 0;
}

static void close_cache(void *cache)
{
    clear(cache);
}

static fallible make(struct worker *worker, struct identity_cache **out)
{
    struct identity_cache *cache = arena_new(worker->arena, struct identity_cache);

    ENSURE(cache != NULL, ARENA_SPENT);
    TRY(arena_part(worker->arena, close_cache, cache));
    clear(cache);
    cache->forgotten = worker->forgotten;
    *out = worker->identities = cache;
    return OK;
}

fallible cache_of(struct worker *worker, struct identity_cache **out)
{
    *out = worker->identities;
    if (*out == NULL)
        return make(worker, out);
    if ((*out)->forgotten != worker->forgotten) {
        clear(*out);
        (*out)->forgotten = worker->forgotten;
    }
    return OK;
}

struct entry *cache_look(struct identity_cache *cache, struct bytes key_id)
{
    struct entry *entry = cache->buckets[bucket_of(key_id)];

    while (entry != NULL && !bytes_same(entry->principal.access_key_id, key_id))
        entry = entry->next;
    if (entry != NULL)
        entry->used = ++cache->turn;
    return entry;
}

static struct entry *longest_unused(struct identity_cache *cache)
{
    struct entry *found = &cache->entries[0];

    for (size_t i = 1; i < CACHE_ENTRIES; i++)
        if (cache->entries[i].used < found->used)
            found = &cache->entries[i];
    return found;
}

fallible cache_take(struct identity_cache *cache, struct entry **out)
{
    if (cache->free == NULL)
        cache_drop(cache, longest_unused(cache));
    *out = cache->free;
    (*out)->arena = arena_open(CACHE_ENTRY_MOST);
    ENSURE((*out)->arena != NULL, ARENA_SPENT);
    cache->free = (*out)->next;
    (*out)->next = NULL;
    (*out)->used = ++cache->turn;
    return OK;
}

void cache_keep(struct identity_cache *cache, struct entry *entry)
{
    struct entry **bucket = &cache->buckets[bucket_of(entry->principal.access_key_id)];

    entry->next = *bucket;
    *bucket = entry;
}

static void unlink_entry(struct identity_cache *cache, const struct entry *entry)
{
    struct entry **at = &cache->buckets[bucket_of(entry->principal.access_key_id)];

    while (*at != NULL && *at != entry)
        at = &(*at)->next;
    if (*at != NULL)
        *at = entry->next;
}

void cache_drop(struct identity_cache *cache, struct entry *entry)
{
    unlink_entry(cache, entry);
    if (cache->current == entry)
        cache->current = NULL;
    cache->scopes -= entry->scope_count;
    arena_close(entry->arena);
    *entry = (struct entry){.next = cache->free};
    cache->free = entry;
}

struct entry *cache_current(const struct call *c)
{
    const struct identity_cache *cache = c->worker->identities;

    if (cache == NULL || cache->current == NULL || c->who != &cache->current->principal)
        return NULL;
    return cache->current;
}

const struct account_keys *identity_cached_keys(const struct call *c)
{
    const struct entry *entry = cache_current(c);

    return entry != NULL && bytes_same(entry->principal.account, c->account) ? &entry->keys : NULL;
}
