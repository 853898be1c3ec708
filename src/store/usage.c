/* usage: counters in order of their owners. */
#include "store/usage.h"

#include "base/faultpoint.h"
#include "store/drive.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct delta {
    int64_t items, bytes;
};

struct counter {
    struct used is, was; /* amid a group, and as committed */
    struct delta asked;  /* by the batch that is judged */
    bool is_asked;
    size_t n;
    uint8_t owner[];
};

struct usage {
    const struct owners *owners;
    pthread_mutex_t lock; /* over the array and each `was`; all else is the committing thread's */
    struct counter **counters;
    size_t count, room;
};

fallible usage_open(const struct owners *owners, struct usage **out)
{
    *out = NULL;
    if (owners == NULL)
        return OK;
    *out = fault_point() ? NULL : calloc(1, sizeof(struct usage));
    ENSURE(*out != NULL, STORE_MEMORY);
    (*out)->owners = owners;
    pthread_mutex_init(&(*out)->lock, NULL);
    return OK;
}

void usage_close(struct usage *usage)
{
    if (usage == NULL)
        return;
    for (size_t i = 0; i < usage->count; i++)
        free(usage->counters[i]);
    free(usage->counters);
    pthread_mutex_destroy(&usage->lock);
    free(usage);
}

static struct bytes owner_of(const struct counter *counter)
{
    return (struct bytes){counter->owner, counter->n};
}

