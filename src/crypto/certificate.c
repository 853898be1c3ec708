/* certificate: two EC keys, two X.509 certificates, and one key forgotten. */
#include "crypto/certificate.h"

#include "base/buf.h"
#include "base/inside.h"
#include "crypto/random.h"
#include "crypto/start.h"

#include <arpa/inet.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { HOSTS_MOST = 32, HOST_MOST = 253, PEM_MOST = 4096 };

/* clang-format off */
FAULT(CERTIFICATE_NAME, FAULT_CALLER, "certificate.name",
      "A certificate is for DNS names and IP addresses: letters, digits, dots, hyphens and colons.");
/* clang-format on */

struct making {
    struct arena *arena;
    const struct bytes *hosts;
    size_t host_count;
    int64_t from, until; /* seconds */
    EVP_PKEY *authority_key, *server_key;
    X509 *authority, *server;
};

static bool is_address(struct bytes host, uint8_t ip[16], int *family)
{
    char text[HOST_MOST + 1] = {0};

    memcpy(text, host.at, host.n);
    *family = memchr(host.at, ':', host.n) != NULL ? AF_INET6 : AF_INET;
    return inet_pton(*family, text, ip) == 1;
}

static bool is_host(struct bytes host)
{
    if (host.n == 0 || host.n > HOST_MOST)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        uint8_t c = host.at[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == ':' || c == '*';

        if (!fine)
            return false;
    }
    return true;
}

static void add_names(struct buf *text, const struct making *m, bool constraint)
{
    for (size_t i = 0; i < m->host_count; i++) {
        uint8_t ip[16];
        int family;
        bool address = is_address(m->hosts[i], ip, &family);

        buf_add_text(text, i == 0 ? "" : ",");
        buf_add_text(text, constraint ? "permitted;" : "");
        buf_add_text(text, address ? "IP:" : "DNS:");
        buf_add(text, m->hosts[i]);
        if (constraint && address)
            buf_add_text(text, family == AF_INET ? "/255.255.255.255"
                                                 : "/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF");
    }
}

static fallible add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int added;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
    ENSURE(extension != NULL, CRYPTO_BROKEN);
    added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    ENSURE(added == 1, CRYPTO_BROKEN);
    return OK;
}

static fallible add_name_extension(const struct making *m, X509 *certificate, int nid,
                                   const char *before)
{
    struct buf text = buf_open(m->arena, 256);
    struct bytes value;

    buf_add_text(&text, before);
    add_names(&text, m, nid == NID_name_constraints);
    buf_add_byte(&text, '\0');
    TRY(buf_done(&text, &value));
    return add_extension(certificate, m->authority, nid, (const char *)value.at);
}

static bool set_times(X509 *certificate, const struct making *m)
{
    return ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)m->from) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)m->until) != NULL;
}

static bool set_serial(X509 *certificate)
{
    uint8_t serial[16];
    BIGNUM *number;
    bool set;

    if (random_fill(serial, sizeof serial) != OK)
        return false;
    serial[0] &= 0x7f;
    number = BN_bin2bn(serial, sizeof serial, NULL);
    set = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static fallible begin(const struct making *m, const char *name, EVP_PKEY *key, X509 **out)
{
    X509 *certificate = *out = X509_new();
    X509_NAME *subject;

    ENSURE(certificate != NULL, CRYPTO_BROKEN);
    ENSURE(X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
               set_times(certificate, m) && X509_set_pubkey(certificate, key) == 1,
           CRYPTO_BROKEN);
    subject = X509_get_subject_name(certificate);
    ENSURE(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                      -1, 0) == 1,
           CRYPTO_BROKEN);
    return OK;
}

