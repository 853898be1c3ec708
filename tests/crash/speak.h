/* speak: one client connection over TLS that signs a request of Secrets Manager, sends it and waits
 * for the whole reply. Everything that goes wrong on the way counts as CUT: nobody knows then what
 * the server made of the request. */
#pragma once

#include "sigv4/sigv4.h"

#include <openssl/ssl.h>

enum { REPLY_MOST = 128 * 1024, ID_MOST = 64 };

/* Where to and as whom; made once, shared by all speakers. */
struct endpoint {
    uint16_t port; /* of 127.0.0.1; the certificate is for "localhost" */
    char host[32]; /* "localhost:PORT" */
    SSL_CTX *tls;
    struct sigv4_signer signer;
};

struct speaker {
    int fd; /* -1: not connected */
    SSL *tls;
    uint16_t port;          /* our own end's */
    char reply[REPLY_MOST]; /* the last one, with a NUL behind it */
    int status;
    char request_id[ID_MOST];
    struct bytes body; /* a slice of reply */
};

/* `ca`: a PEM file. The signer's texts stay the caller's. False: a sentence stands on stderr. */
bool endpoint_open(struct endpoint *, uint16_t port, const char *ca, const struct sigv4_signer *);
void endpoint_close(struct endpoint *);

/* Connects and shakes hands. False: there is nobody, or not with this certificate. */
bool speaker_open(struct speaker *, const struct endpoint *);
void speaker_close(struct speaker *);

/* One request. False: cut; the connection is of no use any more. */
bool speak(struct speaker *, const struct endpoint *, const char *operation, struct bytes body);
