/* sign: string to sign, signing key, signature, and whether the one given is ours. */
#include "base/buf.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <string.h>

FAULT(SIGV4_MISMATCH, FAULT_UNKNOWN, "sigv4.mismatch",
      "The signature is not the one we calculated.");

enum { LONGEST_SECRET = 256 };

const struct bytes SIGV4_ALGORITHM = LIT("AWS4-HMAC-SHA256");
const struct bytes SIGV4_EMPTY_HASH =
    LIT("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

void sigv4_payload_hash(struct bytes body, uint8_t to[SIGV4_HASH])
{
    uint8_t digest[DIGEST_SIZE];

    digest_sha256(body, digest);
    hex_encode((struct bytes){digest, sizeof(digest)}, to);
}

fallible sigv4_to_sign(struct arena *arena, const struct sigv4_claim *claim, struct sigv4 *state)
{
    struct buf buf =
        buf_open(arena, SIGV4_ALGORITHM.n + claim->date.n + claim->scope.n + SIGV4_HASH + 3);
    uint8_t hash[SIGV4_HASH];

    state->scope = claim->scope;
    sigv4_payload_hash(state->canonical, hash);
    buf_add(&buf, SIGV4_ALGORITHM);
    buf_add_byte(&buf, '\n');
    buf_add(&buf, claim->date);
    buf_add_byte(&buf, '\n');
    buf_add(&buf, claim->scope);
    buf_add_byte(&buf, '\n');
    buf_add(&buf, (struct bytes){hash, sizeof(hash)});
    return buf_done(&buf, &state->to_sign);
}

void sigv4_sign(struct sensitive_view key, struct sigv4 *state)
{
    uint8_t code[DIGEST_SIZE];

    mac_sha256(key, state->to_sign, code);
    hex_encode((struct bytes){code, sizeof(code)}, state->signature);
}

fallible sigv4_check(struct arena *arena, const struct sigv4_request *request,
                     const struct sigv4_claim *claim, struct bytes payload_hash,
                     struct sensitive_view key, struct sigv4 *state)
{
    bool same;

    TRY(sigv4_canonical(arena, request, claim, payload_hash, state));
    TRY(sigv4_to_sign(arena, claim, state));
    sigv4_sign(key, state);
    same = bytes_same_hidden((struct bytes){state->signature, SIGV4_HASH}, claim->signature);
    sensitive_declassify(&same, sizeof(same)); /* the answer is what everyone may know */
    return same ? OK : SIGV4_MISMATCH;
}

fallible sigv4_derive(struct sensitive_view secret, struct bytes day, struct bytes region,
                      struct bytes service, uint8_t to[SIGV4_KEY])
{
    const struct bytes steps[] = {day, region, service, LIT("aws4_request")};
    uint8_t first[4 + LONGEST_SECRET] = "AWS4";
    struct sensitive_view key = {first, 4 + secret.n};

    ENSURE(secret.n <= LONGEST_SECRET, SIGV4_MISMATCH);
    if (secret.n > 0)
        memcpy(first + 4, secret.at, secret.n);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        mac_sha256(key, steps[i], to);
        key = (struct sensitive_view){to, SIGV4_KEY};
    }
    explicit_bzero(first, sizeof(first));
    return OK;
}
