/* tls_client: the other end: a session that asks, and believes nobody without a certificate.
 *
 * TLS 1.3 or 1.2; the chain has to lead to an authority that is trusted here, and the certificate
 * has to name the host (or the address) that was asked for. Partial wildcards are not accepted.
 * Session and keys lie where those of a server's session lie (net/tls.h). */
#pragma once

#include "net/tls.h"

/* clang-format off */
extern const struct fault TLS_AUTHORITY[1]; /* the authority's file cannot be read, or holds no certificate */
/* clang-format on */

/* `authority`: a PEM file with the authorities to trust; NULL: the system's. `host`: a name, or an
 * address of either family without brackets. Goes on as any session: tls_handshake, tls_read... */
fallible tls_client_open(const char *host, const char *authority, struct tls_session **out);

/* After a handshake that failed: why the certificate was not accepted, in OpenSSL's words; NULL: it
 * was not that. */
const char *tls_client_distrusts(const struct tls_session *);
