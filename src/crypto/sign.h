/* sign: Ed25519 signatures (RFC 8032). The private key is its 32-byte seed. */
#pragma once

#include "base/sensitive.h"

enum { SIGN_SEED = 32, SIGN_PUBLIC = 32, SIGN_SIZE = 64 };

extern const struct fault SIGN_WRONG[1]; /* the signature is not this key's over this message */

/* About 30 us to make one, 90 us to check one: checkpoints, not requests. Any thread. */
fallible sign_public(struct sensitive_view seed, uint8_t public_key[SIGN_PUBLIC]);
fallible sign_make(struct sensitive_view seed, struct bytes message, uint8_t signature[SIGN_SIZE]);
fallible sign_check(struct bytes public_key, struct bytes message, struct bytes signature);
