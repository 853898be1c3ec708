/* record: keys, and sealed bodies with what authenticates them.
 *
 * In the store: format (1 byte), the reader that it needs (1), the root generation of its key (4),
 * revision (8), then the sealed body. The first fourteen bytes are part of the associated data. */
#include "core/record.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/record_keys.h"
#include "core/worker.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "keeper/keeper.h"

#include <stdatomic.h>
#include <string.h>

enum { FORMAT = 1, HEAD = 14, HASHED = 31 };

FAULT(RECORD_DAMAGED, FAULT_INTERNAL, "record.damaged", "A stored record does not open.");
FAULT(RECORD_NEWER, FAULT_INTERNAL, "record.newer",
      "A stored record was written by a newer Coffer, which said that this one must not read it.");
FAULT(RECORD_KEY, FAULT_CALLER, "record.key",
      "A name is too long, or has characters that no name may have.");

/* All are looked at, which the compiler does many at a time. */
static bool part_fits(struct bytes part)
{
    uint8_t strange = 0;

    for (size_t i = 0; i < part.n; i++)
        strange |= part.at[i] <= 1;
    return strange == 0;
}

/* 31 characters of base32: 155 bits of the hash of the whole. */
static uint8_t *put_hash(uint8_t *at, struct bytes part)
{
    static const uint8_t digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t hash[DIGEST_SIZE];

    digest_sha256(part, hash);
    *at++ = 1;
    for (unsigned bit = 0; bit < 5 * HASHED; bit += 5) {
        const unsigned two = (unsigned)hash[bit / 8] << 8 | hash[bit / 8 + 1];

        *at++ = digits[two >> (11 - bit % 8) & 31];
    }
    return at;
}

static uint8_t *put_part(uint8_t *at, struct bytes part)
{
    const size_t kept = part.n > RECORD_PART_MOST ? RECORD_PART_KEPT : part.n;

    if (kept > 0)
        memcpy(at, part.at, kept);
    at += kept;
    if (kept < part.n)
        at = put_hash(at, part);
    *at++ = 0;
    return at;
}

fallible record_key(struct arena *arena, enum table table, const struct bytes parts[], size_t n,
                    struct bytes *key)
{
    size_t room = 1;
    uint8_t *start, *at;

    for (size_t i = 0; i < n; i++) {
        ENSURE(part_fits(parts[i]), RECORD_KEY);
        room += (parts[i].n > RECORD_PART_MOST ? RECORD_PART_MOST : parts[i].n) + 1;
    }
    ENSURE(room <= STORE_KEY_MOST, RECORD_KEY);
    start = at = arena_get(arena, room);
    ENSURE(at != NULL, ARENA_SPENT);
    *at++ = (uint8_t)table;
    for (size_t i = 0; i < n; i++)
        at = put_part(at, parts[i]);
    *key = (struct bytes){start, (size_t)(at - start)};
    return OK;
}

struct record_head {
    uint8_t needs;
    uint32_t generation;
    uint64_t revision;
};

static uint64_t take_number(const uint8_t *at, size_t n)
{
    uint64_t number = 0;

    for (size_t i = 0; i < n; i++)
        number = number << 8 | at[i];
    return number;
}

static void put_head(const struct record_head *head, uint8_t out[HEAD])
{
    out[0] = FORMAT;
    out[1] = head->needs;
    for (int i = 0; i < 4; i++)
        out[2 + i] = (uint8_t)(head->generation >> (24 - 8 * i));
    for (int i = 0; i < 8; i++)
        out[6 + i] = (uint8_t)(head->revision >> (56 - 8 * i));
}

static fallible read_head(struct bytes stored, struct record_head *head)
{
    ENSURE(stored.n >= HEAD, RECORD_DAMAGED);
    ENSURE(stored.at[0] == FORMAT, stored.at[0] > FORMAT ? RECORD_NEWER : RECORD_DAMAGED);
    head->needs = stored.at[1];
    head->generation = (uint32_t)take_number(stored.at + 2, 4);
    head->revision = take_number(stored.at + 6, 8);
    return OK;
}

