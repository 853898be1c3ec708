/* agree: X25519 by OpenSSL, its keys and contexts made inside and freed at once. */
#include "crypto/agree.h"

#include "base/inside.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "crypto/start.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { BOTH = 2 * AGREE_KEY };

static EVP_PKEY *private_of(struct sensitive_view secret)
{
    return secret.n != AGREE_KEY
               ? NULL
               : EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, secret.at, secret.n);
}

static EVP_PKEY *public_of(struct bytes key)
{
    return key.n != AGREE_KEY ? NULL
                              : EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, key.at, key.n);
}

fallible agree_public(struct sensitive_view secret, uint8_t public_key[AGREE_KEY])
{
    size_t n = AGREE_KEY;
    EVP_PKEY *key;
    bool done;

    inside_begin();
    key = private_of(secret);
    done = key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1 && n == AGREE_KEY;
    EVP_PKEY_free(key);
    ERR_clear_error();
    inside_end();
    return done ? OK : CRYPTO_BROKEN;
}

static bool share_with(EVP_PKEY *mine, EVP_PKEY *theirs, uint8_t *shared)
{
    EVP_PKEY_CTX *context =
        mine == NULL || theirs == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    size_t n = AGREE_KEY;
    bool done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer(context, theirs) == 1 &&
                EVP_PKEY_derive(context, shared, &n) == 1 && n == AGREE_KEY;

    EVP_PKEY_CTX_free(context);
    return done;
}

static fallible share(struct arena *arena, struct sensitive_view secret, struct bytes theirs,
                      struct sensitive **shared)
{
    EVP_PKEY *mine, *other;
    bool done;

    TRY(sensitive_new_key(arena, AGREE_KEY, shared));
    inside_begin();
    mine = private_of(secret);
    other = public_of(theirs);
    done = share_with(mine, other, sensitive_fill(*shared));
    EVP_PKEY_free(mine);
    EVP_PKEY_free(other);
    ERR_clear_error();
    inside_end();
    return done ? OK : CRYPTO_BROKEN;
}

/* Both public keys are part of the key, as in every such scheme. */
static fallible key_of(struct arena *arena, struct sensitive_view secret, struct bytes theirs,
                       const uint8_t both[BOTH], struct sensitive **key)
{
    struct sensitive *shared;
    const struct fault *why;

    TRY(share(arena, secret, theirs, &shared));
    why = kdf_derive(arena, sensitive_view(shared), LIT("coffer agreed"),
                     (struct bytes){both, BOTH}, key);
    sensitive_wipe(shared);
    return why;
}

static fallible seal_with(struct arena *arena, struct sensitive_view fresh, struct bytes to,
                          const struct bound *bound, struct sensitive_view plain,
                          struct bytes *sealed)
{
    uint8_t both[BOTH], *whole;
    struct sensitive *key;
    struct bytes inner;
    const struct fault *why;

    TRY(agree_public(fresh, both));
    memcpy(both + AGREE_KEY, to.at, AGREE_KEY);
    TRY(key_of(arena, fresh, to, both, &key));
    why = aead_seal(arena, sensitive_view(key), bound, plain, &inner);
    sensitive_wipe(key);
    TRY(why);
    whole = arena_get(arena, AGREE_KEY + inner.n);
    ENSURE(whole != NULL, ARENA_SPENT);
    memcpy(whole, both, AGREE_KEY);
    memcpy(whole + AGREE_KEY, inner.at, inner.n);
    *sealed = (struct bytes){whole, AGREE_KEY + inner.n};
    return OK;
}

fallible agree_seal(struct arena *arena, struct bytes public_key, const struct bound *bound,
                    struct sensitive_view plain, struct bytes *sealed)
{
    struct sensitive *fresh;
    const struct fault *why;

    ENSURE(public_key.n == AGREE_KEY, CRYPTO_BROKEN);
    TRY(sensitive_new_key(arena, AGREE_KEY, &fresh));
    TRY(random_fill(sensitive_fill(fresh), AGREE_KEY));
    why = seal_with(arena, sensitive_view(fresh), public_key, bound, plain, sealed);
    sensitive_wipe(fresh);
    return why;
}

fallible agree_open(struct arena *arena, struct sensitive_view secret, const struct bound *bound,
                    struct bytes sealed, struct sensitive **plain)
{
    uint8_t both[BOTH];
    struct sensitive *key;
    const struct fault *why;

    ENSURE(sealed.n > AGREE_KEY, AEAD_REFUSED);
    memcpy(both, sealed.at, AGREE_KEY);
    TRY(agree_public(secret, both + AGREE_KEY));
    why = key_of(arena, secret, (struct bytes){sealed.at, AGREE_KEY}, both, &key);
    ENSURE(why != CRYPTO_BROKEN, AEAD_REFUSED);
    TRY(why);
    why = aead_open_key(arena, sensitive_view(key), bound, bytes_after(sealed, AGREE_KEY), plain);
    sensitive_wipe(key);
    return why;
}
