/* aead: sealing. XAES-256-GCM (c2sp.org/XAES-256-GCM): each seal draws a 24-byte nonce from
 * getrandom(2) and derives a key of its own from key and nonce, so that one long-lived key may seal
 * without counting (2^80 times). There is no variant without the derivation, and none where the
 * caller brings the nonce. */
#pragma once

#include "base/sensitive.h"
#include "crypto/bound.h"

enum { AEAD_KEY = 32, AEAD_NONCE = 24, AEAD_TAG = 16, AEAD_EXTRA = AEAD_NONCE + AEAD_TAG };

extern const struct fault AEAD_REFUSED[1]; /* wrong key or place, or altered: which is not told */

/* A sealed thing is nonce, ciphertext, tag: the plain's length and AEAD_EXTRA. It lies in the
 * arena. The key has AEAD_KEY bytes (another length: CRYPTO_BROKEN); the plain at most 16 MiB. Any
 * thread. */
fallible aead_seal(struct arena *, struct sensitive_view key, const struct bound *,
                   struct sensitive_view plain, struct bytes *sealed);
fallible aead_open(struct arena *, struct sensitive_view key, const struct bound *,
                   struct bytes sealed, struct sensitive **plain); /* in the values region */
fallible aead_open_key(struct arena *, struct sensitive_view key, const struct bound *,
                       struct bytes sealed, struct sensitive **plain); /* in the keys region */

/* An envelope: a value under a key of its own, and that key under `key`. The inner key is drawn
 * here, seals this one value and is seen by nobody, so it needs neither nonce nor derivation; it is
 * tied to the place, and the value to it. */
enum { AEAD_INNER = AEAD_KEY + AEAD_EXTRA }; /* bytes of the inner key, sealed */
struct aead_envelope {
    struct bytes key;   /* AEAD_INNER bytes */
    struct bytes value; /* the plain's length and AEAD_TAG */
};
fallible aead_envelope_seal(struct arena *, struct sensitive_view key, const struct bound *,
                            struct sensitive_view plain, struct aead_envelope *);
fallible aead_envelope_open(struct arena *, struct sensitive_view key, const struct bound *,
                            const struct aead_envelope *,
                            struct sensitive **plain); /* in the values region */

/* Sealed and opened for what is no secret in memory, only at rest (records: names, policies,
 * metadata). The plain lies in the arena, in ordinary memory: never for a value, a key or an
 * access-key secret. */
fallible aead_seal_plain(struct arena *, struct sensitive_view key, const struct bound *,
                         struct bytes plain, struct bytes *sealed);
fallible aead_open_plain(struct arena *, struct sensitive_view key, const struct bound *,
                         struct bytes sealed, struct bytes *plain);
