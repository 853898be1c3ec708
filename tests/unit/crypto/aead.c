/* aead: XAES-256-GCM's published vectors, and that nothing opens but where it was sealed. */
#include "started.h"
#include "support/each_fault.h"
#include "support/hex.h"

#include "crypto/aead.h"
#include "crypto/random.h"

#include <openssl/evp.h>

#include <pthread.h>

static uint8_t key_bytes[32] = {1, 2, 3, 4};
static const struct sensitive_view key = {key_bytes, sizeof(key_bytes)};

/* The published nonce; the message key is checked through OpenSSL's own GCM, since the associated
 * data of ours always begins with a purpose and the published one's does not. */
static void nonce_of_the_vectors(uint8_t *out, size_t n)
{
    assert_int_equal(n, AEAD_NONCE);
    memcpy(out, "ABCDEFGHIJKLMNOPQRSTUVWX", n);
}

static void gcm(struct bytes derived, struct bytes aad, struct bytes in, uint8_t *out)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int did;

    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, derived.at,
                                        (const uint8_t *)"MNOPQRSTUVWX"),
                     1);
    assert_int_equal(EVP_EncryptUpdate(context, NULL, &did, aad.at, (int)aad.n), 1);
    assert_int_equal(EVP_EncryptUpdate(context, out, &did, in.at, (int)in.n), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, out + in.n, &did), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + in.n), 1);
    EVP_CIPHER_CTX_free(context);
}

/* c2sp.org/XAES-256-GCM, test vectors 1 (top bit of L clear) and 2 (set): the derived key, what it
 * gives with the vector's own associated data, and what ours gives with ours. */
static void assert_vector(uint8_t fill, const char *derived, struct bytes aad, const char *sealed)
{
    struct bytes plain = LIT("XAES-256-GCM"), place, ours;
    uint8_t whole[32], out[64];

    gcm(hex(derived), aad, plain, out);
    assert_bytes(((struct bytes){out, plain.n + 16}), hex(sealed));

    memset(whole, fill, sizeof(whole));
    assert_ok(aead_seal(arena, hidden((struct bytes){whole, 32}), BOUND(FOR_VALUE, LIT("here")),
                        hidden(plain), &ours));
    assert_ok(bound_write(arena, BOUND(FOR_VALUE, LIT("here")), &place));
    gcm(hex(derived), place, plain, out);
    assert_int_equal(ours.n, AEAD_NONCE + plain.n + AEAD_TAG);
    assert_bytes(bytes_after(ours, AEAD_NONCE), ((struct bytes){out, plain.n + 16}));
}

static void xaes_gives_the_published_vectors(void **state)
{
    (void)state;
    random_set(nonce_of_the_vectors);
    assert_vector(1, "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b", LIT(""),
                  "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    assert_vector(3, "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
                  LIT("c2sp.org/XAES-256-GCM"),
                  "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    random_set(NULL);
}

static void what_was_sealed_opens_again(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 400, 65536, 1 << 20};
    struct bytes sealed, plain;
    struct sensitive *opened;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct arena_mark mark = arena_mark(arena);
        uint8_t *in = arena_get(arena, sizes[i] + 1);

        memset(in, (int)(i + 1), sizes[i]);
        assert_ok(aead_seal(arena, key, BOUND(FOR_VALUE, LIT("a"), LIT("b")),
                            hidden((struct bytes){in, sizes[i]}), &sealed));
        assert_ok(aead_open(arena, key, BOUND(FOR_VALUE, LIT("a"), LIT("b")), sealed, &opened));
        assert_int_equal(sensitive_view(opened).n, sizes[i]);
        assert_memory_equal(sensitive_view(opened).at, in, sizes[i]);
        assert_ok(
            aead_open_plain(arena, key, BOUND(FOR_VALUE, LIT("a"), LIT("b")), sealed, &plain));
        assert_bytes(plain, ((struct bytes){in, sizes[i]}));
        arena_rewind(arena, mark);
    }
}

static void no_two_seals_are_alike(void **state)
{
    struct bytes one, other;

    (void)state;
    assert_ok(aead_seal_plain(arena, key, BOUND(FOR_RECORD, LIT("a")), LIT("same"), &one));
    assert_ok(aead_seal_plain(arena, key, BOUND(FOR_RECORD, LIT("a")), LIT("same"), &other));
    assert_int_equal(one.n, other.n);
    assert_memory_not_equal(one.at, other.at, AEAD_NONCE);
    assert_memory_not_equal(one.at + AEAD_NONCE, other.at + AEAD_NONCE, 4);
}

static void assert_refused(struct sensitive_view with, const struct bound *bound,
                           struct bytes sealed)
{
    size_t used = sensitive_usage().values;
    struct arena_mark mark = arena_mark(arena);
    struct sensitive *opened = NULL;
    struct bytes plain = {0};

