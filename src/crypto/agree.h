/* agree: sealing to somebody who is known by a public key alone: X25519 (RFC 7748), a fresh key
 * pair for each message, and a key derived from what the two have in common, by which it is sealed.
 */
#pragma once

#include "base/sensitive.h"
#include "crypto/bound.h"

enum { AGREE_KEY = 32, AGREE_EXTRA = 32 + 40 /* the fresh public key, and aead's */ };

/* AEAD_REFUSED: not for this key, of another place, or altered. A public key that agrees on nothing
 * (of small order) is CRYPTO_BROKEN. Any thread. */
fallible agree_public(struct sensitive_view secret, uint8_t public_key[AGREE_KEY]);
fallible agree_seal(struct arena *, struct bytes public_key, const struct bound *,
                    struct sensitive_view plain, struct bytes *sealed);
fallible agree_open(struct arena *, struct sensitive_view secret, const struct bound *,
                    struct bytes sealed, struct sensitive **plain); /* in the keys region */
