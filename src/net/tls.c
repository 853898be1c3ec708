/* tls: what all connections of a listener share: certificate, rules, and the keys of the
 * tickets. */
#include "net/tls.h"

#include "base/clock.h"
#include "base/inside.h"
#include "crypto/random.h"
#include "net/tls_inside.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TICKET_NAME = 16, TICKET_CIPHER = 32, TICKET_MAC = 32, HOUR_MS = 3600 * 1000 };

/* clang-format off */
FAULT(TLS_CERTIFICATE, FAULT_STATE, "tls.certificate", "Certificate and private key cannot be read, or do not belong together.");
FAULT(TLS_BROKEN, FAULT_CALLER, "tls.broken", "The peer does not speak a TLS that is spoken here.");
FAULT(TLS_FULL, FAULT_AGAIN, "tls.full", "There is no memory for this TLS connection.");
/* clang-format on */

static const char ciphers_1_2[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

struct ticket_key {
    uint8_t name[TICKET_NAME];
    struct sensitive *secret; /* the cipher's key, then the MAC's */
    bool made;
};

struct tls {
    pthread_mutex_t lock; /* over all below; taken per handshake, not per request */
    SSL_CTX *rules;
    struct arena *arena;
    struct ticket_key newest, older;
    int64_t made_ms;
    EVP_CIPHER *cipher;
};

static int no_passphrase(char *to, int n, int writing, void *ctx)
{
    (void)to, (void)n, (void)writing, (void)ctx;
    return -1;
}

static bool use_chain(SSL_CTX *rules, struct bytes pem)
{
    BIO *from = BIO_new_mem_buf(pem.at, (int)pem.n);
    X509 *certificate = from == NULL ? NULL : PEM_read_bio_X509(from, NULL, no_passphrase, NULL);
    bool used = certificate != NULL && SSL_CTX_use_certificate(rules, certificate) == 1;

    X509_free(certificate);
    while (used && (certificate = PEM_read_bio_X509(from, NULL, no_passphrase, NULL)) != NULL) {
        used = SSL_CTX_add0_chain_cert(rules, certificate) == 1;
        if (!used)
            X509_free(certificate);
    }
    BIO_free(from);
    return used;
}

/* The first signature makes the caches that hold parts of the key (RSA's primes): so it is made
 * here, inside. */
static bool signs(EVP_PKEY *key)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t signature[1024];
    size_t n = sizeof signature;
    bool ed = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519;
    bool done = ctx != NULL &&
                EVP_DigestSignInit(ctx, NULL, ed ? NULL : EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(ctx, signature, &n, (const uint8_t *)"coffer", 6) == 1;

    EVP_MD_CTX_free(ctx);
    return done;
}

static bool use_key(SSL_CTX *rules, struct sensitive_view pem)
{
    BIO *from = NULL;
    EVP_PKEY *key = NULL;
    bool used;

    inside_begin();
    from = BIO_new_mem_buf(pem.at, (int)pem.n);
    if (from != NULL)
        key = PEM_read_bio_PrivateKey(from, NULL, no_passphrase, NULL);
    used = key != NULL && signs(key) && SSL_CTX_use_PrivateKey(rules, key) == 1 &&
           SSL_CTX_check_private_key(rules) == 1;
    EVP_PKEY_free(key);
    BIO_free(from);
    inside_end();
    return used;
}

static void ticket_params(struct sensitive_view secret, OSSL_PARAM params[3])
{
    static char digest[] = "SHA256";

    params[0] = OSSL_PARAM_construct_octet_string(
        OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)(secret.at + TICKET_CIPHER), TICKET_MAC);
    params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[2] = OSSL_PARAM_construct_end();
}

struct ticket {
    uint8_t *name, *iv;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;
};

static int make_ticket(struct tls *tls, const struct ticket *ticket)
{
    struct sensitive_view secret = sensitive_view(tls->newest.secret);
    OSSL_PARAM params[3];

    ticket_params(secret, params);
    if (random_fill(ticket->iv, 16) != OK)
        return -1;
    memcpy(ticket->name, tls->newest.name, TICKET_NAME);
    return EVP_EncryptInit_ex2(ticket->cipher, tls->cipher, secret.at, ticket->iv, NULL) == 1 &&
                   EVP_MAC_CTX_set_params(ticket->mac, params) == 1
               ? 1
               : -1;
}

/* 0: not ours, a full handshake follows; 2: of the older key, so a new ticket is due. */
static int open_ticket(struct tls *tls, const struct ticket *ticket)
{
    const struct ticket_key *key = &tls->newest;
    struct sensitive_view secret;
    OSSL_PARAM params[3];

    if (memcmp(ticket->name, key->name, TICKET_NAME) != 0)
        key = &tls->older;
    if (!key->made || memcmp(ticket->name, key->name, TICKET_NAME) != 0)
        return 0;
    secret = sensitive_view(key->secret);
    ticket_params(secret, params);
    if (EVP_MAC_CTX_set_params(ticket->mac, params) != 1 ||
        EVP_DecryptInit_ex2(ticket->cipher, tls->cipher, secret.at, ticket->iv, NULL) != 1)
        return -1;
    return key == &tls->newest ? 1 : 2;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int making)
{
    struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct ticket ticket = {name, iv, cipher, mac};
    int result;

    pthread_mutex_lock(&tls->lock);
    result = making ? make_ticket(tls, &ticket) : open_ticket(tls, &ticket);
    pthread_mutex_unlock(&tls->lock);
    /* A ticket of TLS 1.3 is for one use: without a new one every second session starts anew. */
    return !making && result == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : result;
}

