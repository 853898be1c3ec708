/* tls_inside: what net/tls.c, net/tls_client.c and net/tls_session.c know of each other. */
#pragma once

#include "net/tls.h"

#include <openssl/ssl.h>

/* A session under the certificate of now; NULL: no memory. */
SSL *tls_new(struct tls *);

/* The session around an SSL that knows which side it is; takes it over, also on a fault. NULL is
 * TLS_FULL. */
fallible tls_session_of(SSL *, struct tls_session **out);
SSL *tls_session_ssl(const struct tls_session *);
