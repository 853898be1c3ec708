/* signing: the keys that check signatures, one a day and scope. A stranger who knows an access
 * key's id can make the keeper derive, but nothing that he asked for is kept (SECURITY 16). */
#include "core/identity/cache.h"
#include "core/marks.h"
#include "core/worker.h"

#include <string.h>

enum { SIGNING_KEY = 32 };

static bool add(struct scope *scope, struct bytes part)
{
    if (part.n + 1 > SCOPE_TEXT - scope->n || memchr(part.at, '/', part.n) != NULL)
        return false;
    memcpy(scope->text + scope->n, part.at, part.n);
    scope->n += part.n;
    scope->text[scope->n++] = '/';
    return true;
}

/* n stays 0 for a scope too strange to be kept. */
static struct scope scope_of(struct bytes day, struct bytes region, struct bytes service)
{
    struct scope scope = {0};

    if (!add(&scope, day) || !add(&scope, region) || !add(&scope, service))
        scope.n = 0;
    return scope;
}

static bool same(const struct scope *a, const struct scope *b)
{
    return a->n != 0 && a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

static struct scope *kept(struct entry *entry, const struct scope *wanted)
{
    for (size_t i = 0; i < entry->scope_count; i++)
        if (same(&entry->scopes[i], wanted))
            return &entry->scopes[i];
    return NULL;
}

static fallible derive(struct call *c, const struct entry *entry, const struct bytes scope[3],
                       struct sensitive **key)
{
    struct keeper *keeper = c->worker->house->keeper;

    return entry->raw.n != 0 ? keeper_session_derive(keeper, c->arena, entry->raw, scope, key)
                             : keeper_derive(keeper, c->arena, &entry->signer, scope, key);
}

fallible identity_signing_key(struct call *c, struct bytes day, struct bytes region,
                              struct bytes service, struct sensitive_view *key)
{
    struct identity_cache *cache = c->worker->identities;
    struct entry *entry = cache_current(c);
    struct scope wanted = scope_of(day, region, service), *found;

    ENSURE(entry != NULL, IDENTITY_UNKNOWN);
    found = kept(entry, &wanted);
    if (found == NULL) {
        TRY(derive(c, entry, (const struct bytes[3]){day, region, service}, &wanted.key));
        cache->derived = wanted;
        found = &cache->derived;
    }
    found->used = ++cache->turn;
    *key = sensitive_view(found->key);
    return OK;
}

/* NULL: no room for one more. */
static struct scope *fresh_place(struct identity_cache *cache, struct entry *entry)
{
    struct scope *fresh;

    if (entry->scope_count == CACHE_SCOPES || cache->scopes == CACHE_SCOPES_ALL)
        return NULL;
    if (entry->scopes == NULL)
        entry->scopes = arena_get(entry->arena, CACHE_SCOPES * sizeof(struct scope));
    if (entry->scopes == NULL)
        return NULL;
    fresh = &entry->scopes[entry->scope_count];
    if (sensitive_new_key(entry->arena, SIGNING_KEY, &fresh->key) != OK)
        return NULL;
    entry->scope_count++;
    cache->scopes++;
    return fresh;
}

/* That of the scope longest unused; NULL: it has none. */
static struct scope *old_place(struct entry *entry)
{
    struct scope *oldest = entry->scopes;

    for (size_t i = 1; i < entry->scope_count; i++)
        if (entry->scopes[i].used < oldest->used)
            oldest = &entry->scopes[i];
    return entry->scope_count != 0 ? oldest : NULL;
}

/* The key's place is taken over, so that an entry never holds more of the keys region than its
 * scopes need. */
static void take_over(struct scope *at, const struct scope *derived)
{
    const struct sensitive_view from = sensitive_view(derived->key);
    struct sensitive *key = at->key;

    memcpy(sensitive_fill(key), from.at, SIGNING_KEY);
    *at = *derived;
    at->key = key;
}

void identity_vouch(struct call *c, struct bytes day, struct bytes region, struct bytes service)
{
    struct identity_cache *cache = c->worker->identities;
    struct entry *entry = cache_current(c);
    const struct scope wanted = scope_of(day, region, service);
    struct scope *at;

    if (entry == NULL)
        return;
    if (entry->mark_key.n != 0)
        mark_used(c, entry->mark_key);
    if (!same(&cache->derived, &wanted))
        return;
    at = fresh_place(cache, entry);
    if (at == NULL)
        at = old_place(entry);
    if (at != NULL)
        take_over(at, &cache->derived);
    cache->derived = (struct scope){0};
}