static fallible open_body(struct call *c, struct bytes account, struct bytes key,
                          struct bytes stored, struct bytes *body)
{
    struct record_head head;
    struct sensitive_view with;
    const struct fault *fault;

    TRY(read_head(stored, &head));
    TRY(record_keys_get(c->worker, head.generation, account, NULL, &with));
    fault = aead_open_plain(c->arena, with,
                            BOUND(FOR_RECORD, (struct bytes){stored.at, HEAD}, account, key),
                            bytes_after(stored, HEAD), body);
    ENSURE(fault != AEAD_REFUSED, RECORD_DAMAGED);
    TRY(fault);
    /* Only now is it known that the head was not altered: a damaged one is not called newer. */
    ENSURE(head.needs <= RECORD_READER, RECORD_NEWER);
    return OK;
}

static _Atomic uint64_t damaged_met;

uint64_t record_damaged_count(void)
{
    return damaged_met;
}

/* Whoever lists may meet the same one a thousand times a second. The name is for the operator, who
 * has to find it; it stands in the data file too. */
static void meet_damaged(struct bytes key)
{
    static _Atomic int64_t told_s = -1;
    const int64_t second = clock_monotonic_ns() / 1000000000;
    char text[128];
    size_t n = 0;

    damaged_met++;
    if (atomic_exchange(&told_s, second) == second)
        return;
    for (; n < key.n && n < sizeof text; n++)
        text[n] = (char)(key.at[n] <= ' ' ? '/' : key.at[n]);
    LOG(LOG_ERROR, "record.damaged", F("key", ((struct bytes){(const uint8_t *)text, n})));
}

fallible record_open(struct call *c, struct bytes account, struct bytes key, struct bytes sealed,
                     struct bytes *body)
{
    const struct fault *fault = open_body(c, account, key, sealed, body);

    if (fault == RECORD_DAMAGED)
        meet_damaged(key);
    return fault;
}

fallible record_load(struct call *c, struct bytes account, struct bytes key, struct bytes *body)
{
    struct bytes stored;

    TRY(txn_see(c->txn, key, &stored));
    return record_open(c, account, key, stored, body);
}

static fallible next_revision(struct call *c, struct bytes key, uint64_t *revision)
{
    struct record_head before;
    struct bytes stored;
    const struct fault *fault = txn_see(c->txn, key, &stored);

    *revision = 1;
    if (fault == STORE_ABSENT)
        return OK;
    TRY(fault);
    TRY(read_head(stored, &before));
    *revision = before.revision + 1;
    return OK;
}

static fallible close_body(struct call *c, struct bytes account, struct bytes key,
                           uint64_t revision, struct bytes *stored)
{
    struct record_head head = {.needs = RECORD_READER, .revision = revision};
    const struct bytes body = *stored;
    uint8_t front[HEAD], *whole;
    struct sensitive_view with;
    struct bytes sealed;

    TRY(record_keys_get(c->worker, 0, account, &head.generation, &with));
    put_head(&head, front);
    TRY(aead_seal_plain(c->arena, with,
                        BOUND(FOR_RECORD, (struct bytes){front, HEAD}, account, key), body,
                        &sealed));
    whole = arena_get(c->arena, HEAD + sealed.n);
    ENSURE(whole != NULL, ARENA_SPENT);
    memcpy(whole, front, HEAD);
    memcpy(whole + HEAD, sealed.at, sealed.n);
    *stored = (struct bytes){whole, HEAD + sealed.n};
    return OK;
}

fallible record_seal(struct call *c, struct bytes account, struct bytes key, struct bytes body,
                     struct bytes *sealed)
{
    *sealed = body;
    return close_body(c, account, key, 1, sealed);
}

fallible record_save(struct call *c, struct bytes account, struct bytes key, struct bytes body)
{
    struct bytes stored = body;
    uint64_t revision;

    TRY(next_revision(c, key, &revision));
    TRY(close_body(c, account, key, revision, &stored));
    return txn_put(c->txn, key, stored);
}

fallible record_drop(struct call *c, struct bytes key)
{
    return txn_drop(c->txn, key);
}
