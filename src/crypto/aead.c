/* aead: XAES-256-GCM out of OpenSSL's AES-256 and AES-256-GCM, on contexts that each thread
 * keeps. */
#include "crypto/aead.h"

#include "base/inside.h"
#include "crypto/kept.h"
#include "crypto/random.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

FAULT(AEAD_REFUSED, FAULT_INTERNAL, "aead.refused",
      "A sealed thing does not open here: wrong key or place, or altered.");

enum { BLOCK = 16, PLAIN_MOST = 16 << 20 };

/* One direction of GCM under way: everything but the message. */
struct task {
    struct kept *kept;
    const uint8_t *nonce; /* all AEAD_NONCE bytes of it */
    struct bytes place;
    uint8_t *tag;
    int seals; /* 1: to seal, 0: to open */
    bool once; /* a value's key serves its message alone, and is not kept ready */
};

/* CMAC's first subkey: L shifted left by one bit, without a branch on its top bit. */
static void subkey_of(uint8_t l[BLOCK])
{
    uint8_t carry = (uint8_t)(0x87 & (0 - (l[0] >> 7)));

    for (int i = 0; i < BLOCK - 1; i++)
        l[i] = (uint8_t)(l[i] << 1 | l[i + 1] >> 7);
    l[BLOCK - 1] = (uint8_t)(l[BLOCK - 1] << 1 ^ carry);
}

static bool encrypt_blocks(EVP_CIPHER_CTX *context, const uint8_t *in, uint8_t *out, int n)
{
    int did;

    return EVP_EncryptUpdate(context, out, &did, in, n) == 1 && did == n;
}

static bool make_ready(struct kept_key *of, const uint8_t *key)
{
    static const uint8_t zero[BLOCK];

    of->ready = EVP_CipherInit_ex2(of->block, NULL, key, NULL, 1, NULL) == 1 &&
                encrypt_blocks(of->block, zero, of->subkey, BLOCK);
    subkey_of(of->subkey);
    memcpy(of->key, key, AEAD_KEY);
    return of->ready;
}

/* Which of a few keys it is may be seen: it hangs on whose thing is opened, not on what keys are.
 */
static bool is_ready(const struct kept_key *of, const uint8_t *key)
{
    uint64_t mine, theirs, differs = 0;
    bool same;

    for (size_t i = 0; i < AEAD_KEY; i += sizeof(mine)) {
        memcpy(&mine, of->key + i, sizeof(mine));
        memcpy(&theirs, key + i, sizeof(theirs));
        differs |= mine ^ theirs;
    }
    same = differs == 0;
    sensitive_declassify(&same, sizeof(same));
    return of->ready && same;
}

static struct kept_key *ready_key(struct kept *kept, const uint8_t *key, bool once)
{
    struct kept_key *of = &kept->keys[0];

    for (size_t i = 1; i < KEPT_KEYS && !once; i++)
        if (is_ready(&kept->keys[i], key))
            return &kept->keys[i];
    if (!once)
        of = &kept->keys[1 + kept->next++ % (KEPT_KEYS - 1)];
    return make_ready(of, key) ? of : NULL;
}

/* The message key, 32 bytes: CMAC of {1, 2} and "X" over the nonce's first half, as in SP 800-108.
 */
static bool message_key(const struct kept_key *of, const uint8_t *nonce, uint8_t *out)
{
    uint8_t blocks[2 * BLOCK] = {0, 1, 'X', 0, [BLOCK] = 0, 2, 'X', 0};
    bool made;

    memcpy(blocks + 4, nonce, 12);
    memcpy(blocks + BLOCK + 4, nonce, 12);
    for (int i = 0; i < 2 * BLOCK; i++)
        blocks[i] ^= of->subkey[i % BLOCK];
    made = encrypt_blocks(of->block, blocks, out, sizeof(blocks));
    explicit_bzero(blocks, sizeof(blocks));
    return made;
}

static bool gcm(const struct task *task, const uint8_t *key, struct bytes in, uint8_t *out)
{
    EVP_CIPHER_CTX *context = task->kept->gcm;
    const OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, task->tag, AEAD_TAG),
        OSSL_PARAM_construct_end()};
    int did;

    if (EVP_CipherInit_ex2(context, NULL, key, task->nonce + 12, task->seals,
                           task->seals ? NULL : tag) != 1)
        return false;
    if (EVP_CipherUpdate(context, NULL, &did, task->place.at, (int)task->place.n) != 1)
        return false;
    if (in.n != 0 && EVP_CipherUpdate(context, out, &did, in.at, (int)in.n) != 1)
        return false;
    if (EVP_CipherFinal_ex(context, out + in.n, &did) != 1)
        return false;
    return !task->seals ||
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, task->tag) == 1;
}

