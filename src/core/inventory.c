/* inventory: HMAC-SHA-256 as the weight; one walk over the store. */
#include "core/inventory.h"

#include "core/secrets/index.h"
#include "core/worker.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "keeper/keeper.h"
#include "store/drive.h"

#include <string.h>

enum { SCALES_ARENA = 16 * 1024, NUMBER = 8 };

struct scales {
    struct arena *arena;
    struct sensitive *key; /* prepared */
    struct weigher weigher;
};

static void put_number(uint8_t at[NUMBER], uint64_t number)
{
    for (int i = 0; i < NUMBER; i++)
        at[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* The lengths first, so that no two items are written alike. */
static void weigh(void *ctx, struct bytes key, uint64_t revision, struct bytes value,
                  uint8_t out[DIGEST_SIZE])
{
    const struct scales *scales = ctx;
    uint8_t head[3 * NUMBER];
    struct mac mac;

    put_number(head, key.n);
    put_number(head + NUMBER, value.n);
    put_number(&head[NUMBER + NUMBER], revision);
    mac_begin_prepared(&mac, scales->key);
    mac_more(&mac, (struct bytes){head, sizeof head});
    mac_more(&mac, key);
    mac_more(&mac, value);
    mac_end(&mac, out);
}

static fallible scales_fill(struct keeper *keeper, struct scales *scales)
{
    struct sensitive *lent, *key;

    TRY(keeper_lend(keeper, scales->arena, LENT_INDEX, 0, LIT(""), &lent));
    TRY(kdf_derive(scales->arena, sensitive_view(lent), LIT("coffer store weight"), LIT(""), &key));
    sensitive_wipe(lent);
    TRY(mac_prepare(scales->arena, sensitive_view(key), &scales->key));
    sensitive_wipe(key);
    scales->weigher = (struct weigher){scales, weigh};
    return OK;
}

fallible scales_open(struct keeper *keeper, struct scales **out)
{
    struct arena *arena = arena_open(SCALES_ARENA);
    struct scales *scales = arena == NULL ? NULL : arena_new(arena, struct scales);
    const struct fault *fault = scales == NULL ? ARENA_SPENT : OK;

    if (fault == OK) {
        scales->arena = arena;
        fault = scales_fill(keeper, scales);
    }
    if (fault != OK) {
        arena_close(arena);
        return fault;
    }
    *out = scales;
    return OK;
}

void scales_close(struct scales *scales)
{
    if (scales != NULL)
        arena_close(scales->arena);
}

const struct weigher *scales_weigher(const struct scales *scales)
{
    return &scales->weigher;
}

/* --- the inventory --- */

struct taking {
    struct call call;
    struct arena_mark mark;
    struct inventory *report;
    uint64_t unmatched; /* sum of a hash of each row that a record asks for, less those there */
};

/* --- the index of secrets --- */

static void ask_for_row(void *ctx, struct bytes key)
{
    struct taking *taking = ctx;

    taking->unmatched += bytes_hash(key, 0);
}

/* Sums, so that no row need be looked up: they come in another order than the records. */
static fallible match_index(struct taking *taking, struct bytes key, struct bytes body)
{
    struct call *c = &taking->call;
    struct bytes rest = bytes_after(key, 1);
    struct secret *secret;

    if (key.at[0] == TABLE_LISTED && !index_is_last_access(key))
        taking->unmatched -= bytes_hash(key, 0);
    if (key.at[0] != TABLE_SECRET || body.at == NULL)
        return OK;
    ENSURE(bytes_cut(&rest, 0, &c->account) && bytes_cut(&rest, 0, &c->region), RECORD_DAMAGED);
    TRY(secret_parse(c, key, body, &secret));
    return index_keys(c, secret, ask_for_row, taking);
}

/* --- all items --- */

bool inventory_is_sealed(struct bytes key, struct bytes *account)
{
    struct bytes rest = bytes_after(key, 1), region;

    *account = LIT("");
    switch (key.at[0]) {
    case TABLE_LISTED:
        (void)bytes_cut(&rest, 0, account);
        return bytes_cut(&rest, 0, &region) && rest.n != 0 &&
               (rest.at[0] == TAG_KEY || rest.at[0] == TAG_VALUE);
    case TABLE_LAST_USE:
    case TABLE_DUE:
        return false;
    case TABLE_ACCESS_KEY:
    case TABLE_ANCHOR:
        return true;
    default:
        (void)bytes_cut(&rest, 0, account);
        return true;
    }
}

static fallible take_one(void *ctx, const struct item *item, bool *stop)
{
    struct taking *taking = ctx;
    struct inventory *report = taking->report;
    const struct fault *fault = OK;
    struct bytes account, body = {0};
    bool sealed;

    *stop = false;
    report->items++;
    sealed = inventory_is_sealed(item->key, &account);
    report->records += sealed;
    if (sealed)
        fault = record_open(&taking->call, account, item->key, item->value, &body);
    if (fault == OK)
        fault = match_index(taking, item->key, body);
    arena_rewind(taking->call.arena, taking->mark);
    if (fault == RECORD_DAMAGED && report->wrong++ == 0) {
        report->table = item->key.at[0];
        report->key_bytes = item->key.n;
        report->revision = item->revision;
    }
    return fault == RECORD_DAMAGED ? OK : fault;
}

fallible inventory_take(struct arena *arena, const struct house *house, struct inventory *report)
{
    struct taking taking = {.call = {.arena = arena}, .mark = arena_mark(arena), .report = report};
    struct store_verdict verdict = {0};
    const struct fault *fault;

    *report = (struct inventory){0};
    TRY(worker_open(house, NULL, &taking.call.worker));
    fault = store_verify(taking.call.worker->reader, take_one, &taking, &verdict);
    worker_close(taking.call.worker);
    report->commit = verdict.number;
    report->fits = verdict.fits;
    report->listed = taking.unmatched == 0;
    return fault;
}
