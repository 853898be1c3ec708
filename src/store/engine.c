/* engine: what every engine with an open write transaction does alike: guards, re-runs, numbers,
 * outbox. */
#include "store/engine.h"

#include "store/store.h"
#include "store/usage.h"

#include <string.h>

void number_write(uint8_t at[NUMBER_BYTES], uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(at, &number, sizeof number);
}

uint64_t number_read(const uint8_t at[NUMBER_BYTES])
{
    uint64_t number;

    memcpy(&number, at, sizeof number);
    return __builtin_bswap64(number);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are swapped");

struct bytes outbox_key(uint64_t number, uint8_t room[OUTBOX_KEY])
{
    room[0] = 'o';
    room[1] = '/';
    number_write(room + 2, number);
    return (struct bytes){room, OUTBOX_KEY};
}

bool outbox_number(struct bytes key, uint64_t *number)
{
    if (key.n != OUTBOX_KEY || !bytes_begins(key, LIT("o/")))
        return false;
    *number = number_read(key.at + 2);
    return true;
}

struct bytes range_end(const struct range *range, uint8_t *room)
{
    size_t n = range->prefix.n;

    while (n > 0 && range->prefix.at[n - 1] == UINT8_MAX)
        n--;
    if (n == 0)
        return (struct bytes){0};
    memcpy(room, range->prefix.at, n);
    room[n - 1]++;
    return (struct bytes){room, n};
}

fallible guards_hold(struct reader *reader, const struct guard *guards, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct item now;

        TRY(reader->engine->get(reader, guards[i].key, &now));
        ENSURE(now.revision == guards[i].revision, STORE_CONFLICT);
    }
    return OK;
}

/* OK: it goes on, unless *wanted is false. */
static fallible batch_look(struct reader *inside, struct batch *batch, bool *wanted)
{
    const struct fault *held = guards_hold(inside, batch->guards, batch->guard_count);

    *wanted = held == OK;
    batch->outcome = held;
    if (held != STORE_CONFLICT)
        return held;
    if (batch->again == NULL)
        return OK;
    batch->reruns++;
    batch->outcome = OK;
    *wanted = batch->again(batch, batch->there, inside);
    return OK;
}

/* The same, and somebody may be too full for it. */
static fallible batch_judge(struct reader *inside, struct usage *usage, struct batch *batch,
                            bool *wanted)
{
    const struct fault *refusal;

    TRY(batch_look(inside, batch, wanted));
    *wanted = *wanted && (batch->change_count > 0 || batch->note.at != NULL);
    if (!*wanted)
        return OK;
    TRY(usage_admits(usage, inside, batch, &refusal));
    *wanted = refusal == OK;
    batch->outcome = refusal;
    return OK;
}

static fallible batch_apply(const struct batch *batch, const struct applier *applier)
{
    uint8_t room[OUTBOX_KEY];
    const struct change note = {outbox_key(batch->number, room), batch->note};

    for (size_t i = 0; i < batch->change_count; i++)
        TRY(applier->apply(applier->ctx, &batch->changes[i], batch->number));
    return batch->note.at != NULL ? applier->apply(applier->ctx, &note, batch->number) : OK;
}

fallible group_apply(struct reader *inside, struct batch *const group[], size_t batches,
                     uint64_t *number, const struct applier *applier)
{
    for (size_t i = 0; i < batches; i++) {
        bool wanted;

        group[i]->number = 0;
        TRY(batch_judge(inside, applier->usage, group[i], &wanted));
        if (!wanted)
            continue;
        group[i]->number = ++*number;
        TRY(batch_apply(group[i], applier));
    }
    return OK;
}

void group_fail(struct batch *const group[], size_t batches, const struct fault *why)
{
    for (size_t i = 0; i < batches; i++) {
        group[i]->outcome = why;
        group[i]->number = 0;
    }
}
