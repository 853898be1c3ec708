/* keeper: the front that every keeper stands behind: here, once, is said which key may do what. */
#include "keeper/keeper.h"

FAULT(KEEPER_SEALED, FAULT_AGAIN, "keeper.sealed",
      "The root key that this needs is not here: Coffer is sealed.");
FAULT(KEEPER_REFUSED, FAULT_INTERNAL, "keeper.refused",
      "A key or a value does not open: it is another's, of another place, or was altered.");
FAULT(KEEPER_MISUSED, FAULT_INTERNAL, "keeper.misused", "This key is not meant for that.");

enum {
    MAKES = 1, /* of random bytes */
    WRAPS_VALUES = 2,
    SEALS = 4,
    MACS = 8,
    DERIVES = 16,
    ANYTHING = 0,
    ACCOUNT = 12,
    ID_MOST = 128,
    SCOPE_MOST = 64,
    PLACE_MOST = 24,
    BACKUP_KEY = 32
};

static const struct use {
    enum key_kind kind;
    unsigned does;
} uses[KEY_USES] = {
    [KEY_FOR_VALUES] = {KEY_AES_256, MAKES | WRAPS_VALUES},
    [KEY_FOR_CUSTOMER] = {KEY_AES_256, MAKES | WRAPS_VALUES | SEALS},
    [KEY_FOR_MACS] = {KEY_HMAC_256, MAKES | MACS},
    [KEY_FOR_SIGNATURES] = {KEY_ACCESS_SECRET, DERIVES},
};

/* Read as unsigned: a number from the store may be none of the words. */
static bool may(const struct key_identity *is, unsigned what)
{
    unsigned use = (unsigned)is->use;

    return is->account.n == ACCOUNT && is->id.n >= 1 && is->id.n <= ID_MOST && is->version >= 1 &&
           use > KEY_NO_USE && use < KEY_USES && uses[use].kind == is->kind &&
           (uses[use].does & what) == what;
}

static bool tied(const struct bound *bound, enum purpose purpose)
{
    return bound->purpose == purpose && bound->count <= PLACE_MOST;
}

static bool has_length(enum key_kind kind, size_t n)
{
    return kind == KEY_ACCESS_SECRET ? n >= 1 && n <= 128 : n == 32;
}

fallible keeper_make(struct keeper *k, struct arena *arena, const struct key_identity *is,
                     struct wrapped *out)
{
    ENSURE(may(is, MAKES), KEEPER_MISUSED);
    return k->class->make(k, arena, is, out);
}

fallible keeper_admit(struct keeper *k, struct arena *arena, const struct key_identity *is,
                      struct sensitive_view key, struct wrapped *out)
{
    ENSURE(may(is, ANYTHING) && has_length(is->kind, key.n), KEEPER_MISUSED);
    return k->class->admit(k, arena, is, key, out);
}

fallible keeper_rewrap(struct keeper *k, struct arena *arena, const struct wrapped *key,
                       struct wrapped *newest)
{
    ENSURE(may(&key->is, ANYTHING), KEEPER_MISUSED);
    return k->class->rewrap(k, arena, key, newest);
}

fallible keeper_value_seal(struct keeper *k, struct arena *arena, const struct wrapped *key,
                           const struct bound *bound, struct sensitive_view plain,
                           struct sealed_value *out)
{
    ENSURE(may(&key->is, WRAPS_VALUES) && tied(bound, FOR_VALUE), KEEPER_MISUSED);
    return k->class->value_seal(k, arena, key, bound, plain, out);
}

fallible keeper_value_open(struct keeper *k, struct arena *arena, const struct wrapped *key,
                           const struct bound *bound, const struct sealed_value *value,
                           struct sensitive **plain)
{
    ENSURE(may(&key->is, WRAPS_VALUES) && tied(bound, FOR_VALUE), KEEPER_MISUSED);
    return k->class->value_open(k, arena, key, bound, value, plain);
}

