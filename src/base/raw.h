/* raw: bytes as they came from the wire (header values, target, body, replies). No log field, audit
 * row or why() takes one; only decoding turns it into `struct bytes` or sensitive memory. */
#pragma once

#include "base/bytes.h"

/* Borrowed, like struct bytes: whoever read it from the wire owns what it points at. */
struct raw {
    const uint8_t *at;
    size_t n;
};

/* The one way from raw to bytes: whoever calls it has looked at what it is and where it goes.
 * tools/WALLS lists the folders that may. */
static inline struct bytes raw_reveal(struct raw r)
{
    return (struct bytes){r.at, r.n};
}
