/* connection: from an accepted socket to a whole request, and from a reply back to the socket.
 *
 * It knows HTTP and TLS, but not who answers: a handler does, given as a table of functions, so
 * that it is tested without the rest of the house. `struct connections` is what one loop's
 * connections share; all of it happens on that loop's thread. One request per connection per turn.
 * Replies are held until the turn's end hook succeeded, then encrypted at once and wiped with the
 * request's arena; all of a turn's are encrypted before they are sent. A peer's slowness costs
 * ciphertext only. */
#pragma once

#include "net/door.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/socket.h"

struct connection;
struct tls;

/* One request and its reply. Lies in the request's arena, which ends behind the reply. */
struct exchange {
    struct arena *arena;
    struct http_request request;
    struct http_reply *reply; /* the handler's: set, and in the arena, before HANDLED_ANSWERED */
    const struct socket_owner *owner; /* of a local socket's peer: the connection's */
    struct connection *connection;    /* for connection_answered alone */
    void *flight;                     /* the handler's own */
    bool failed; /* the handler's word: nobody was recognised; too many of these are told later */
    bool rests; /* the handler's wish: nothing more is read for a moment, this peer asks too much */
};

enum handled { HANDLED_ANSWERED, HANDLED_PARKED };

struct handler {
    void *ctx;

    /* A whole request. PARKED: the exchange belongs to whoever it was handed to until
     * connection_answered. */
    enum handled (*begin)(void *ctx, struct exchange *);

    /* Asked while the body is still on its way, when x-amz-content-sha256 is there: true refuses it
     * now, with the reply set; the connection is closed behind that. NULL: never. */
    bool (*refuses_head)(void *ctx, struct exchange *);

    /* What HTTP itself or a ceiling refuses (of the request there is what had been read): sets the
     * reply, whose status is http_status(fault) or 408 for CONNECTION_SLOW, and notes it. NULL: a
     * plain text is sent. */
    void (*turned_away)(void *ctx, struct exchange *, const struct fault *);

    /* The turn's notes could not be written: put a refusal in the place of the reply. NULL: 503. */
    void (*unrecorded)(void *ctx, struct exchange *, const struct fault *);

    /* Of a listener that no stranger reaches (health, administration): at most so many connections,
     * beside the door's count and not in it, so that strangers cannot keep these out. 0: the door's
     * ceilings. */
    size_t own_most;
};

extern const struct fault CONNECTION_STRANGER[1]; /* not one of the proxies of its listener */
extern const struct fault CONNECTION_SLOW[1]; /* head, body or whole request took too long: 408 */

/* Milliseconds, and bytes a second. `stall`: how long a reply may lie here whoever it is for; from
 * then on no more than `owed` bytes of one payer's may. */
struct connection_limits {
    int64_t idle, shake, head, body, whole, stall, send, linger;
    int64_t least_rate; /* of a body, once `body` has passed */
    size_t memory;      /* of one request */
    size_t owed;
};
extern const struct connection_limits
    CONNECTION_USUAL; /* 60 s, 10, 10, 10, 30, 2, 30, 2; 4 KiB/s; 8 MiB; 16 MiB */

struct connections;

fallible connections_open(struct loop *, struct door *, const struct connection_limits *,
                          struct connections **out);
void connections_cut(struct connections *);   /* ends all that are left; nothing may be parked */
void connections_close(struct connections *); /* and frees what they share; NULL is fine */

/* Takes an accepted descriptor, whatever happens. tls NULL: plain, which is for loopback and local
 * sockets. `proxies`: who may come, each connection beginning with a PROXY header (net/proxy.h)
 * that says for whom; that address then is the peer's in all that follows. NULL: clients come
 * themselves. Handler, tls and proxies live as long as the connections. A fault says why it was
 * turned away at the door. */
fallible connections_take(struct connections *, int fd, const struct address *peer, struct tls *,
                          const struct handler *, const struct address_ranges *proxies);

/* Ending: idle ones are closed now, the others behind their next reply. */
void connections_end(struct connections *);
size_t connections_count(const struct connections *);
size_t connections_parked(const struct connections *);

/* A parked exchange has its reply: on the loop's thread, during a turn or before the next one. */
void connection_answered(struct exchange *);

/* A turn's replies may have to wait for something else (the disk) when its end hook has returned:
 * `ticket` is asked as they are to leave; 0: now. The others wait, in order, until
 * connections_release says how far things are, or why they will never be. On the loop's thread.
 * NULL: none waits. */
void connections_hold(struct connections *, uint64_t (*ticket)(void *ctx), void *ctx);
void connections_release(struct connections *, uint64_t reached, const struct fault *);

/* For metrics; read from any thread. */
struct connection_counts {
    uint64_t taken, turned_away, requests, replies, refusals, slow, handshakes, broken;
    uint64_t unproxied; /* no proxy, or no header that is taken */
};
struct connection_counts connections_counts(const struct connections *);
