/* proxy: the few bytes in front of everything else by which a balancer says for whom it speaks: the
 * PROXY protocol, version 2 (as HAProxy published it). Whether the sender may say so is the
 * caller's to know. */
#pragma once

#include "net/address.h"

extern const struct fault
    PROXY_MALFORMED[1]; /* no such header, one of a kind that is not taken, or too long */

/* Of a whole header with what it says besides (TLS, ids), which is skipped: longer ones are
 * refused. */
enum { PROXY_LEAST = 16, PROXY_MOST = 1024 };

/* What has come so far. *whole: how long the header is, as far as that is known (PROXY_LEAST at
 * first): done when so many bytes are there, and none of them is the next thing's. Taken are TCP
 * over IPv4 and IPv6, and LOCAL, by which a balancer speaks for itself (health checks): then
 * `*told` is false and `client` untouched. A byte that cannot be right is refused as it comes. */
fallible proxy_read(struct bytes came, size_t *whole, bool *told, struct address *client);
