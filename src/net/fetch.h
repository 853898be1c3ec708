/* fetch: one HTTP/1.1 request to one server and its reply, for programs that ask, wait and end. It
 * blocks: 10 s for a connection, 60 s for each piece of a reply. No proxy, no redirect, no second
 * request on the connection.
 *
 * What passes through here may be a secret: request and reply are in the clear only in memory that
 * the caller gave, in sensitive memory, and in TLS's own, which lies in the keys region. */
#pragma once

#include "base/sensitive.h"

/* clang-format off */
extern const struct fault FETCH_NAME[1];      /* the host's name is not known */
extern const struct fault FETCH_AWAY[1];      /* nobody answers there */
extern const struct fault FETCH_UNTRUSTED[1]; /* the certificate is not accepted; reply->why says why */
extern const struct fault FETCH_BROKEN[1];    /* the connection ended, took too long, or speaks no TLS */
extern const struct fault FETCH_ODD[1];       /* the reply is no HTTP, or longer than `most` */
/* clang-format on */

struct fetch {
    const char *host, *port; /* a name, or an address without brackets; digits */
    bool tls;
    const char *authority; /* PEM file; NULL: the system's authorities */
    struct bytes head;     /* the request's, from its first line to the empty one */
    struct sensitive_view body;
    const char *keep; /* a header of the reply, in lower case */
    size_t most;      /* bytes of the reply's body */
    bool hidden;      /* the reply is a secret: its body lies in sensitive memory */
};

struct fetch_reply {
    int status;
    struct bytes kept;          /* that header's value, in the arena; empty: it was not there */
    struct sensitive_view body; /* in the arena, or in sensitive memory of it */
    const char *why;            /* of FETCH_UNTRUSTED, in OpenSSL's words */
};

/* Also what tls_client_open and sensitive_new say. After crypto_start and sensitive_start. */
fallible fetch(struct arena *, const struct fetch *, struct fetch_reply *);
