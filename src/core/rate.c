/* rate: buckets in sets of a few, found by a hash of the name. */
#include "core/rate.h"

#include "core/identity/identity.h"
#include "core/worker.h"

#include <string.h>

enum { SETS = 256, WAYS = 4, TOKEN = 1000, SECOND_MS = 1000, NAME_MOST = 40 };

struct bucket {
    int64_t tokens, last_ms; /* in thousandths; last_ms 0: nobody's */
    size_t name_n;
    uint8_t name[NAME_MOST];
};

struct rates {
    struct bucket buckets[SETS][WAYS];
};

FAULT(THROTTLED, FAULT_AGAIN, "throttled", "Rate exceeded");

fallible rates_new(struct arena *arena, struct rates **out)
{
    *out = arena_new(arena, struct rates);
    return *out == NULL ? ARENA_SPENT : OK;
}

static struct bucket *set_of(struct rates *rates, struct bytes name)
{
    return rates->buckets[bytes_hash(name, 0) % SETS];
}

static struct bucket *bucket_of(struct rates *rates, struct bytes name, int64_t full)
{
    struct bucket *set = set_of(rates, name), *oldest = set;

    for (struct bucket *at = set; at < set + WAYS; at++) {
        if (at->last_ms != 0 && bytes_same((struct bytes){at->name, at->name_n}, name))
            return at;
        if (at->last_ms < oldest->last_ms)
            oldest = at;
    }
    *oldest = (struct bucket){.tokens = full, .name_n = name.n};
    memcpy(oldest->name, name.at, name.n);
    return oldest;
}

/* A clock that was set back gives nothing and takes nothing. */
static fallible take(struct rates *rates, struct bytes name, size_t rate, int64_t now)
{
    const int64_t full = (int64_t)rate * TOKEN;
    struct bucket *bucket;
    int64_t passed;

    if (rate == 0 || name.n == 0 || name.n > NAME_MOST)
        return OK;
    bucket = bucket_of(rates, name, full);
    passed = now - bucket->last_ms;
    if (passed >= SECOND_MS)
        bucket->tokens = full;
    else if (passed > 0)
        bucket->tokens += passed * (int64_t)rate;
    if (bucket->tokens > full)
        bucket->tokens = full;
    bucket->last_ms = now;
    ENSURE(bucket->tokens >= TOKEN, THROTTLED);
    bucket->tokens -= TOKEN;
    return OK;
}

/* Every loop's part is a whole token at least. */
static size_t part(const struct house *house, size_t rate)
{
    const size_t loops = house->loops == 0 ? 1 : house->loops;

    return (rate + loops - 1) / loops;
}

fallible rate_take(const struct call *c)
{
    const struct house *house = c->worker->house;
    const struct principal *who = c->who;

    if (who == NULL ||
        (who->type != PRINCIPAL_USER && who->type != PRINCIPAL_ROOT && who->type != PRINCIPAL_ROLE))
        return OK;
    /* A session takes of what its user or role has. */
    TRY(take(c->worker->rates, who->base.n != 0 ? who->base : who->id,
             part(house, house->rate_per_principal), c->now));
    return take(c->worker->account_rates, who->account, part(house, house->rate_per_account),
                c->now);
}
