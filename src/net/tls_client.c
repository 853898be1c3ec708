/* tls_client: the rules of a client's session, made anew for each: a program asks once and ends. */
#include "net/tls_client.h"

#include "net/tls_inside.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* clang-format off */
FAULT(TLS_AUTHORITY, FAULT_CALLER, "tls.authority", "The file with the authorities to trust cannot be read, or holds no certificate.");
/* clang-format on */

static bool is_address(const char *host)
{
    uint8_t ip[16];

    return inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
}

/* The name is also told to the server, which may have several; an address never is (RFC 6066). */
static bool expect(SSL *ssl, const char *host)
{
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_address(host))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static bool set_rules(SSL_CTX *rules)
{
    SSL_CTX_set_options(rules, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(rules, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(rules, SSL_VERIFY_PEER, NULL);
    return SSL_CTX_set_min_proto_version(rules, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set1_groups_list(rules, "X25519:P-256:P-384") == 1;
}

static fallible trust(SSL_CTX *rules, const char *authority)
{
    int trusted = authority == NULL ? SSL_CTX_set_default_verify_paths(rules)
                                    : SSL_CTX_load_verify_file(rules, authority);

    return trusted == 1 ? OK : TLS_AUTHORITY;
}

static fallible make_ssl(SSL_CTX *rules, const char *host, const char *authority, SSL **out)
{
    ENSURE(set_rules(rules), TLS_FULL);
    TRY(trust(rules, authority));
    *out = SSL_new(rules);
    ENSURE(*out != NULL && expect(*out, host), TLS_FULL);
    SSL_set_connect_state(*out);
    return OK;
}

fallible tls_client_open(const char *host, const char *authority, struct tls_session **out)
{
    SSL_CTX *rules = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    const struct fault *fault;

    ENSURE(rules != NULL, TLS_FULL);
    fault = make_ssl(rules, host, authority, &ssl);
    SSL_CTX_free(rules); /* the session holds it as long as it needs it */
    ERR_clear_error();
    if (fault == OK)
        return tls_session_of(ssl, out);
    SSL_free(ssl);
    return fault;
}

const char *tls_client_distrusts(const struct tls_session *session)
{
    const long result = SSL_get_verify_result(tls_session_ssl(session));

    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
