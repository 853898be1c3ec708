/* digest: SHA-256, HMAC and the KDF against published vectors and against OpenSSL's own KBKDF. */
#include "started.h"
#include "support/hex.h"

#include "crypto/digest.h"
#include "crypto/kdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static void assert_sha256(struct bytes message, const char *expected)
{
    uint8_t out[DIGEST_SIZE];

    digest_sha256(message, out);
    assert_bytes(((struct bytes){out, sizeof(out)}), hex(expected));
}

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    assert_sha256(LIT(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_sha256(LIT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sha256(LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_digest_in_pieces_is_the_digest_of_the_whole(void **state)
{
    uint8_t million[1000], out[DIGEST_SIZE];
    struct digest digest;

    (void)state;
    memset(million, 'a', sizeof(million));
    digest_begin(&digest);
    for (int i = 0; i < 1000; i++) {
        digest_more(&digest, (struct bytes){million, 333});
        digest_more_hidden(&digest, (struct sensitive_view){million, 667});
    }
    digest_end(&digest, out);
    assert_bytes(((struct bytes){out, sizeof(out)}),
                 hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    for (size_t i = 0; i < DIGEST_STATE; i++)
        assert_int_equal(digest.state[i], 0);
}

/* RFC 4231, cases 1 to 4, 6 and 7 (5 is cut short, which this interface does not do). */
static const struct vector {
    const char *key, *message, *tag;
} vectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "ddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdc"
     "dcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {NULL, /* 131 times aa */
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6"
     "579204"
     "66972"
     "7374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NULL,
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206"
     "b65792"
     "0616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565"
     "647320"
     "746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676"
     "f72697"
     "4686d2e",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void hmac_gives_the_codes_of_rfc_4231(void **state)
{
    uint8_t large[131], out[DIGEST_SIZE];
    struct sensitive *prepared;
    struct mac mac;

    (void)state;
    memset(large, 0xaa, sizeof(large));
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bytes key =
            vectors[i].key == NULL ? (struct bytes){large, sizeof(large)} : hex(vectors[i].key);
        struct bytes message = hex(vectors[i].message), tag = hex(vectors[i].tag);

        mac_sha256(hidden(key), message, out);
        assert_bytes(((struct bytes){out, sizeof(out)}), tag);

        assert_ok(mac_prepare(arena, hidden(key), &prepared));
        for (int twice = 0; twice < 2; twice++) {
            mac_begin_prepared(&mac, prepared);
            mac_more(&mac, (struct bytes){message.at, 3});
            mac_more_hidden(&mac, hidden(bytes_after(message, 3)));
            mac_end(&mac, out);
            assert_bytes(((struct bytes){out, sizeof(out)}), tag);
        }
    }
    for (size_t i = 0; i < sizeof(mac); i++)
        assert_int_equal(((uint8_t *)&mac)[i], 0); /* nothing of the key is left on the stack */
}

static void derive_with_openssl(struct bytes key, struct bytes label, struct bytes context,
                                uint8_t out[32])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
    EVP_KDF_CTX *task = EVP_KDF_CTX_new(kdf);
    char mac[] = "HMAC", digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mac, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.at, key.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)label.at,
                                          label.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)context.at,
                                          context.n),
        OSSL_PARAM_construct_end(),
    };

    assert_int_equal(EVP_KDF_derive(task, out, 32, params), 1);
    EVP_KDF_CTX_free(task);
    EVP_KDF_free(kdf);
}

static void kdf_is_the_counter_mode_of_sp_800_108(void **state)
{
    struct bytes key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    struct sensitive *ours, *other;
    uint8_t theirs[32];

    (void)state;
    derive_with_openssl(key, LIT("wrapping"), LIT("generation 1"), theirs);
    assert_ok(kdf_derive(arena, hidden(key), LIT("wrapping"), LIT("generation 1"), &ours));
    assert_int_equal(sensitive_view(ours).n, 32);
    assert_memory_equal(sensitive_view(ours).at, theirs, 32);
    assert_ok(kdf_derive(arena, hidden(key), LIT("wrapping"), LIT("generation 2"), &other));
    assert_memory_not_equal(sensitive_view(ours).at, sensitive_view(other).at, 32);
    assert_ok(kdf_derive(arena, hidden(key), LIT("wrappinggeneration 1"), LIT(""), &other));
    assert_memory_not_equal(sensitive_view(ours).at, sensitive_view(other).at, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(a_digest_in_pieces_is_the_digest_of_the_whole),
        cmocka_unit_test(hmac_gives_the_codes_of_rfc_4231),
        cmocka_unit_test(kdf_is_the_counter_mode_of_sp_800_108),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
