/* aead: XAES-256-GCM out of OpenSSL's AES-256 and AES-256-GCM, on contexts that each thread
 * keeps; and envelopes. */
#include "crypto/aead.h"

#include "base/inside.h"
#include "crypto/kept.h"
#include "crypto/random.h"

#include <openssl/err.h>
#include <string.h>

FAULT(AEAD_REFUSED, FAULT_INTERNAL, "aead.refused",
      "A sealed thing does not open here: wrong key or place, or altered.");

enum { BLOCK = 16, PLAIN_MOST = 16 << 20 };

/* The nonce of a key that seals one message. */
static const uint8_t once[GCM_NONCE];

/* One message under a long-lived key: what of it is the same whoever asks. */
struct task {
    struct kept *kept;
    struct sensitive_view key;
    const uint8_t *nonce; /* all AEAD_NONCE bytes of it */
    struct gcm_message message;
    bool seals;
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

static struct kept_key *ready_key(struct kept *kept, const uint8_t *key)
{
    struct kept_key *of;

    for (size_t i = 0; i < KEPT_KEYS; i++)
        if (is_ready(&kept->keys[i], key))
            return &kept->keys[i];
    of = &kept->keys[kept->next++ % KEPT_KEYS];
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

static bool run_message(struct kept *kept, const struct gcm_message *message, bool seals)
{
    return seals ? gcm_seal(kept->gcm, message) : gcm_open(kept->gcm, message);
}

/* All that OpenSSL allocates meanwhile lies in the keys region. */
static bool run(const struct task *task)
{
    struct kept *kept = task->kept;
    struct gcm_message message = task->message;
    const struct kept_key *of;
    bool done;

    if (kept == NULL)
        return false;
    inside_begin();
    of = ready_key(kept, task->key.at);
    message.key = kept->scratch;
    message.nonce = task->nonce + AEAD_NONCE - GCM_NONCE;
    done = of != NULL && message_key(of, task->nonce, kept->scratch) &&
           run_message(kept, &message, task->seals);
    explicit_bzero(kept->scratch, sizeof(kept->scratch));
    if (!done)
        ERR_clear_error();
    inside_end();
    return done;
}

static fallible seal_into(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                          struct bytes plain, uint8_t *out)
{
    struct task task = {.key = key, .nonce = out, .seals = true};

    ENSURE(key.n == AEAD_KEY && plain.n <= PLAIN_MOST, CRYPTO_BROKEN);
    TRY(kept_here(&task.kept));
    TRY(bound_write(arena, bound, &task.message.place));
    TRY(random_fill(out, AEAD_NONCE));
    task.message.in = plain;
    task.message.out = out + AEAD_NONCE;
    task.message.tag = out + AEAD_NONCE + plain.n;
    ENSURE(run(&task), CRYPTO_BROKEN);
    sensitive_declassify(out, plain.n + AEAD_EXTRA);
    return OK;
}

fallible aead_seal_plain(struct arena *arena, struct sensitive_view key, const struct bound *bound,
                         struct bytes plain, struct bytes *sealed)
{
    uint8_t *out = arena_get(arena, plain.n + AEAD_EXTRA);

    ENSURE(out != NULL, ARENA_SPENT);
    TRY(seal_into(arena, key, bound, plain, out));
    *sealed = (struct bytes){out, plain.n + AEAD_EXTRA};
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
    struct task task = {.key = key, .nonce = sealed.at, .message = {.tag = tag}};

    ENSURE(key.n == AEAD_KEY, CRYPTO_BROKEN);
    TRY(kept_here(&task.kept));
    TRY(bound_write(arena, bound, &task.message.place));
    memcpy(tag, body.at + body.n, AEAD_TAG);
    task.message.in = body;
    task.message.out = out;
    return run(&task) ? OK : AEAD_REFUSED;
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

/* --- envelopes --- */

/* Tied to the purpose alone: the inner key is the place. */
static fallible run_inner(struct arena *arena, struct kept *kept, struct gcm_message *message,
                          bool seals)
{
    bool done;

    TRY(bound_write(arena, &(const struct bound){.purpose = FOR_VALUE}, &message->place));
    message->key = kept->inner;
    message->nonce = once;
    inside_begin();
    done = run_message(kept, message, seals);
    if (!done)
        ERR_clear_error();
    inside_end();
    if (seals)
        return done ? OK : CRYPTO_BROKEN;
    return done ? OK : AEAD_REFUSED;
}

static fallible seal_both(struct arena *arena, struct kept *kept, struct sensitive_view key,
                          const struct bound *bound, struct gcm_message *message)
{
    TRY(random_fill(kept->inner, AEAD_KEY));
    TRY(seal_into(arena, key, bound, (struct bytes){kept->inner, AEAD_KEY},
                  message->out - AEAD_INNER));
    return run_inner(arena, kept, message, true);
}

fallible aead_envelope_seal(struct arena *arena, struct sensitive_view key,
                            const struct bound *bound, struct sensitive_view plain,
                            struct aead_envelope *envelope)
{
    uint8_t *out = arena_get(arena, AEAD_INNER + plain.n + AEAD_TAG);
    struct gcm_message message = {.in = {plain.at, plain.n}};
    const struct fault *why;
    struct kept *kept;

    ENSURE(plain.n <= PLAIN_MOST, CRYPTO_BROKEN);
    ENSURE(out != NULL, ARENA_SPENT);
    TRY(kept_here(&kept));
    message.out = out + AEAD_INNER;
    message.tag = message.out + plain.n;
    why = seal_both(arena, kept, key, bound, &message);
    explicit_bzero(kept->inner, sizeof(kept->inner));
    TRY(why);
    sensitive_declassify(message.out, plain.n + AEAD_TAG);
    *envelope = (struct aead_envelope){{out, AEAD_INNER}, {message.out, plain.n + AEAD_TAG}};
    return OK;
}

static fallible open_both(struct arena *arena, struct kept *kept, struct sensitive_view key,
                          const struct bound *bound, const struct aead_envelope *envelope,
                          struct sensitive *room)
{
    const size_t n = envelope->value.n - AEAD_TAG;
    struct gcm_message message = {.in = {envelope->value.at, n}, .out = sensitive_fill(room)};
    uint8_t tag[AEAD_TAG];

    memcpy(tag, envelope->value.at + n, AEAD_TAG);
    message.tag = tag;
    TRY(open_into(arena, key, bound, envelope->key, kept->inner));
    return run_inner(arena, kept, &message, false);
}

fallible aead_envelope_open(struct arena *arena, struct sensitive_view key,
                            const struct bound *bound, const struct aead_envelope *envelope,
                            struct sensitive **plain)
{
    struct sensitive *room;
    const struct fault *why;
    struct kept *kept;

    ENSURE(envelope->key.n == AEAD_INNER && envelope->value.n >= AEAD_TAG &&
               envelope->value.n - AEAD_TAG <= PLAIN_MOST,
           AEAD_REFUSED);
    TRY(kept_here(&kept));
    TRY(sensitive_new(arena, envelope->value.n - AEAD_TAG, &room));
    why = open_both(arena, kept, key, bound, envelope, room);
    explicit_bzero(kept->inner, sizeof(kept->inner));
    if (why == OK)
        *plain = room;
    else
        sensitive_wipe(room);
    return why;
}
