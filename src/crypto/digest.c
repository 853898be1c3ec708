/* digest: OpenSSL's SHA-256 by its plain functions: the same code as behind EVP, without its
 * allocations and locks, over a state that is a struct. They are marked as old in OpenSSL 3, and
 * stay. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

static_assert(sizeof(SHA256_CTX) == DIGEST_STATE, "struct digest holds exactly OpenSSL's state");

enum { BLOCK = 64 };

static SHA256_CTX *state_of(struct digest *digest)
{
    return (SHA256_CTX *)(void *)digest->state;
}

void digest_begin(struct digest *digest)
{
    SHA256_Init(state_of(digest));
}

void digest_more(struct digest *digest, struct bytes more)
{
    SHA256_Update(state_of(digest), more.at, more.n);
}

void digest_more_hidden(struct digest *digest, struct sensitive_view more)
{
    SHA256_Update(state_of(digest), more.at, more.n);
}

void digest_end(struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    SHA256_Final(out, state_of(digest));
    explicit_bzero(digest, sizeof(*digest));
}

void digest_sha256(struct bytes whole, uint8_t out[DIGEST_SIZE])
{
    struct digest digest;

    digest_begin(&digest);
    digest_more(&digest, whole);
    digest_end(&digest, out);
}

/* A key longer than a block is its digest (RFC 2104). */
static void block_of_key(struct sensitive_view key, uint8_t block[BLOCK])
{
    struct digest digest;

    memset(block, 0, BLOCK);
    if (key.n <= BLOCK) {
        memcpy(block, key.at == NULL ? block : key.at, key.n);
        return;
    }
    digest_begin(&digest);
    digest_more_hidden(&digest, key);
    digest_end(&digest, block);
}

static void begin_with(struct digest *digest, uint8_t block[BLOCK], uint8_t pad)
{
    for (size_t i = 0; i < BLOCK; i++)
        block[i] ^= pad;
    digest_begin(digest);
    digest_more(digest, (struct bytes){block, BLOCK});
}

void mac_begin(struct mac *mac, struct sensitive_view key)
{
    uint8_t block[BLOCK];

    block_of_key(key, block);
    begin_with(&mac->inner, block, 0x36);
    begin_with(&mac->outer, block, 0x36 ^ 0x5c); /* the block still carries the inner pad */
    explicit_bzero(block, sizeof(block));
}

void mac_more(struct mac *mac, struct bytes more)
{
    digest_more(&mac->inner, more);
}

void mac_more_hidden(struct mac *mac, struct sensitive_view more)
{
    digest_more_hidden(&mac->inner, more);
}

void mac_end(struct mac *mac, uint8_t out[DIGEST_SIZE])
{
    uint8_t inner[DIGEST_SIZE];

    digest_end(&mac->inner, inner);
    digest_more(&mac->outer, (struct bytes){inner, sizeof(inner)});
    digest_end(&mac->outer, out);
    explicit_bzero(inner, sizeof(inner));
}

void mac_sha256(struct sensitive_view key, struct bytes message, uint8_t out[DIGEST_SIZE])
{
    struct mac mac;

    mac_begin(&mac, key);
    mac_more(&mac, message);
    mac_end(&mac, out);
}

void mac_chain(struct sensitive_view key, const struct bytes parts[], size_t n,
               uint8_t out[DIGEST_SIZE])
{
    for (size_t i = 0; i < n; i++) {
        mac_sha256(key, parts[i], out);
        key = (struct sensitive_view){out, DIGEST_SIZE};
    }
}

fallible mac_prepare(struct arena *arena, struct sensitive_view key, struct sensitive **prepared)
{
    static_assert(sizeof(struct mac) == MAC_PREPARED, "a prepared key is a mac just begun");
    struct mac mac;

    TRY(sensitive_new_key(arena, MAC_PREPARED, prepared));
    mac_begin(&mac, key);
    memcpy(sensitive_fill(*prepared), &mac, sizeof(mac));
    explicit_bzero(&mac, sizeof(mac));
    return OK;
}

void mac_begin_prepared(struct mac *mac, const struct sensitive *prepared)
{
    memcpy(mac, sensitive_view(prepared).at, sizeof(*mac));
}