static fallible fill_ticket_key(struct ticket_key *key)
{
    key->made = false;
    TRY(random_fill(key->name, TICKET_NAME));
    TRY(random_fill(sensitive_fill(key->secret), TICKET_CIPHER + TICKET_MAC));
    key->made = true;
    return OK;
}

static bool set_rules(SSL_CTX *rules, struct tls *tls)
{
    static const uint8_t context[] = "coffer";

    SSL_CTX_set_app_data(rules, tls);
    /* The order is ours, but for who prefers ChaCha20 since his machine has no AES. */
    SSL_CTX_set_options(rules, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(rules, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(rules, 1); /* a record's head and body at once: it all lies in memory */
    SSL_CTX_set_session_cache_mode(rules, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(rules, 2 * HOUR_MS / 1000);
    return SSL_CTX_set_min_proto_version(rules, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(rules, ciphers_1_2) == 1 &&
           SSL_CTX_set1_groups_list(rules, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_set_max_early_data(rules, 0) == 1 && SSL_CTX_set_num_tickets(rules, 1) == 1 &&
           SSL_CTX_set_session_id_context(rules, context, sizeof context) == 1 &&
           SSL_CTX_set_tlsext_ticket_key_evp_cb(rules, on_ticket) == 1;
}

static fallible make_rules(struct tls *tls, struct bytes chain, struct sensitive_view key,
                           SSL_CTX **out)
{
    SSL_CTX *rules = SSL_CTX_new(TLS_server_method());
    bool made;

    ENSURE(rules != NULL, TLS_FULL);
    made = set_rules(rules, tls) && use_chain(rules, chain) && use_key(rules, key);
    ERR_clear_error();
    if (!made) {
        SSL_CTX_free(rules);
        return TLS_CERTIFICATE;
    }
    *out = rules;
    return OK;
}

static fallible open_keys(struct tls *tls)
{
    tls->arena = arena_open(4096);
    tls->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    ENSURE(tls->arena != NULL && tls->cipher != NULL, TLS_FULL);
    TRY(sensitive_new_key(tls->arena, TICKET_CIPHER + TICKET_MAC, &tls->newest.secret));
    TRY(sensitive_new_key(tls->arena, TICKET_CIPHER + TICKET_MAC, &tls->older.secret));
    tls->made_ms = clock_monotonic_ns() / 1000000;
    return fill_ticket_key(&tls->newest);
}

fallible tls_open(struct bytes chain, struct sensitive_view key, struct tls **out)
{
    struct tls *tls = calloc(1, sizeof *tls);
    const struct fault *fault;

    ENSURE(tls != NULL, TLS_FULL);
    pthread_mutex_init(&tls->lock, NULL);
    fault = open_keys(tls);
    if (fault == OK)
        fault = make_rules(tls, chain, key, &tls->rules);
    if (fault != OK) {
        tls_close(tls);
        return fault;
    }
    *out = tls;
    return OK;
}

fallible tls_reload(struct tls *tls, struct bytes chain, struct sensitive_view key)
{
    SSL_CTX *rules, *before;

    TRY(make_rules(tls, chain, key, &rules));
    pthread_mutex_lock(&tls->lock);
    before = tls->rules;
    tls->rules = rules;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(before); /* open sessions hold it as long as they need it */
    return OK;
}

static fallible look_at(X509 *certificate, const char *host, struct certificate_facts *facts)
{
    BIO *pem = BIO_new(BIO_s_mem());
    const struct fault *fault = TLS_FULL;
    char *at;
    long n;

    if (pem != NULL && PEM_write_bio_X509(pem, certificate) == 1) {
        n = BIO_get_mem_data(pem, &at);
        fault = certificate_look((struct bytes){(const uint8_t *)at, (size_t)n}, host, facts);
    }
    BIO_free(pem);
    return fault;
}

fallible tls_look(struct tls *tls, const char *host, struct certificate_facts *facts)
{
    const struct fault *fault;
    X509 *certificate;

    pthread_mutex_lock(&tls->lock);
    certificate = SSL_CTX_get0_certificate(tls->rules);
    (void)X509_up_ref(certificate);
    pthread_mutex_unlock(&tls->lock);
    fault = look_at(certificate, host, facts);
    X509_free(certificate);
    return fault;
}

static fallible rotate(struct tls *tls)
{
    struct ticket_key oldest = tls->older;

    TRY(fill_ticket_key(&oldest));
    tls->older = tls->newest;
    tls->newest = oldest;
    tls->made_ms = clock_monotonic_ns() / 1000000;
    return OK;
}

fallible tls_rotate(struct tls *tls)
{
    const struct fault *fault = OK;

    pthread_mutex_lock(&tls->lock);
    if (clock_monotonic_ns() / 1000000 - tls->made_ms >= HOUR_MS)
        fault = rotate(tls);
    pthread_mutex_unlock(&tls->lock);
    return fault;
}

void tls_close(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->rules);
    EVP_CIPHER_free(tls->cipher);
    arena_close(tls->arena);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

SSL *tls_new(struct tls *tls)
{
    SSL *ssl;

    pthread_mutex_lock(&tls->lock);
    ssl = SSL_new(tls->rules);
    pthread_mutex_unlock(&tls->lock);
    return ssl;
}
