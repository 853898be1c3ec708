/* start: the allocator first, since OpenSSL takes one only before its own first piece; then the
 * ciphers. */
#include "crypto/start.h"

#include "base/inside.h"
#include "crypto/kept.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

FAULT(CRYPTO_BROKEN, FAULT_INTERNAL, "crypto.broken",
      "The cryptographic library refused its work.");

static EVP_CIPHER *block;
static bool started;
static pthread_key_t at_thread_end;
static _Thread_local struct kept *kept;

static void kept_free(void *what)
{
    struct kept *k = what;

    if (k == NULL)
        return;
    for (size_t i = 0; i < KEPT_KEYS; i++)
        EVP_CIPHER_CTX_free(k->keys[i].block);
    gcm_free(k->gcm);
    OPENSSL_clear_free(k, sizeof(*k));
}

/* Without the machine's openssl.cnf: what Coffer computes must not hang on a file that it does not
 * own. */
fallible crypto_start(void)
{
    static bool hooked;

    if (started)
        return OK;
    hooked = hooked || CRYPTO_set_mem_functions(inside_malloc, inside_realloc, inside_free) == 1;
    ENSURE(hooked, CRYPTO_BROKEN);
    ENSURE(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1, CRYPTO_BROKEN);
    ENSURE(block != NULL || pthread_key_create(&at_thread_end, kept_free) == 0, CRYPTO_BROKEN);
    block = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    ENSURE(block != NULL, CRYPTO_BROKEN);
    TRY(gcm_start());
    started = true;
    return OK;
}

static EVP_CIPHER_CTX *context_of(const EVP_CIPHER *cipher)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    if (context != NULL && EVP_CipherInit_ex2(context, cipher, NULL, NULL, 1, NULL) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

static bool kept_fill(struct kept *k)
{
    bool filled = true;

    for (size_t i = 0; i < KEPT_KEYS; i++) {
        k->keys[i].block = context_of(block);
        filled = filled && k->keys[i].block != NULL;
    }
    k->gcm = gcm_new();
    return filled && k->gcm != NULL && pthread_setspecific(at_thread_end, k) == 0;
}

static struct kept *kept_new(void)
{
    struct kept *k;

    inside_begin();
    k = OPENSSL_zalloc(sizeof(*k));
    if (k != NULL && !kept_fill(k)) {
        kept_free(k);
        k = NULL;
        ERR_clear_error();
    }
    inside_end();
    return k;
}

fallible kept_here(struct kept **out)
{
    ENSURE(started, CRYPTO_BROKEN);
    if (kept == NULL)
        kept = kept_new();
    ENSURE(kept != NULL, CRYPTO_BROKEN);
    *out = kept;
    return OK;
}

fallible crypto_key_room(uint8_t **room)
{
    struct kept *k;

    TRY(kept_here(&k));
    *room = k->room;
    return OK;
}

void crypto_key_room_wipe(void)
{
    explicit_bzero(kept->room, sizeof(kept->room));
}

void crypto_forget_kept(void)
{
    if (kept == NULL)
        return;
    (void)pthread_setspecific(at_thread_end, NULL);
    kept_free(kept);
    kept = NULL;
}
