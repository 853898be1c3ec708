/* local: root keys, the keys under them, and what is done with a wrapped key. */
#include "keeper/local.h"

#include "codec/base64.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "crypto/start.h"
#include "keeper/opened.h"

#include <string.h>

enum { FORMAT = 1, VALUE_FORMAT = 2, HEAD = 5, ONE_BYTE = 1, IDENTITY_PARTS = 6, ARENA = 1 << 20 };

/* What hangs directly on a root. */
enum { WRAPPING, RECORD, INDEX, JOURNAL, BACKUP, TOKEN, SESSION, KEYS };

struct generation {
    uint32_t number;
    struct sensitive *keys[KEYS];
};

struct local {
    struct keeper base;
    struct arena *arena; /* holds all of this, itself too */
    struct opened *opened;
    size_t count;
    struct generation generations[KEEPER_ROOTS];
};

/* A bound made from a key's identity, and a value's place behind it. */
struct place {
    struct bound bound;
    struct bytes parts[32];
    uint8_t rooms[4][8];
};

static struct local *local_of(struct keeper *k)
{
    return (struct local *)(void *)k;
}

/* A rewrapped key is the same key, so what lies under it does not name its generation: only a blob
 * does. */
static void place_begin(struct place *place, enum purpose purpose, struct bytes head,
                        const struct key_identity *is)
{
    place->parts[0] = head;
    place->parts[1] = is->account;
    place->parts[2] = is->id;
    place->parts[3] = bound_number(place->rooms[0], is->version);
    place->parts[4] = bound_number(place->rooms[1], (uint64_t)is->kind);
    place->parts[5] = bound_number(place->rooms[2], (uint64_t)is->use);
    place->bound = (struct bound){purpose, place->parts, IDENTITY_PARTS};
}

static void place_add(struct place *place, const struct bound *more)
{
    for (size_t i = 0; i < more->count; i++)
        place->parts[place->bound.count++] = more->parts[i];
}

static fallible generation_of(const struct local *local, uint32_t number,
                              const struct generation **out)
{
    number = number == 0 ? local->base.generation : number;
    for (size_t i = 0; i < local->count; i++)
        if (local->generations[i].number == number) {
            *out = &local->generations[i];
            return OK;
        }
    return KEEPER_SEALED;
}

static fallible refused(const struct fault *why)
{
    return why == AEAD_REFUSED ? KEEPER_REFUSED : why;
}

bool keeper_blob_generation(struct bytes blob, uint32_t *generation)
{
    struct bytes format;

    return bytes_take(&blob, 1, &format) && format.at[0] == FORMAT &&
           bytes_take_u32(&blob, generation) && blob.n > AEAD_EXTRA && *generation != 0;
}

static void write_head(uint8_t *blob, uint32_t generation)
{
    blob[0] = FORMAT;
    for (int i = 0; i < 4; i++)
        blob[1 + i] = (uint8_t)(generation >> (24 - 8 * i));
}

/* The blob: format, generation, seal. */
static fallible wrap(struct local *local, struct arena *arena, const struct key_identity *is,
                     struct sensitive_view key, struct wrapped *out)
{
    const struct generation *newest;
    struct bytes sealed;
    struct place place;
    uint8_t *blob;

    TRY(generation_of(local, 0, &newest));
    blob = arena_get(arena, HEAD + key.n + AEAD_EXTRA);
    ENSURE(blob != NULL, ARENA_SPENT);
    write_head(blob, newest->number);
    place_begin(&place, FOR_KEY, (struct bytes){blob, HEAD}, is);
    TRY(aead_seal(arena, sensitive_view(newest->keys[WRAPPING]), &place.bound, key, &sealed));
    memcpy(blob + HEAD, sealed.at, sealed.n);
    out->is = *is;
    out->blob = (struct bytes){blob, HEAD + sealed.n};
    return OK;
}

static fallible unwrap_anew(struct local *local, struct arena *arena, const struct wrapped *wrapped,
                            struct sensitive **key)
{
    const struct bytes blob = wrapped->blob;
    const struct generation *generation;
    struct place place;
    uint32_t number;