fallible keeper_seal(struct keeper *k, struct arena *arena, const struct wrapped *key,
                     const struct bound *bound, struct sensitive_view plain, struct bytes *sealed)
{
    ENSURE(may(&key->is, SEALS) && tied(bound, FOR_KMS), KEEPER_MISUSED);
    return k->class->seal(k, arena, key, bound, plain, sealed);
}

fallible keeper_open(struct keeper *k, struct arena *arena, const struct wrapped *key,
                     const struct bound *bound, struct bytes sealed, struct sensitive **plain)
{
    ENSURE(may(&key->is, SEALS) && tied(bound, FOR_KMS), KEEPER_MISUSED);
    return k->class->open(k, arena, key, bound, sealed, plain);
}

fallible keeper_mac(struct keeper *k, struct arena *arena, const struct wrapped *key,
                    const struct bound *bound, struct sensitive_view message, uint8_t tag[32])
{
    ENSURE(may(&key->is, MACS) && tied(bound, FOR_DIGEST), KEEPER_MISUSED);
    return k->class->mac(k, arena, key, bound, message, tag);
}

static bool is_scope(const struct bytes scope[3])
{
    for (int i = 0; i < 3; i++)
        if (scope[i].n < 1 || scope[i].n > SCOPE_MOST)
            return false;
    return true;
}

fallible keeper_derive(struct keeper *k, struct arena *arena, const struct wrapped *secret,
                       const struct bytes scope[3], struct sensitive **key)
{
    ENSURE(may(&secret->is, DERIVES) && is_scope(scope), KEEPER_MISUSED);
    return k->class->derive(k, arena, secret, scope, key);
}

fallible keeper_session_seal(struct keeper *k, struct arena *arena, struct bytes id,
                             struct bytes claims, struct bytes *token)
{
    ENSURE(id.n != 0 && claims.n != 0, KEEPER_MISUSED);
    return k->class->session_seal(k, arena, id, claims, token);
}

fallible keeper_session_open(struct keeper *k, struct arena *arena, struct bytes id,
                             struct bytes token, struct bytes *claims)
{
    return k->class->session_open(k, arena, id, token, claims);
}

fallible keeper_session_secret(struct keeper *k, struct arena *arena, struct bytes token,
                               struct sensitive **secret)
{
    return k->class->session_secret(k, arena, token, secret);
}

fallible keeper_session_derive(struct keeper *k, struct arena *arena, struct bytes token,
                               const struct bytes scope[3], struct sensitive **key)
{
    ENSURE(is_scope(scope), KEEPER_MISUSED);
    return k->class->session_derive(k, arena, token, scope, key);
}

fallible keeper_lend(struct keeper *k, struct arena *arena, enum lent what, uint32_t generation,
                     struct bytes account, struct sensitive **key)
{
    ENSURE(what == LENT_RECORD || what == LENT_INDEX, KEEPER_MISUSED);
    ENSURE(account.n == ACCOUNT || account.n == 0, KEEPER_MISUSED);
    return k->class->lend(k, arena, what, generation, account, key);
}

fallible keeper_journal_sign(struct keeper *k, uint32_t generation, struct bytes message,
                             uint8_t signature[64])
{
    return k->class->journal_sign(k, generation, message, signature);
}

fallible keeper_journal_public(struct keeper *k, uint32_t generation, uint8_t public_key[32])
{
    return k->class->journal_public(k, generation, public_key);
}

fallible keeper_backup_seal(struct keeper *k, struct arena *arena, const struct bound *bound,
                            struct sensitive_view key, struct bytes *sealed)
{
    ENSURE(key.n == BACKUP_KEY && tied(bound, FOR_BACKUP), KEEPER_MISUSED);
    return k->class->backup_seal(k, arena, bound, key, sealed);
}

fallible keeper_backup_open(struct keeper *k, struct arena *arena, uint32_t generation,
                            const struct bound *bound, struct bytes sealed, struct sensitive **key)
{
    ENSURE(tied(bound, FOR_BACKUP), KEEPER_MISUSED);
    return k->class->backup_open(k, arena, generation, bound, sealed, key);
}

void keeper_close(struct keeper *k)
{
    if (k != NULL)
        k->class->close(k);
}
