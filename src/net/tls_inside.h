/* tls_inside: what net/tls.c and net/tls_session.c know of each other. */
#pragma once

#include "net/tls.h"

#include <openssl/ssl.h>

/* A session under the certificate of now; NULL: no memory. */
SSL *tls_new(struct tls *);