static fallible sign_authority(struct making *m)
{
    TRY(begin(m, "Coffer local authority", m->authority_key, &m->authority));
    ENSURE(X509_set_issuer_name(m->authority, X509_get_subject_name(m->authority)) == 1,
           CRYPTO_BROKEN);
    TRY(add_extension(m->authority, m->authority, NID_basic_constraints,
                      "critical,CA:TRUE,pathlen:0"));
    TRY(add_extension(m->authority, m->authority, NID_key_usage, "critical,keyCertSign"));
    TRY(add_extension(m->authority, m->authority, NID_subject_key_identifier, "hash"));
    TRY(add_name_extension(m, m->authority, NID_name_constraints, "critical,"));
    ENSURE(X509_sign(m->authority, m->authority_key, EVP_sha256()) != 0, CRYPTO_BROKEN);
    return OK;
}

static fallible sign_server(struct making *m)
{
    TRY(begin(m, "Coffer", m->server_key, &m->server));
    ENSURE(X509_set_issuer_name(m->server, X509_get_subject_name(m->authority)) == 1,
           CRYPTO_BROKEN);
    TRY(add_extension(m->server, m->authority, NID_basic_constraints, "critical,CA:FALSE"));
    TRY(add_extension(m->server, m->authority, NID_key_usage, "critical,digitalSignature"));
    TRY(add_extension(m->server, m->authority, NID_ext_key_usage, "serverAuth"));
    TRY(add_extension(m->server, m->authority, NID_authority_key_identifier, "keyid"));
    TRY(add_extension(m->server, m->authority, NID_subject_key_identifier, "hash"));
    TRY(add_name_extension(m, m->server, NID_subject_alt_name, ""));
    ENSURE(X509_sign(m->server, m->authority_key, EVP_sha256()) != 0, CRYPTO_BROKEN);
    return OK;
}

static fallible write_certificate(struct arena *arena, X509 *certificate, struct bytes *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at = NULL;
    long n;

    ENSURE(bio != NULL, CRYPTO_BROKEN);
    n = PEM_write_bio_X509(bio, certificate) == 1 ? BIO_get_mem_data(bio, &at) : 0;
    *pem = n > 0 ? arena_copy(arena, (struct bytes){(const uint8_t *)at, (size_t)n})
                 : (struct bytes){0};
    BIO_free(bio);
    ENSURE(pem->at != NULL, CRYPTO_BROKEN);
    return OK;
}

/* The caller is inside: the BIO's own memory lies in the key region too. */
static fallible write_key(struct arena *arena, EVP_PKEY *key, struct sensitive **pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const struct fault *fault = CRYPTO_BROKEN;
    char *at = NULL;
    long n;

    ENSURE(bio != NULL, CRYPTO_BROKEN);
    n = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1
            ? BIO_get_mem_data(bio, &at)
            : 0;
    if (n > 0)
        fault = sensitive_new_key(arena, (size_t)n, pem);
    if (fault == OK)
        memcpy(sensitive_fill(*pem), at, (size_t)n);
    BIO_free(bio);
    return fault;
}

static fallible make(struct making *m, struct certificate *out)
{
    m->authority_key = EVP_EC_gen("P-256");
    m->server_key = EVP_EC_gen("P-256");
    ENSURE(m->authority_key != NULL && m->server_key != NULL, CRYPTO_BROKEN);
    TRY(sign_authority(m));
    TRY(sign_server(m));
    TRY(write_certificate(m->arena, m->authority, &out->authority));
    TRY(write_certificate(m->arena, m->server, &out->chain));
    return write_key(m->arena, m->server_key, &out->key);
}

fallible certificate_make(struct arena *arena, const struct bytes hosts[], size_t n, int64_t now_ms,
                          int days, struct certificate *out)
{
    struct making m = {
        .arena = arena, .hosts = hosts, .host_count = n, .from = now_ms / 1000 - 3600};
    const struct fault *fault;

    m.until = m.from + (int64_t)days * 86400;
    ENSURE(n >= 1 && n <= HOSTS_MOST, CERTIFICATE_NAME);
    for (size_t i = 0; i < n; i++)
        ENSURE(is_host(hosts[i]), CERTIFICATE_NAME);
    inside_begin();
    fault = make(&m, out);
    X509_free(m.server);
    X509_free(m.authority);
    EVP_PKEY_free(m.server_key);
    EVP_PKEY_free(m.authority_key);
    inside_end();
    return fault;
}