    ENSURE(keeper_blob_generation(blob, &number), KEEPER_REFUSED);
    TRY(generation_of(local, number, &generation));
    place_begin(&place, FOR_KEY, (struct bytes){blob.at, HEAD}, &wrapped->is);
    TRY(refused(aead_open_key(arena, sensitive_view(generation->keys[WRAPPING]), &place.bound,
                              bytes_after(blob, HEAD), key)));
    opened_keep(local->opened, wrapped, sensitive_view(*key));
    return OK;
}

/* The caller wipes it as soon as he has used it. */
static fallible unwrap(struct local *local, struct arena *arena, const struct wrapped *wrapped,
                       struct sensitive **key)
{
    TRY(sensitive_new_key(arena, 32, key));
    if (opened_find(local->opened, wrapped, sensitive_fill(*key)))
        return OK;
    sensitive_wipe(*key);
    return unwrap_anew(local, arena, wrapped, key);
}

/* The same of 32 bytes into this thread's own room: a read takes no piece of the keys region. */
static fallible unwrap_here(struct local *local, struct arena *arena, const struct wrapped *wrapped,
                            struct sensitive_view *key)
{
    struct sensitive *opened;
    uint8_t *room;

    TRY(crypto_key_room(&room));
    *key = (struct sensitive_view){room, CRYPTO_KEY_ROOM};
    if (opened_find(local->opened, wrapped, room))
        return OK;
    TRY(unwrap_anew(local, arena, wrapped, &opened));
    if (sensitive_view(opened).n != CRYPTO_KEY_ROOM) {
        sensitive_wipe(opened);
        return KEEPER_REFUSED;
    }
    memcpy(room, sensitive_view(opened).at, CRYPTO_KEY_ROOM);
    sensitive_wipe(opened);
    return OK;
}

static fallible local_admit(struct keeper *k, struct arena *arena, const struct key_identity *is,
                            struct sensitive_view key, struct wrapped *out)
{
    return wrap(local_of(k), arena, is, key, out);
}

static fallible fresh_key(struct arena *arena, struct sensitive **key)
{
    TRY(sensitive_new_key(arena, AEAD_KEY, key));
    return random_fill(sensitive_fill(*key), AEAD_KEY);
}

static fallible local_make(struct keeper *k, struct arena *arena, const struct key_identity *is,
                           struct wrapped *out)
{
    struct sensitive *key;
    const struct fault *why;

    TRY(fresh_key(arena, &key));
    why = wrap(local_of(k), arena, is, sensitive_view(key), out);
    sensitive_wipe(key);
    return why;
}

static fallible local_rewrap(struct keeper *k, struct arena *arena, const struct wrapped *old,
                             struct wrapped *out)
{
    struct sensitive *key;
    const struct fault *why;

    TRY(unwrap(local_of(k), arena, old, &key));
    why = wrap(local_of(k), arena, &old->is, sensitive_view(key), out);
    sensitive_wipe(key);
    return why;
}

static const uint8_t value_head[ONE_BYTE] = {VALUE_FORMAT}, customer_head[ONE_BYTE] = {FORMAT};

static void value_place(struct place *place, const struct wrapped *over, const struct bound *value)
{
    place_begin(place, FOR_DATA_KEY, (struct bytes){value_head, ONE_BYTE}, &over->is);
    place_add(place, value);
}

/* The data key's blob: format, seal. */
static fallible data_key_blob(struct arena *arena, struct bytes sealed, struct bytes *blob)
{
    uint8_t *at = arena_get(arena, ONE_BYTE + sealed.n);

    ENSURE(at != NULL, ARENA_SPENT);
    at[0] = VALUE_FORMAT;
    memcpy(at + ONE_BYTE, sealed.at, sealed.n);
    *blob = (struct bytes){at, ONE_BYTE + sealed.n};
    return OK;
}

static fallible local_value_seal(struct keeper *k, struct arena *arena, const struct wrapped *over,
                                 const struct bound *bound, struct sensitive_view plain,
                                 struct sealed_value *out)
{
    struct aead_envelope envelope;
    struct sensitive *key;
    struct place place;
    const struct fault *why;

    TRY(unwrap(local_of(k), arena, over, &key));
    value_place(&place, over, bound);
    why = aead_envelope_seal(arena, sensitive_view(key), &place.bound, plain, &envelope);
    sensitive_wipe(key);
    TRY(why);
    out->sealed = envelope.value;
    return data_key_blob(arena, envelope.key, &out->data_key);
}

