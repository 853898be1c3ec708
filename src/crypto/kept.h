/* kept: what each thread keeps of OpenSSL's, and what was fetched at start. Only files of crypto/
 * that work with ciphers include this. */
#pragma once

#include "crypto/start.h"

#include <openssl/evp.h>

#include <stdint.h>

/* All of it lies in the keys region, the scratch too: keys on their way need not touch the
 * stack. */
struct kept {
    EVP_CIPHER_CTX *block; /* AES-256 on whole blocks, to encrypt */
    EVP_CIPHER_CTX *gcm;   /* AES-256-GCM, either way */
    uint8_t scratch[64];   /* wiped by whoever used it, before he returns */
};

/* This thread's; made at its first call. */
fallible kept_here(struct kept **);
