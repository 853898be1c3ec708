/* sensitive: the two regions, and values in them that belong to an arena. */
#include "base/sensitive.h"

#include "base/faultpoint.h"
#include "base/poison.h"
#include "base/regions.h"

#include <sys/resource.h>

#include <stdlib.h>
#include <string.h>

struct sensitive {
    uint8_t *at;
    size_t n;
    struct region *home;
};

FAULT(SENSITIVE_FULL, FAULT_AGAIN, "sensitive.full",
      "There is no room for more secret values at this moment.");
FAULT(SENSITIVE_DENIED, FAULT_INTERNAL, "sensitive.denied",
      "The system gives no locked memory: raise the limit (LimitMEMLOCK, ulimit -l).");

enum {
    MIB = 1 << 20,
    KEYS_USUAL = MIB,
    VALUES_USUAL = 16 * MIB,
    VALUES_LEAST = MIB,
    SLACK = 64 << 10
};

struct region region_keys, region_values;

static size_t whole_pages(size_t n)
{
    return (n + LOCKED_PAGE - 1) / LOCKED_PAGE * LOCKED_PAGE;
}

static fallible open_region(struct region *region, size_t n, bool ordinary)
{
    struct locked memory;

    TRY(locked_map(whole_pages(n), ordinary, &memory));
    return region_open(region, memory);
}

/* What the limit leaves beside the keys; 0 when that is too little to serve anybody. */
static size_t values_within_limit(void)
{
    struct rlimit limit;
    size_t taken = region_keys.memory.n + SLACK;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur < taken + VALUES_LEAST)
        return 0;
    return ((size_t)limit.rlim_cur - taken) / LOCKED_PAGE * LOCKED_PAGE;
}

static fallible open_values(size_t asked, bool ordinary)
{
    size_t usual = locked_under_valgrind() ? 4 * (size_t)MIB : VALUES_USUAL, left;

    if (asked != 0)
        return open_region(&region_values, asked, ordinary);
    if (open_region(&region_values, usual, ordinary) == OK)
        return OK;
    left = values_within_limit();
    ENSURE(left != 0 && left < usual, SENSITIVE_DENIED);
    return open_region(&region_values, left, ordinary);
}

static bool said_fallback(void)
{
    const char *said = getenv("COFFER_SENSITIVE");

    return said != NULL && strcmp(said, "fallback") == 0;
}

fallible sensitive_start(const struct sensitive_plan *plan)
{
    static const struct sensitive_plan usual;
    bool ordinary;

    if (region_values.pages != NULL)
        return OK;
    plan = plan == NULL ? &usual : plan;
    ordinary = plan->fallback || said_fallback();
    if (region_keys.pages == NULL &&
        open_region(&region_keys, plan->keys == 0 ? KEYS_USUAL : plan->keys, ordinary) != OK)
        return SENSITIVE_DENIED;
    /* Both of one form: the weaker one is what may be claimed. */
    return open_values(plan->values, !region_keys.memory.secret) == OK ? OK : SENSITIVE_DENIED;
}

const char *sensitive_form(void)
{
    if (region_values.pages == NULL)
        return "none";
    return region_keys.memory.secret && region_values.memory.secret ? "memfd_secret"
                                                                    : "locked memory";
}

struct sensitive_usage sensitive_usage(void)
{
    if (region_values.pages == NULL)
        return (struct sensitive_usage){0};
    return (struct sensitive_usage){.keys = region_used(&region_keys),
                                    .values = region_used(&region_values),
                                    .keys_whole = region_keys.memory.n,
                                    .values_whole = region_values.memory.n};
}

static void give_back(void *what)
{
    struct sensitive *s = what;

    if (s->at != NULL)
        region_give(s->home, s->at);
    *s = (struct sensitive){0};
}

/* The parting call is noted first: from then on nothing can be taken and forgotten. */
static fallible new_in(struct arena *arena, struct region *home, size_t n, struct sensitive **out)
{
    struct sensitive *s = arena_new(arena, struct sensitive);
    uint64_t payer = home == &region_values ? arena_payer(arena) : 0;

    ENSURE(s != NULL, ARENA_SPENT);
    TRY(arena_part(arena, give_back, s));
    ENSURE(!fault_point(), SENSITIVE_FULL);
    s->at = region_take(home, n, payer);
    ENSURE(s->at != NULL, SENSITIVE_FULL);
    s->n = n;
    s->home = home;
    *out = s;
    return OK;
}

fallible sensitive_new(struct arena *arena, size_t n, struct sensitive **out)
{
    return new_in(arena, &region_values, n, out);
}

fallible sensitive_new_key(struct arena *arena, size_t n, struct sensitive **out)
{
    return new_in(arena, &region_keys, n, out);
}

uint8_t *sensitive_fill(struct sensitive *s)
{
    return s->at;
}

struct sensitive_view sensitive_view(const struct sensitive *s)
{
    return (struct sensitive_view){s->at, s->n};
}

void sensitive_wipe(struct sensitive *s)
{
    give_back(s);
}

void sensitive_trim(struct sensitive *s, size_t n)
{
    if (n >= s->n)
        return;
    explicit_bzero(s->at + n, s->n - n);
    s->n = n;
}

void sensitive_conceal(struct sensitive_view view)
{
    POISON_UNDEFINED(view.at, view.n);
}

void sensitive_declassify(const void *at, size_t n)
{
    POISON_DEFINED(at, n);
}

struct bytes sensitive_reveal(const struct sensitive *s)
{
    return (struct bytes){s->at, s->n};
}