static fallible local_value_open(struct keeper *k, struct arena *arena, const struct wrapped *over,
                                 const struct bound *bound, const struct sealed_value *value,
                                 struct sensitive **plain)
{
    const struct bytes blob = value->data_key;
    const struct aead_envelope envelope = {bytes_after(blob, ONE_BYTE), value->sealed};
    struct sensitive_view key;
    struct place place;
    const struct fault *why;

    ENSURE(blob.n == ONE_BYTE + AEAD_INNER && blob.at[0] == VALUE_FORMAT, KEEPER_REFUSED);
    TRY(unwrap_here(local_of(k), arena, over, &key));
    value_place(&place, over, bound);
    why = aead_envelope_open(arena, key, &place.bound, &envelope, plain);
    crypto_key_room_wipe();
    return refused(why);
}

static void customer_place(struct place *place, const struct wrapped *key,
                           const struct bound *context)
{
    place_begin(place, FOR_KMS, (struct bytes){customer_head, ONE_BYTE}, &key->is);
    place_add(place, context);
}

static fallible local_seal(struct keeper *k, struct arena *arena, const struct wrapped *wrapped,
                           const struct bound *bound, struct sensitive_view plain,
                           struct bytes *sealed)
{
    struct sensitive *key;
    struct place place;
    const struct fault *why;

    TRY(unwrap(local_of(k), arena, wrapped, &key));
    customer_place(&place, wrapped, bound);
    why = aead_seal(arena, sensitive_view(key), &place.bound, plain, sealed);
    sensitive_wipe(key);
    return why;
}

static fallible local_open(struct keeper *k, struct arena *arena, const struct wrapped *wrapped,
                           const struct bound *bound, struct bytes sealed, struct sensitive **plain)
{
    struct sensitive *key;
    struct place place;
    const struct fault *why;

    TRY(unwrap(local_of(k), arena, wrapped, &key));
    customer_place(&place, wrapped, bound);
    why = aead_open(arena, sensitive_view(key), &place.bound, sealed, plain);
    sensitive_wipe(key);
    return refused(why);
}

static fallible local_mac(struct keeper *k, struct arena *arena, const struct wrapped *wrapped,
                          const struct bound *bound, struct sensitive_view message, uint8_t tag[32])
{
    struct sensitive *key;
    struct bytes written;
    struct mac mac;

    TRY(bound_write(arena, bound, &written));
    TRY(unwrap(local_of(k), arena, wrapped, &key));
    mac_begin(&mac, sensitive_view(key));
    sensitive_wipe(key);
    mac_more(&mac, written);
    mac_more_hidden(&mac, message);
    mac_end(&mac, tag);
    return OK;
}

/* AWS puts its own letters before the secret, so that a secret is never itself a key. Wipes the
 * secret. */
static fallible derive_from(struct arena *arena, struct sensitive *secret,
                            const struct bytes scope[3], struct sensitive **out)
{
    const struct bytes parts[] = {scope[0], scope[1], scope[2], LIT("aws4_request")};
    const struct sensitive_view seen = sensitive_view(secret);
    struct sensitive *first, *key;

    TRY(sensitive_new_key(arena, DIGEST_SIZE, &key));
    TRY(sensitive_new_key(arena, 4 + seen.n, &first));
    memcpy(sensitive_fill(first), "AWS4", 4);
    memcpy(sensitive_fill(first) + 4, seen.at, seen.n);
    sensitive_wipe(secret);
    mac_chain(sensitive_view(first), parts, 4, sensitive_fill(key));
    sensitive_wipe(first);
    *out = key;
    return OK;
}

static fallible local_derive(struct keeper *k, struct arena *arena, const struct wrapped *wrapped,
                             const struct bytes scope[3], struct sensitive **out)
{
    struct sensitive *secret;

    TRY(unwrap(local_of(k), arena, wrapped, &secret));
    return derive_from(arena, secret, scope, out);
}

/* --- sessions: a token is format, generation, seal --- */

static fallible local_session_seal(struct keeper *k, struct arena *arena, struct bytes id,
                                   struct bytes claims, struct bytes *out)
{
    const struct generation *newest;
    struct bytes sealed;
    uint8_t *token;

