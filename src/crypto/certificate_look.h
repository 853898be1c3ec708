/* certificate_look: what an operator asks of certificates that lie there: until when, for whom, and
 * is this one among those? It judges no chain: that is TLS's business (net/tls_client.h). */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

extern const struct fault CERTIFICATE_ODD[1]; /* no PEM certificate that can be read */

enum { CERTIFICATE_NAME_MOST = 254 };

struct certificate_facts {
    int64_t from_ms, until_ms; /* when it holds */
    bool named;                /* it names the host; NULL was said: true */

    /* Its first name or address that is no pattern, as one writes it in an URL but for brackets;
     * empty: it has none. */
    char name[CERTIFICATE_NAME_MOST];
};

/* The first certificate of `pem`. `host`: a DNS name or an address without brackets, or NULL. */
fallible certificate_look(struct bytes pem, const char *host, struct certificate_facts *);

/* Is the first certificate of `pem` one of those in `bundle`? CERTIFICATE_ODD: either holds none.
 */
fallible certificate_among(struct bytes pem, struct bytes bundle, bool *among);
