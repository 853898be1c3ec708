/* sign: Ed25519 by RFC 8032's vectors, Argon2id by those of its reference implementation. */
#include "started.h"
#include "support/hex.h"

#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/sign.h"

/* RFC 8032, 7.1, tests 1 to 3. */
static const struct vector {
    const char *seed, *public, *message, *signature;
} vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f05"
     "95bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb"
     "4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e97"
     "16ed28dc027beceea1ec40a"},
};

static void ed25519_gives_the_published_signatures(void **state)
{
    uint8_t public[SIGN_PUBLIC], signature[SIGN_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bytes message = hex(vectors[i].message);

        assert_ok(sign_public(hidden(hex(vectors[i].seed)), public));
        assert_bytes(((struct bytes){public, sizeof(public)}), hex(vectors[i].public));
        assert_ok(sign_make(hidden(hex(vectors[i].seed)), message, signature));
        assert_bytes(((struct bytes){signature, sizeof(signature)}), hex(vectors[i].signature));
        assert_ok(sign_check(hex(vectors[i].public), message, hex(vectors[i].signature)));
    }
}

static void a_signature_holds_for_its_message_alone(void **state)
{
    struct bytes public = hex(vectors[1].public), message = hex(vectors[1].message);
    struct bytes signature = hex(vectors[1].signature);
    uint8_t copy[SIGN_SIZE];

    (void)state;
    assert_fault(sign_check(public, LIT("other"), signature), SIGN_WRONG);
    assert_fault(sign_check(hex(vectors[0].public), message, signature), SIGN_WRONG);
    assert_fault(sign_check(public, message, (struct bytes){signature.at, 63}), SIGN_WRONG);
    assert_fault(sign_check((struct bytes){public.at, 31}, message, signature), SIGN_WRONG);
    for (size_t i = 0; i < sizeof(copy); i++) {
        memcpy(copy, signature.at, sizeof(copy));
        copy[i] ^= 1;
        assert_fault(sign_check(public, message, (struct bytes){copy, sizeof(copy)}), SIGN_WRONG);
    }
    assert_fault(sign_make((struct sensitive_view){public.at, 31}, message, copy), CRYPTO_BROKEN);
}

static void argon2id_gives_the_published_keys(void **state)
{
    struct sensitive *key;

    (void)state;
    password_floor_for_tests(64, 1);
    assert_ok(password_stretch(arena, hidden(LIT("password")), LIT("somesalt"),
                               &(struct password_cost){256, 2, 1}, &key));
    assert_memory_equal(sensitive_view(key).at,
                        hex("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe").at,
                        32);
    assert_ok(password_stretch(arena, hidden(LIT("password")), LIT("somesalt"),
                               &(struct password_cost){256, 2, 2}, &key));
    assert_memory_equal(sensitive_view(key).at,
                        hex("6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037").at,
                        32);
}

/* Before the floor is lowered: it runs first. */
static void costs_outside_floor_and_ceiling_are_refused(void **state)
{
    static const struct password_cost wrong[] = {
        {(256 << 10) - 1, 3, 1}, {256 << 10, 2, 1},     {256 << 10, 3, 0},
        {256 << 10, 3, 17},      {(4 << 20) + 1, 3, 1}, {256 << 10, 65, 1},
    };
    struct bytes salt = LIT("sixteen bytes ok"), phrase = LIT("passphrase");
    struct sensitive *key;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_fault(password_stretch(arena, hidden(phrase), salt, &wrong[i], &key), PASSWORD_COST);
    assert_fault(password_stretch(arena, hidden(LIT("")), salt, PASSWORD_USUAL, &key),
                 PASSWORD_COST);
    assert_fault(password_stretch(arena, hidden(phrase), LIT("short"), PASSWORD_USUAL, &key),
                 PASSWORD_COST);
}

static void sevens(uint8_t *out, size_t n)
{
    memset(out, 7, n);
}

static void random_bytes_differ_and_can_be_set(void **state)
{
    uint8_t one[300] = {0}, other[300] = {0};

    (void)state;
    assert_ok(random_fill(one, sizeof(one)));
    assert_ok(random_fill(other, sizeof(other)));
    assert_memory_not_equal(one, other, sizeof(one));
    random_set(sevens);
    assert_ok(random_fill(one, sizeof(one)));
    random_set(NULL);
    assert_int_equal(one[0], 7);
    assert_int_equal(one[299], 7);
    assert_ok(random_fill(one, sizeof(one)));
    assert_memory_not_equal(one + 100, other, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_outside_floor_and_ceiling_are_refused),
        cmocka_unit_test(ed25519_gives_the_published_signatures),
        cmocka_unit_test(a_signature_holds_for_its_message_alone),
        cmocka_unit_test(argon2id_gives_the_published_keys),
        cmocka_unit_test(random_bytes_differ_and_can_be_set),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