/* All that OpenSSL allocates meanwhile lies in the keys region. */
static bool run(const struct task *task, struct sensitive_view key, struct bytes in, uint8_t *out)
{
    struct kept *kept = task->kept;
    const struct kept_key *of;
    bool done;

    if (kept == NULL)
        return false;
    inside_begin();
    of = ready_key(kept, key.at, task->once);
    done = of != NULL && message_key(of, task->nonce, kept->scratch) &&
           gcm(task, kept->scratch, in, out);
    explicit_bzero(kept->scratch, sizeof(kept->scratch));
    if (!done)
        ERR_clear_error();
    inside_end();
    return done;
}

fallible aead_seal_plain(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                         struct bytes plain, struct bytes *sealed)
{
    struct task task = {.seals = 1, .once = bound->purpose == FOR_VALUE};
    uint8_t *out;

    ENSURE(key.n == AEAD_KEY && plain.n <= PLAIN_MOST, CRYPTO_BROKEN);
    TRY(kept_here(&task.kept));
    TRY(bound_write(arena, bound, &task.place));
    out = arena_get(arena, plain.n + AEAD_EXTRA);
    ENSURE(out != NULL, ARENA_SPENT);
    TRY(random_fill(out, AEAD_NONCE));
    task.nonce = out;
    task.tag = out + AEAD_NONCE + plain.n;
    ENSURE(run(&task, key, plain, out + AEAD_NONCE), CRYPTO_BROKEN);
    *sealed = (struct bytes){out, plain.n + AEAD_EXTRA};
    sensitive_declassify(out, sealed->n);
    return OK;
}

fallible aead_seal(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                   struct sensitive_view plain, struct bytes *sealed)
{
    return aead_seal_plain(arena, key, bound, (struct bytes){plain.at, plain.n}, sealed);
}

/* Everything but the room for the plain; false tells nothing of why. */
static fallible open_into(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                          struct bytes sealed, uint8_t *out)
{
    uint8_t tag[AEAD_TAG];
    struct bytes body = {sealed.at + AEAD_NONCE, sealed.n - AEAD_EXTRA};
    struct task task = {.nonce = sealed.at, .tag = tag, .once = bound->purpose == FOR_VALUE};

    ENSURE(key.n == AEAD_KEY, CRYPTO_BROKEN);
    TRY(kept_here(&task.kept));
    TRY(bound_write(arena, bound, &task.place));
    memcpy(tag, body.at + body.n, AEAD_TAG);
    return run(&task, key, body, out) ? OK : AEAD_REFUSED;
}

static bool has_size(struct bytes sealed)
{
    return sealed.n >= AEAD_EXTRA && sealed.n - AEAD_EXTRA <= PLAIN_MOST;
}

static fallible open_sensitive(struct arena *arena, struct sensitive_view key,
                               const struct bound *bound, struct bytes sealed,
                               fallible (*take)(struct arena *, size_t, struct sensitive **),
                               struct sensitive **plain)
{
    struct sensitive *room;
    const struct fault *why;

    ENSURE(has_size(sealed), AEAD_REFUSED);
    TRY(take(arena, sealed.n - AEAD_EXTRA, &room));
    why = open_into(arena, key, bound, sealed, sensitive_fill(room));
    if (why != OK) {
        sensitive_wipe(room);
        return why;
    }
    *plain = room;
    return OK;
}

fallible aead_open(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                   struct bytes sealed, struct sensitive **plain)
{
    return open_sensitive(arena, key, bound, sealed, sensitive_new, plain);
}

fallible aead_open_key(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                       struct bytes sealed, struct sensitive **plain)
{
    return open_sensitive(arena, key, bound, sealed, sensitive_new_key, plain);
}

fallible aead_open_plain(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                         struct bytes sealed, struct bytes *plain)
{
    size_t n = sealed.n - AEAD_EXTRA;
    const struct fault *why;
    uint8_t *out;

    ENSURE(has_size(sealed), AEAD_REFUSED);
    out = arena_get(arena, n + 1); /* an empty plain is not a missing one */
    ENSURE(out != NULL, ARENA_SPENT);
    why = open_into(arena, key, bound, sealed, out);
    if (why != OK)
        explicit_bzero(out, n);
    else
        *plain = (struct bytes){out, n};
    return why;
}
