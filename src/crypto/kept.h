/* kept: what each thread keeps of OpenSSL's, and what was fetched at start. Only files of crypto/
 * that work with ciphers include this. */
#pragma once

#include "crypto/gcm.h"
#include "crypto/start.h"

#include <openssl/evp.h>

#include <stdbool.h>
#include <stdint.h>

/* A key that messages' keys are derived from, ready for that. */
struct kept_key {
    EVP_CIPHER_CTX *block; /* AES-256 on whole blocks, to encrypt */
    uint8_t key[32], subkey[16];
    bool ready;
};

enum { KEPT_KEYS = 4 };

/* All of it lies in the keys region, the scratch too: keys on their way need not touch the
 * stack. */
struct kept {
    struct kept_key keys[KEPT_KEYS];
    size_t next; /* the place of the next new one */
    struct gcm *gcm;
    uint8_t scratch[32], inner[32]; /* wiped by whoever used it, before he returns */
    uint8_t room[CRYPTO_KEY_ROOM];  /* crypto_key_room's */
};

/* This thread's; made at its first call. */
fallible kept_here(struct kept **);
