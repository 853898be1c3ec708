/* door: the ceilings on what strangers may take, counted over all threads: connections, handshakes,
 * and bytes of bodies that nobody has authenticated yet (SECURITY 14). Thread-safe. By address
 * means by /32 or /64. */
#pragma once

#include "net/address.h"

struct door;

struct door_limits {
    size_t connections;             /* of the server */
    size_t connections_per_address; /* 0: no bound of its own (a loopback test bench) */
    size_t handshakes_per_second;   /* of one address, as a token bucket of as many tokens; 0: no
                                       bound */
    size_t body_bytes; /* of all bodies not yet authenticated together; a sixteenth per address */
};
extern const struct door_limits DOOR_USUAL; /* 10,000; 1,000; 200; 64 MiB */

/* clang-format off */
extern const struct fault DOOR_FULL[1];       /* the server has as many connections as it may */
extern const struct fault DOOR_ADDRESS[1];    /* this address has */
extern const struct fault DOOR_HANDSHAKES[1]; /* this address shakes hands too often */
extern const struct fault DOOR_BODIES[1];     /* no room for more unauthenticated bytes, of all together */
extern const struct fault DOOR_SHARE[1];      /* this address has its share of them */
/* clang-format on */

fallible door_open(const struct door_limits *, struct door **out);
void door_close(struct door *);

/* A guest is one connection's account; door_leave gives all of it back. */
struct door_guest {
    struct door *door;
    uint32_t slot; /* of its address */
    size_t body_bytes;
};
fallible door_enter(struct door *, const struct address *, struct door_guest *);
void door_leave(struct door_guest *);

fallible door_handshake(struct door_guest *); /* takes a token */

/* The guest's unauthenticated body is now so many bytes. On a fault it is what it was before. */
fallible door_body(struct door_guest *, size_t bytes);

/* Somebody of the guest's address was not recognised, once more: true when that was too often in
 * this minute (DOOR_FAILURES). The count lasts as long as the address is known here. */
enum { DOOR_FAILURES = 10 };
bool door_failed(struct door_guest *);

size_t door_connections(struct door *);
