/* certificate: a certificate authority for one machine, made and thrown away in one call: it signs
 * a server certificate, is constrained to that server's names (RFC 5280, 4.2.1.10), and its key is
 * gone when the call returns. P-256. */
#pragma once

#include "base/sensitive.h"

struct certificate {
    struct bytes authority; /* PEM: what clients are told to trust */
    struct bytes chain;     /* PEM: the server's certificate */
    struct sensitive *key;  /* PEM: the server's private key, in the keys region */
};

extern const struct fault CERTIFICATE_NAME[1]; /* a host neither DNS name nor IP address, or none */

/* Hosts: DNS names ("localhost") and addresses ("127.0.0.1", "::1"); 1 to 32. Valid from an hour
 * before `now_ms` for `days` days. */
fallible certificate_make(struct arena *, const struct bytes hosts[], size_t n, int64_t now_ms,
                          int days, struct certificate *out);