    TRY(generation_of(local_of(k), 0, &newest));
    token = arena_get(arena, HEAD + claims.n + AEAD_EXTRA);
    ENSURE(token != NULL, ARENA_SPENT);
    write_head(token, newest->number);
    TRY(aead_seal_plain(arena, sensitive_view(newest->keys[TOKEN]),
                        BOUND(FOR_SESSION, ((struct bytes){token, HEAD}), id), claims, &sealed));
    memcpy(token + HEAD, sealed.at, sealed.n);
    *out = (struct bytes){token, HEAD + sealed.n};
    return OK;
}

static fallible generation_of_token(struct local *local, struct bytes token,
                                    const struct generation **out)
{
    uint32_t number;

    ENSURE(keeper_blob_generation(token, &number), KEEPER_REFUSED);
    return generation_of(local, number, out);
}

static fallible local_session_open(struct keeper *k, struct arena *arena, struct bytes id,
                                   struct bytes token, struct bytes *claims)
{
    const struct generation *of;

    TRY(generation_of_token(local_of(k), token, &of));
    return refused(aead_open_plain(arena, sensitive_view(of->keys[TOKEN]),
                                   BOUND(FOR_SESSION, ((struct bytes){token.at, HEAD}), id),
                                   bytes_after(token, HEAD), claims));
}

/* The i-th six bits of a code. */
static uint8_t six_bits(const uint8_t *tag, size_t i)
{
    const size_t bit = 6 * i;
    const unsigned two = (unsigned)tag[bit / 8] << 8 | tag[bit / 8 + 1];

    return (uint8_t)(two >> (10 - bit % 8) & 63u);
}

static fallible local_session_secret(struct keeper *k, struct arena *arena, struct bytes token,
                                     struct sensitive **out)
{
    const struct generation *of;
    struct sensitive *code, *secret;

    TRY(generation_of_token(local_of(k), token, &of));
    TRY(sensitive_new_key(arena, KEEPER_SESSION_SECRET, &secret));
    TRY(sensitive_new_key(arena, DIGEST_SIZE, &code));
    mac_sha256(sensitive_view(of->keys[SESSION]), token, sensitive_fill(code));
    for (size_t i = 0; i < KEEPER_SESSION_SECRET; i++)
        sensitive_fill(secret)[i] = base64_character(six_bits(sensitive_view(code).at, i));
    sensitive_wipe(code);
    *out = secret;
    return OK;
}

static fallible local_session_derive(struct keeper *k, struct arena *arena, struct bytes token,
                                     const struct bytes scope[3], struct sensitive **out)
{
    struct sensitive *secret;

    TRY(local_session_secret(k, arena, token, &secret));
    return derive_from(arena, secret, scope, out);
}

static fallible local_lend(struct keeper *k, struct arena *arena, enum lent what,
                           uint32_t generation, struct bytes account, struct sensitive **key)
{
    const struct generation *of;

    TRY(generation_of(local_of(k), generation, &of));
    return kdf_derive(arena, sensitive_view(of->keys[what == LENT_RECORD ? RECORD : INDEX]),
                      LIT("account"), account, key);
}

static fallible local_journal_sign(struct keeper *k, uint32_t generation, struct bytes message,
                                   uint8_t signature[64])
{
    const struct generation *of;

    TRY(generation_of(local_of(k), generation, &of));
    return sign_make(sensitive_view(of->keys[JOURNAL]), message, signature);
}

static fallible local_journal_public(struct keeper *k, uint32_t generation, uint8_t public_key[32])
{
    const struct generation *of;

    TRY(generation_of(local_of(k), generation, &of));
    return sign_public(sensitive_view(of->keys[JOURNAL]), public_key);
}

static fallible local_backup_seal(struct keeper *k, struct arena *arena, const struct bound *bound,
                                  struct sensitive_view key, struct bytes *sealed)
{
    const struct generation *of;

    TRY(generation_of(local_of(k), 0, &of));
    return aead_seal(arena, sensitive_view(of->keys[BACKUP]), bound, key, sealed);
}

static fallible local_backup_open(struct keeper *k, struct arena *arena, uint32_t generation,
                                  const struct bound *bound, struct bytes sealed,
                                  struct sensitive **key)
{
    const struct generation *of;

    TRY(generation_of(local_of(k), generation, &of));
    return refused(aead_open_key(arena, sensitive_view(of->keys[BACKUP]), bound, sealed, key));
}