    assert_fault(aead_open(arena, with, bound, sealed, &opened), AEAD_REFUSED);
    assert_null(opened);
    assert_int_equal(sensitive_usage().values, used); /* no half-opened value stays */
    assert_fault(aead_open_key(arena, with, bound, sealed, &opened), AEAD_REFUSED);
    assert_fault(aead_open_plain(arena, with, bound, sealed, &plain), AEAD_REFUSED);
    assert_null(plain.at);
    arena_rewind(arena, mark);
}

static void every_change_is_refused(void **state)
{
    const struct bound *bound = BOUND(FOR_VALUE, LIT("account"), LIT("id"));
    uint8_t other_key[32], copy[64];
    struct bytes sealed;

    (void)state;
    assert_ok(aead_seal_plain(arena, key, bound, LIT("twenty bytes of text"), &sealed));
    for (size_t i = 0; i < sealed.n * 8; i++) {
        memcpy(copy, sealed.at, sealed.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_refused(key, bound, (struct bytes){copy, sealed.n});
    }
    for (size_t n = 0; n < sealed.n; n++)
        assert_refused(key, bound, (struct bytes){sealed.at, n});
    for (size_t i = 0; i < 256; i++) {
        memcpy(other_key, key_bytes, 32);
        other_key[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_refused((struct sensitive_view){other_key, 32}, bound, sealed);
    }
}

static void a_place_is_exactly_itself(void **state)
{
    struct bytes sealed;

    (void)state;
    assert_ok(
        aead_seal_plain(arena, key, BOUND(FOR_VALUE, LIT("ab"), LIT("c")), LIT("x"), &sealed));
    assert_refused(key, BOUND(FOR_VALUE, LIT("a"), LIT("bc")), sealed);
    assert_refused(key, BOUND(FOR_VALUE, LIT("abc")), sealed);
    assert_refused(key, BOUND(FOR_VALUE, LIT("ab"), LIT("c"), LIT("")), sealed);
    assert_refused(key, BOUND(FOR_VALUE, LIT("c"), LIT("ab")), sealed);
    assert_refused(key, &(struct bound){FOR_VALUE, NULL, 0}, sealed);
}

static void nothing_opens_for_another_purpose(void **state)
{
    struct bytes sealed;

    (void)state;
    for (int made = FOR_NOTHING + 1; made < PURPOSES; made++) {
        assert_ok(
            aead_seal_plain(arena, key, BOUND((enum purpose)made, LIT("here")), LIT("x"), &sealed));
        for (int asked = FOR_NOTHING + 1; asked < PURPOSES; asked++)
            if (asked != made)
                assert_refused(key, BOUND((enum purpose)asked, LIT("here")), sealed);
    }
}

static void improper_places_and_keys_are_faults(void **state)
{
    struct bytes parts[33] = {{0}}, sealed;

    (void)state;
    assert_fault(aead_seal_plain(arena, key, BOUND(FOR_NOTHING, LIT("x")), LIT("x"), &sealed),
                 BOUND_WRONG);
    assert_fault(aead_seal_plain(arena, key, BOUND(PURPOSES, LIT("x")), LIT("x"), &sealed),
                 BOUND_WRONG);
    assert_fault(
        aead_seal_plain(arena, key, &(struct bound){FOR_VALUE, parts, 33}, LIT("x"), &sealed),
        BOUND_WRONG);
    assert_fault(aead_seal_plain(arena, (struct sensitive_view){key_bytes, 31},
                                 BOUND(FOR_VALUE, LIT("x")), LIT("x"), &sealed),
                 CRYPTO_BROKEN);
}

static fallible envelope_opens(const struct bound *bound, struct bytes inner, struct bytes value)
{
    const struct aead_envelope envelope = {inner, value};
    const size_t used = sensitive_usage().values;
    struct arena_mark mark = arena_mark(arena);
    struct sensitive *plain = NULL;
    const struct fault *why = aead_envelope_open(arena, key, bound, &envelope, &plain);

    if (why == OK)
        assert_memory_equal(sensitive_view(plain).at, "a value", 7);
    else
        assert_int_equal(sensitive_usage().values, used); /* no half-opened value stays */
    arena_rewind(arena, mark);
    return why;
}

static void an_envelope_is_exactly_itself(void **state)
{
    const struct bound *bound = BOUND(FOR_DATA_KEY, LIT("here"));
    struct aead_envelope one, other;
    struct bytes sealed;
    uint8_t copy[AEAD_INNER];

    (void)state;
    assert_ok(aead_envelope_seal(arena, key, bound, hidden(LIT("a value")), &one));
    assert_ok(aead_envelope_seal(arena, key, bound, hidden(LIT("a value")), &other));
    assert_int_equal(one.key.n, AEAD_INNER);
    assert_int_equal(one.value.n, 7 + AEAD_TAG);
    assert_false(bytes_same(one.value, other.value)); /* a key of its own each */
    assert_ok(envelope_opens(bound, one.key, one.value));
    assert_fault(envelope_opens(bound, one.key, other.value), AEAD_REFUSED);
    assert_fault(envelope_opens(BOUND(FOR_DATA_KEY, LIT("there")), one.key, one.value),
                 AEAD_REFUSED);
    assert_fault(envelope_opens(BOUND(FOR_VALUE, LIT("here")), one.key, one.value), AEAD_REFUSED);
    for (size_t i = 0; i < one.key.n * 8; i++) {
        memcpy(copy, one.key.at, one.key.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_fault(envelope_opens(bound, (struct bytes){copy, one.key.n}, one.value),
                     AEAD_REFUSED);
    }
    for (size_t i = 0; i < one.value.n * 8; i++) {
        memcpy(copy, one.value.at, one.value.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_fault(envelope_opens(bound, one.key, (struct bytes){copy, one.value.n}),
                     AEAD_REFUSED);
    }
    for (size_t n = 0; n < one.value.n; n++)
        assert_fault(envelope_opens(bound, one.key, (struct bytes){one.value.at, n}), AEAD_REFUSED);
    for (size_t n = 0; n < one.key.n; n++)
        assert_fault(envelope_opens(bound, (struct bytes){one.key.at, n}, one.value), AEAD_REFUSED);
    assert_ok(aead_seal(arena, key, &(const struct bound){.purpose = FOR_VALUE},
                        hidden(LIT("a value")), &sealed));
    assert_fault(envelope_opens(bound, one.key, sealed), AEAD_REFUSED);
    assert_fault(envelope_opens(bound, one.key, bytes_after(sealed, AEAD_NONCE)), AEAD_REFUSED);
}

static bool seal_and_open(void *ctx)
{
    struct arena *own = arena_open(1 << 20);
    struct aead_envelope envelope;
    struct sensitive *opened;
    struct bytes sealed;
    bool done;

    (void)ctx;
    crypto_forget_kept(); /* so that making the contexts is walked too */
    done = own != NULL && aead_seal(own, key, BOUND(FOR_VALUE, LIT("a")), key, &sealed) == OK &&
           aead_open(own, key, BOUND(FOR_VALUE, LIT("a")), sealed, &opened) == OK &&
           aead_envelope_seal(own, key, BOUND(FOR_VALUE, LIT("a")), key, &envelope) == OK &&
           aead_envelope_open(own, key, BOUND(FOR_VALUE, LIT("a")), &envelope, &opened) == OK;
    if (done)
        assert_memory_equal(sensitive_view(opened).at, key_bytes, 32);
    arena_close(own);
    return done;
}

static void nothing_is_left_behind(void *ctx, bool succeeded)
{
    const struct sensitive_usage *before = ctx;

    (void)succeeded;
    crypto_forget_kept();
    assert_int_equal(sensitive_usage().values, before->values);
    assert_int_equal(sensitive_usage().keys, before->keys);
}

static void each_failure_leaves_nothing(void **state)
{
    struct sensitive_usage before;

    (void)state;
    assert_true(seal_and_open(NULL)); /* what the library makes once per thread */
    crypto_forget_kept();
    before = sensitive_usage();
    each_fault("aead", seal_and_open, nothing_is_left_behind, &before);
}

static void *seal_much(void *ctx)
{
    const struct bound *bound = BOUND(FOR_VALUE, LIT("thread"));
    struct arena *own = arena_open(1 << 20);
    struct arena_mark mark = arena_mark(own);

    for (int i = 0; i < 2000; i++) {
        struct sensitive *opened;
        struct bytes sealed;

        if (aead_seal(own, key, bound, (struct sensitive_view){(const uint8_t *)&i, sizeof(i)},
                      &sealed) != OK ||
            aead_open(own, key, bound, sealed, &opened) != OK ||
            memcmp(sensitive_view(opened).at, &i, sizeof(i)) != 0)
            *(bool *)ctx = false;
        arena_rewind(own, mark);
    }
    arena_close(own);
    arena_forget_kept();
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    bool right[4] = {true, true, true, true};
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, seal_much, &right[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(right[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xaes_gives_the_published_vectors),
        cmocka_unit_test(what_was_sealed_opens_again),
        cmocka_unit_test(no_two_seals_are_alike),
        cmocka_unit_test(every_change_is_refused),
        cmocka_unit_test(a_place_is_exactly_itself),
        cmocka_unit_test(nothing_opens_for_another_purpose),
        cmocka_unit_test(improper_places_and_keys_are_faults),
        cmocka_unit_test(an_envelope_is_exactly_itself),
        cmocka_unit_test(each_failure_leaves_nothing),
        cmocka_unit_test(threads_do_not_meet),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
