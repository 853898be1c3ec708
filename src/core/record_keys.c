/* record_keys: a few slots, the least lately lent given up first. */
#include "core/record_keys.h"

#include "keeper/keeper.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16, ACCOUNT_MOST = 16, SLOT_ARENA = 8 * 1024 };

struct slot {
    struct arena *arena;
    struct sensitive *key;
    uint32_t generation;
    uint8_t account[ACCOUNT_MOST];
    size_t account_n;
    uint64_t used;
};

struct record_keys {
    struct slot slots[SLOTS];
    uint64_t clock;
};

fallible record_keys_open(struct record_keys **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? ARENA_SPENT : OK;
}

void record_keys_close(struct record_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        arena_close(keys->slots[i].arena);
    free(keys);
}

static struct slot *find(struct record_keys *keys, uint32_t generation, struct bytes account)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &keys->slots[i];

        if (slot->key != NULL && slot->generation == generation &&
            bytes_same((struct bytes){slot->account, slot->account_n}, account))
            return slot;
    }
    return NULL;
}

static struct slot *oldest(struct record_keys *keys)
{
    struct slot *slot = &keys->slots[0];

    for (size_t i = 1; i < SLOTS; i++)
        if (keys->slots[i].used < slot->used)
            slot = &keys->slots[i];
    return slot;
}

static fallible lend(struct keeper *keeper, uint32_t generation, struct bytes account,
                     struct slot *slot)
{
    arena_close(slot->arena);
    *slot = (struct slot){.arena = arena_open(SLOT_ARENA), .generation = generation};
    ENSURE(slot->arena != NULL && account.n <= ACCOUNT_MOST, ARENA_SPENT);
    TRY(keeper_lend(keeper, slot->arena, LENT_RECORD, generation, account, &slot->key));
    if (account.n > 0)
        memcpy(slot->account, account.at, account.n);
    slot->account_n = account.n;
    return OK;
}

fallible record_keys_get(struct worker *worker, uint32_t generation, struct bytes account,
                         uint32_t *is, struct sensitive_view *key)
{
    struct record_keys *keys = worker->record_keys;
    const uint32_t wanted = generation != 0 ? generation : worker->house->keeper->generation;
    struct slot *slot = find(keys, wanted, account);

    if (slot == NULL) {
        slot = oldest(keys);
        TRY(lend(worker->house->keeper, wanted, account, slot));
    }
    slot->used = ++keys->clock;
    if (is != NULL)
        *is = wanted;
    *key = sensitive_view(slot->key);
    return OK;
}
