/* digest: SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104). No call here allocates, fetches or
 * fails: a running digest is a plain struct that lies where its owner puts it (a connection, a
 * stack). */
#pragma once

#include "base/sensitive.h"

enum { DIGEST_SIZE = 32, DIGEST_STATE = 112 };

/* A digest under way. Copying the struct copies the digest. Not for two threads at once. */
struct digest {
    _Alignas(8) uint8_t state[DIGEST_STATE];
};

void digest_begin(struct digest *);
void digest_more(struct digest *, struct bytes);
void digest_more_hidden(struct digest *, struct sensitive_view);
void digest_end(struct digest *,
                uint8_t out[DIGEST_SIZE]); /* zeroes the state; begin again to reuse */

void digest_sha256(struct bytes, uint8_t out[DIGEST_SIZE]); /* the three above at once */

/* A message authentication code under way. It holds key material: mac_end wipes it, so whoever
 * begins one ends it. `out` may lie in sensitive memory (a derived key) or outside (a tag that is
 * shown). Tags are compared with bytes_same_hidden and nothing else. */
struct mac {
    struct digest inner, outer;
};

void mac_begin(struct mac *, struct sensitive_view key); /* any length; 32 bytes is the right one */
void mac_more(struct mac *, struct bytes);
void mac_more_hidden(struct mac *, struct sensitive_view);
void mac_end(struct mac *, uint8_t out[DIGEST_SIZE]);

/* The whole code of one message at once. */
void mac_sha256(struct sensitive_view key, struct bytes message, uint8_t out[DIGEST_SIZE]);

/* HMAC(...HMAC(HMAC(key, parts[0]), parts[1])...): how AWS derives the signing key of a scope. One
 * part at least; `out` is a key again, so it lies in sensitive memory. */
void mac_chain(struct sensitive_view key, const struct bytes parts[], size_t n,
               uint8_t out[DIGEST_SIZE]);

/* A key worked up once for many messages (it saves two of the at least four compressions of a
 * code). It is a sensitive value of MAC_PREPARED bytes, from the key region, and as secret as the
 * key itself. */
enum { MAC_PREPARED = 2 * DIGEST_STATE };
fallible mac_prepare(struct arena *, struct sensitive_view key, struct sensitive **prepared);
void mac_begin_prepared(struct mac *, const struct sensitive *prepared);
