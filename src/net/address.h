/* address: where a peer is. IPv6 only, with IPv4 mapped into it, so that there is one kind
 * everywhere. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

/* clang-format off */
extern const struct fault ADDRESS_MALFORMED[1]; /* not ADDR:PORT; names are not looked up */
extern const struct fault ADDRESS_RANGE[1];
/* clang-format on */

struct address {
    uint8_t ip[16];
    uint16_t port;
    bool local; /* a unix socket: it has neither */
};

enum { ADDRESS_TEXT = 64 }; /* room for the longest text below */

fallible address_read(struct bytes text, struct address *out); /* "127.0.0.1:8443", "[::1]:0" */

/* "192.0.2.1", "2001:db8::1", "local": written into `text`, without the port. */
struct bytes address_write(const struct address *, char text[static ADDRESS_TEXT]);

bool address_loopback(const struct address *);

struct address address_of_v4(const uint8_t ip[4]); /* mapped, port 0 */

/* All addresses whose first bits are these; an IPv4 one has the 96 of its mapping, too. */
struct address_range {
    uint8_t ip[16];
    unsigned bits;
};
struct address_ranges {
    const struct address_range *at;
    size_t n;
};
/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". ADDRESS_RANGE: anything else; also when one of the
 * bits behind the range's is set, for then somebody meant another. */
fallible address_read_range(struct bytes text, struct address_range *out);
bool address_among(const struct address *, const struct address_ranges *);

/* The network by which limits count: the /32 of IPv4, the /64 of IPv6. Points into the address. */
struct bytes address_net(const struct address *);
