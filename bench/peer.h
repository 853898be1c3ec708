/* peer: one client connection that sends a finished request and reads its reply; never blocks.
 *
 * The owner watches `fd` with epoll and calls peer_turn() whenever it is ready. A peer is closed,
 * connected again or handed another request only between replies (PEER_IDLE, PEER_ANSWERED,
 * PEER_LOST). */
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_state {
    PEER_IDLE = 1, /* connected and shaken hands; peer_send() may follow */
    PEER_READS,    /* wait until it can be read */
    PEER_WRITES,   /* wait until it can be written */
    PEER_ANSWERED, /* a whole reply was read: `status` and `reply_bytes` hold */
    PEER_LOST,     /* the other side closed, or spoke nonsense */
};

struct request {
    const uint8_t *at;
    size_t n;
};

struct peer {
    int fd;
    enum peer_state state;
    bool connected, shaken; /* TCP; TLS */
    bool resumed;           /* the handshake took up the offered session */
    SSL *tls;               /* NULL: plain */
    SSL_SESSION *session;   /* the latest ticket; offered by the next peer_open(.., resume) */

    struct request request;
    size_t sent;
    int64_t began_ns; /* when the request was handed over */

    char head[4096]; /* the reply's head, and what of its body came with it */
    size_t got;      /* bytes of the reply so far */
    size_t whole;    /* all its bytes; 0: the head is not complete */
    int status;
    size_t reply_bytes;
};

/* A client's context: TLS 1.3, X25519, TLS_AES_256_GCM_SHA384, so that all servers do the same
 * work. Certificates are not checked: that is not what is measured. NULL if OpenSSL refuses. */
SSL_CTX *peer_context(void);

/* Begins a connection; with a context, over TLS. False: no descriptor or no memory. */
bool peer_open(struct peer *, const struct sockaddr_in *, SSL_CTX *, bool resume);
void peer_close(struct peer *);  /* keeps the session; says goodbye first */
void peer_forget(struct peer *); /* frees the session */

void peer_send(struct peer *, struct request, int64_t now_ns); /* the next peer_turn() sends it */
enum peer_state peer_turn(struct peer *);
