/* sign: Ed25519 by OpenSSL, its keys and contexts made inside and freed at once. */
#include "crypto/sign.h"

#include "base/inside.h"
#include "crypto/start.h"

#include <openssl/err.h>
#include <openssl/evp.h>

FAULT(SIGN_WRONG, FAULT_INTERNAL, "sign.wrong", "A signature does not belong to its message.");

static EVP_PKEY *private_of(struct sensitive_view seed)
{
    return seed.n != SIGN_SEED
               ? NULL
               : EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed.at, seed.n);
}

static bool sign_with(EVP_PKEY *key, struct bytes message, uint8_t *signature)
{
    EVP_MD_CTX *context = key == NULL ? NULL : EVP_MD_CTX_new();
    size_t n = SIGN_SIZE;
    bool done = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &n, message.at, message.n) == 1 &&
                n == SIGN_SIZE;

    EVP_MD_CTX_free(context);
    return done;
}

static bool check_with(EVP_PKEY *key, struct bytes message, struct bytes signature)
{
    EVP_MD_CTX *context = key == NULL ? NULL : EVP_MD_CTX_new();
    bool holds = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(context, signature.at, signature.n, message.at, message.n) == 1;

    EVP_MD_CTX_free(context);
    return holds;
}

fallible sign_public(struct sensitive_view seed, uint8_t public_key[SIGN_PUBLIC])
{
    size_t n = SIGN_PUBLIC;
    EVP_PKEY *key;
    bool done;

    inside_begin();
    key = private_of(seed);
    done = key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1 && n == SIGN_PUBLIC;
    EVP_PKEY_free(key);
    ERR_clear_error();
    inside_end();
    return done ? OK : CRYPTO_BROKEN;
}

fallible sign_make(struct sensitive_view seed, struct bytes message, uint8_t signature[SIGN_SIZE])
{
    EVP_PKEY *key;
    bool done;

    inside_begin();
    key = private_of(seed);
    done = sign_with(key, message, signature);
    EVP_PKEY_free(key);
    ERR_clear_error();
    inside_end();
    return done ? OK : CRYPTO_BROKEN;
}

fallible sign_check(struct bytes public_key, struct bytes message, struct bytes signature)
{
    EVP_PKEY *key = NULL;
    bool holds;

    if (public_key.n == SIGN_PUBLIC)
        key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key.at, public_key.n);
    holds = signature.n == SIGN_SIZE && check_with(key, message, signature);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return holds ? OK : SIGN_WRONG;
}