/* The first place whose owner is not before this one. */
static size_t place_of(const struct usage *usage, struct bytes owner)
{
    size_t low = 0, high = usage->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (bytes_order(owner_of(usage->counters[middle]), owner) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct counter *at_place(const struct usage *usage, size_t place, struct bytes owner)
{
    return place < usage->count && bytes_same(owner_of(usage->counters[place]), owner)
               ? usage->counters[place]
               : NULL;
}

static fallible widen(struct usage *usage)
{
    const size_t room = usage->room == 0 ? 8 : usage->room * 2;
    struct counter **more;

    if (usage->count < usage->room)
        return OK;
    more = realloc(usage->counters, room * sizeof(struct counter *));
    ENSURE(more != NULL, STORE_MEMORY);
    usage->counters = more;
    usage->room = room;
    return OK;
}

static fallible insert(struct usage *usage, size_t place, struct counter *counter)
{
    TRY(widen(usage));
    memmove(usage->counters + place + 1, usage->counters + place,
            (usage->count - place) * sizeof(struct counter *));
    usage->counters[place] = counter;
    usage->count++;
    return OK;
}

static fallible counter_of(struct usage *usage, struct bytes owner, struct counter **out)
{
    const size_t place = place_of(usage, owner);
    const struct fault *fault;

    *out = at_place(usage, place, owner);
    if (*out != NULL)
        return OK;
    *out = fault_point() ? NULL : calloc(1, sizeof(struct counter) + owner.n);
    ENSURE(*out != NULL, STORE_MEMORY);
    (*out)->n = owner.n;
    memcpy((*out)->owner, owner.at, owner.n);
    pthread_mutex_lock(&usage->lock);
    fault = insert(usage, place, *out);
    pthread_mutex_unlock(&usage->lock);
    if (fault != OK)
        free(*out);
    return fault;
}

static struct delta delta_of(const struct item *before, const struct change *change)
{
    struct delta delta = {0};

    if (change->value.at != NULL)
        delta = (struct delta){1, (int64_t)(change->key.n + change->value.n)};
    if (before->revision != 0) {
        delta.items--;
        delta.bytes -= (int64_t)(change->key.n + before->value.n);
    }
    return delta;
}

static struct used after(const struct used *before, const struct delta *delta)
{
    return (struct used){before->items + (uint64_t)delta->items,
                         before->bytes + (uint64_t)delta->bytes};
}

/* --- may a batch come in? --- */

static fallible ask(struct usage *usage, const struct item *before, const struct change *change)
{
    const struct delta delta = delta_of(before, change);
    struct bytes owners[OWNERS_MOST];
    const size_t n = usage->owners->of(change->key, owners);

    for (size_t i = 0; i < n; i++) {
        struct counter *counter;

        TRY(counter_of(usage, owners[i], &counter));
        counter->asked.items += delta.items;
        counter->asked.bytes += delta.bytes;
        counter->is_asked = true;
    }
    return OK;
}

/* What the batch wants; without a reader, what it would want at the most: where nothing was before
 * and nothing is dropped. */
static fallible ask_all(struct usage *usage, struct reader *inside, const struct batch *batch)
{
    for (size_t i = 0; i < batch->change_count; i++) {
        const struct change *change = &batch->changes[i];
        struct item before = {0};

        if (inside != NULL)
            TRY(inside->engine->get(inside, change->key, &before));
        else if (change->value.at == NULL)
            continue;
        TRY(ask(usage, &before, change));
    }
    return OK;
}

static const struct fault *judge(const struct usage *usage, const struct counter *counter)
{
    const struct used then = after(&counter->is, &counter->asked);

    if (counter->asked.items <= 0 && counter->asked.bytes <= 0)
        return OK;
    return usage->owners->allows(usage->owners->ctx, owner_of(counter), &counter->is, &then);
}

static const struct fault *verdict(struct usage *usage)
{
    const struct fault *refusal = OK;

    for (size_t i = 0; i < usage->count; i++) {
        struct counter *counter = usage->counters[i];

        if (!counter->is_asked)
            continue;
        if (refusal == OK)
            refusal = judge(usage, counter);
        counter->asked = (struct delta){0};
        counter->is_asked = false;
    }
    return refusal;
}

fallible usage_admits(struct usage *usage, struct reader *inside, const struct batch *batch,
                      const struct fault **refusal)
{
    const struct fault *fault;

    *refusal = OK;
    if (usage == NULL)
        return OK;
    fault = ask_all(usage, NULL, batch);
    if (verdict(usage) == OK && fault == OK)
        return OK;
    TRY(fault);
    fault = ask_all(usage, inside, batch);
    *refusal = verdict(usage);
    return fault;
}

/* --- it came in --- */

fallible usage_change(struct usage *usage, const struct item *before, const struct change *change)
{
    struct bytes owners[OWNERS_MOST];
    struct delta delta;
    size_t n;

    if (usage == NULL)
        return OK;
    n = usage->owners->of(change->key, owners);
    delta = delta_of(before, change);
    for (size_t i = 0; i < n; i++) {
        struct counter *counter;

        TRY(counter_of(usage, owners[i], &counter));
        counter->is = after(&counter->is, &delta);
    }
    return OK;
}

static bool differs(const struct counter *counter)
{
    return counter->is.items != counter->was.items || counter->is.bytes != counter->was.bytes;
}

void usage_settle(struct usage *usage, bool committed)
{
    if (usage == NULL)
        return;
    pthread_mutex_lock(&usage->lock);
    for (size_t i = 0; i < usage->count; i++) {
        if (committed)
            usage->counters[i]->was = usage->counters[i]->is;
        else
            usage->counters[i]->is = usage->counters[i]->was;
    }
    pthread_mutex_unlock(&usage->lock);
}

fallible usage_changed(struct usage *usage, usage_each_fn *each, void *ctx)
{
    for (size_t i = 0; usage != NULL && i < usage->count; i++)
        if (differs(usage->counters[i]))
            TRY(each(ctx, owner_of(usage->counters[i]), &usage->counters[i]->is));
    return OK;
}

fallible usage_put_back(struct usage *usage, struct bytes owner, const struct used *used)
{
    struct counter *counter;

    if (usage == NULL)
        return OK;
    TRY(counter_of(usage, owner, &counter));
    counter->is = counter->was = *used;
    return OK;
}

struct used usage_of(struct usage *usage, struct bytes owner)
{
    struct used used = {0};
    const struct counter *counter;

    if (usage == NULL)
        return used;
    pthread_mutex_lock(&usage->lock);
    counter = at_place(usage, place_of(usage, owner), owner);
    if (counter != NULL)
        used = counter->was;
    pthread_mutex_unlock(&usage->lock);
    return used;
}
