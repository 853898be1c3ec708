/* gcm: the provider's own table of functions (provider-cipher(7)), looked up once. */
#include "crypto/gcm.h"

#include "crypto/start.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>

static struct functions {
    OSSL_FUNC_cipher_newctx_fn *make;
    OSSL_FUNC_cipher_freectx_fn *free;
    OSSL_FUNC_cipher_encrypt_init_fn *to_seal;
    OSSL_FUNC_cipher_decrypt_init_fn *to_open;
    OSSL_FUNC_cipher_update_fn *update;
    OSSL_FUNC_cipher_final_fn *final;
    OSSL_FUNC_cipher_get_ctx_params_fn *get;
} does;

static OSSL_PROVIDER *provider;

/* clang-format off */
static void take(const OSSL_DISPATCH *from)
{
    for (; from->function_id != 0; from++)
        switch (from->function_id) {
        case OSSL_FUNC_CIPHER_NEWCTX: does.make = OSSL_FUNC_cipher_newctx(from); break;
        case OSSL_FUNC_CIPHER_FREECTX: does.free = OSSL_FUNC_cipher_freectx(from); break;
        case OSSL_FUNC_CIPHER_ENCRYPT_INIT: does.to_seal = OSSL_FUNC_cipher_encrypt_init(from); break;
        case OSSL_FUNC_CIPHER_DECRYPT_INIT: does.to_open = OSSL_FUNC_cipher_decrypt_init(from); break;
        case OSSL_FUNC_CIPHER_UPDATE: does.update = OSSL_FUNC_cipher_update(from); break;
        case OSSL_FUNC_CIPHER_FINAL: does.final = OSSL_FUNC_cipher_final(from); break;
        case OSSL_FUNC_CIPHER_GET_CTX_PARAMS: does.get = OSSL_FUNC_cipher_get_ctx_params(from); break;
        default: break;
        }
}
/* clang-format on */

fallible gcm_start(void)
{
    const OSSL_ALGORITHM *all;
    int unused;

    if (provider == NULL)
        provider = OSSL_PROVIDER_load(NULL, "default");
    ENSURE(provider != NULL, CRYPTO_BROKEN);
    all = OSSL_PROVIDER_query_operation(provider, OSSL_OP_CIPHER, &unused);
    for (; all != NULL && all->algorithm_names != NULL; all++)
        if (bytes_begins(bytes_of(all->algorithm_names), LIT("AES-256-GCM:")))
            take(all->implementation);
    ENSURE(does.make != NULL && does.free != NULL && does.to_seal != NULL && does.to_open != NULL &&
               does.update != NULL && does.final != NULL && does.get != NULL,
           CRYPTO_BROKEN);
    return OK;
}

struct gcm *gcm_new(void)
{
    return does.make(OSSL_PROVIDER_get0_provider_ctx(provider));
}

void gcm_free(struct gcm *gcm)
{
    if (gcm != NULL)
        does.free(gcm);
}

static bool pass(struct gcm *gcm, const struct gcm_message *m)
{
    size_t did;

    if (does.update(gcm, NULL, &did, m->place.n, m->place.at, m->place.n) != 1)
        return false;
    if (m->in.n != 0 && does.update(gcm, m->out, &did, m->in.n, m->in.at, m->in.n) != 1)
        return false;
    return does.final(gcm, m->out + m->in.n, &did, 0) == 1;
}

bool gcm_seal(struct gcm *gcm, const struct gcm_message *m)
{
    OSSL_PARAM tag[] = {OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, m->tag, GCM_TAG),
                        OSSL_PARAM_END};

    return does.to_seal(gcm, m->key, GCM_KEY, m->nonce, GCM_NONCE, NULL) == 1 && pass(gcm, m) &&
           does.get(gcm, tag) == 1;
}

bool gcm_open(struct gcm *gcm, const struct gcm_message *m)
{
    const OSSL_PARAM tag[] = {OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, m->tag, GCM_TAG),
                              OSSL_PARAM_END};

    return does.to_open(gcm, m->key, GCM_KEY, m->nonce, GCM_NONCE, tag) == 1 && pass(gcm, m);
}
