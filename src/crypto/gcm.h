/* gcm: AES-256-GCM, asked of OpenSSL's provider itself: the functions that EVP would call, without
 * the lengths that EVP asks for anew before each message, which cost as much as the message. No
 * place, no nonce of its own making: only for aead.c, which sees to both. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

struct gcm; /* one message at a time; one thread's */

enum { GCM_KEY = 32, GCM_NONCE = 12, GCM_TAG = 16 };

/* Once, by crypto_start: CRYPTO_BROKEN. */
fallible gcm_start(void);

struct gcm *gcm_new(void); /* NULL: no memory; lies where inside_begin says (base/inside.h) */
void gcm_free(struct gcm *);

struct gcm_message {
    const uint8_t *key, *nonce; /* GCM_KEY and GCM_NONCE bytes */
    struct bytes place;         /* authenticated; not empty */
    struct bytes in;
    uint8_t *out, *tag; /* in.n and GCM_TAG bytes */
};

/* False: the library refused. The key's schedule stays in the struct until the next message. */
bool gcm_seal(struct gcm *, const struct gcm_message *);

/* False: the tag is another's, and `out` is to be wiped. */
bool gcm_open(struct gcm *, const struct gcm_message *);