static void local_close(struct keeper *k)
{
    struct local *local = local_of(k);

    opened_forget(local->opened);
    arena_close(local->arena); /* it parts with every key, and with the struct */
}

static const struct keeper_class class = {
    .name = "local",
    .make = local_make,
    .admit = local_admit,
    .rewrap = local_rewrap,
    .value_seal = local_value_seal,
    .value_open = local_value_open,
    .seal = local_seal,
    .open = local_open,
    .mac = local_mac,
    .derive = local_derive,
    .session_seal = local_session_seal,
    .session_open = local_session_open,
    .session_secret = local_session_secret,
    .session_derive = local_session_derive,
    .lend = local_lend,
    .journal_sign = local_journal_sign,
    .journal_public = local_journal_public,
    .backup_seal = local_backup_seal,
    .backup_open = local_backup_open,
    .close = local_close,
};

/* Labels are stored in nothing and yet for ever: another label is another key. */
#define LABEL(text)                               \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
static const struct bytes labels[KEYS] = {
    [WRAPPING] = LABEL("coffer wrapping"),
    [RECORD] = LABEL("coffer record"),
    [INDEX] = LABEL("coffer index"),
    [JOURNAL] = LABEL("coffer journal signing"),
    [BACKUP] = LABEL("coffer backup"),
    [TOKEN] = LABEL("coffer session token"),
    [SESSION] = LABEL("coffer session secret"),
};

static fallible generation_open(struct arena *arena, const struct keeper_root *root,
                                struct generation *out)
{
    uint8_t room[8];
    struct bytes context = bound_number(room, root->generation);

    ENSURE(root->generation != 0 && root->key.n == KEEPER_ROOT, KEEPER_MISUSED);
    out->number = root->generation;
    for (size_t i = 0; i < KEYS; i++)
        TRY(kdf_derive(arena, root->key, labels[i], context, &out->keys[i]));
    return OK;
}

static fallible local_open_roots(struct local *local, const struct keeper_root *roots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            ENSURE(roots[j].generation != roots[i].generation, KEEPER_MISUSED);
        TRY(generation_open(local->arena, &roots[i], &local->generations[local->count]));
        local->count++;
        if (roots[i].generation > local->base.generation)
            local->base.generation = roots[i].generation;
    }
    return opened_new(local->arena, &local->opened);
}

static fallible local_new(struct local **out)
{
    struct arena *arena = arena_open(ARENA);
    struct local *local;

    ENSURE(arena != NULL, ARENA_SPENT);
    local = arena_new(arena, struct local);
    if (local == NULL) {
        arena_close(arena);
        return ARENA_SPENT;
    }
    local->base.class = &class;
    local->arena = arena;
    *out = local;
    return OK;
}

static fallible local_done(struct local *local, const struct fault *why, struct keeper **out)
{
    if (why == OK)
        *out = &local->base;
    else
        arena_close(local->arena);
    return why;
}

fallible keeper_local(const struct keeper_root *roots, size_t count, struct keeper **out)
{
    struct local *local;

    ENSURE(count >= 1 && count <= KEEPER_ROOTS, KEEPER_MISUSED);
    TRY(local_new(&local));
    return local_done(local, local_open_roots(local, roots, count), out);
}

static fallible copy_generation(struct arena *arena, const struct generation *from,
                                struct generation *to)
{
    to->number = from->number;
    for (size_t i = 0; i < KEYS; i++) {
        const struct sensitive_view key = sensitive_view(from->keys[i]);

        TRY(sensitive_new_key(arena, key.n, &to->keys[i]));
        memcpy(sensitive_fill(to->keys[i]), key.at, key.n);
    }
    return OK;
}

static fallible open_beside(struct local *local, const struct local *of,
                            const struct keeper_root *root)
{
    for (size_t i = 0; i < of->count; i++, local->count++)
        TRY(copy_generation(local->arena, &of->generations[i], &local->generations[i]));
    return local_open_roots(local, root, 1);
}

fallible keeper_local_beside(struct keeper *k, const struct keeper_root *root, struct keeper **out)
{
    const struct local *of = local_of(k);
    struct local *local;

    ENSURE(of->count < KEEPER_ROOTS && root->generation > k->generation, KEEPER_MISUSED);
    TRY(local_new(&local));
    return local_done(local, open_beside(local, of, root), out);
}
