/* agree: X25519 by RFC 7748's keys; what is sealed to somebody opens for him, where it belongs. */
#include "started.h"
#include "support/hex.h"

#include "crypto/aead.h"
#include "crypto/agree.h"

/* RFC 7748, 6.1. */
static const char alice[] = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                  alice_public[] =
                      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                  bob[] = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                  bob_public[] = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

static void public_of(const char *secret, uint8_t out[AGREE_KEY])
{
    assert_ok(agree_public(hidden(hex(secret)), out));
}

static struct bytes sealed_to(const char *secret)
{
    uint8_t whom[AGREE_KEY];
    struct bytes sealed;

    public_of(secret, whom);
    assert_ok(agree_seal(arena, (struct bytes){whom, sizeof whom}, BOUND(FOR_BACKUP, LIT("here")),
                         hidden(LIT("a key")), &sealed));
    return sealed;
}

static void opens_for_whom_it_was_sealed(void **state)
{
    struct bytes sealed = sealed_to(alice), again = sealed_to(alice);
    struct sensitive *plain;

    (void)state;
    assert_int_equal(sealed.n, 5 + AGREE_EXTRA);
    assert_false(bytes_same(sealed, again));
    assert_ok(
        agree_open(arena, hidden(hex(alice)), BOUND(FOR_BACKUP, LIT("here")), sealed, &plain));
    assert_int_equal(sensitive_view(plain).n, 5);
    assert_memory_equal(sensitive_view(plain).at, "a key", 5);
}

static void opens_nowhere_else(void **state)
{
    struct bytes sealed = sealed_to(alice);
    struct sensitive *plain;

    (void)state;
    assert_fault(
        agree_open(arena, hidden(hex(bob)), BOUND(FOR_BACKUP, LIT("here")), sealed, &plain),
        AEAD_REFUSED);
    assert_fault(
        agree_open(arena, hidden(hex(alice)), BOUND(FOR_BACKUP, LIT("there")), sealed, &plain),
        AEAD_REFUSED);
    for (size_t i = 0; i < sealed.n; i++) {
        ((uint8_t *)sealed.at)[i] ^= 1;
        assert_fault(
            agree_open(arena, hidden(hex(alice)), BOUND(FOR_BACKUP, LIT("here")), sealed, &plain),
            AEAD_REFUSED);
        ((uint8_t *)sealed.at)[i] ^= 1;
    }
    for (size_t n = 0; n < sealed.n; n++)
        assert_fault(agree_open(arena, hidden(hex(alice)), BOUND(FOR_BACKUP, LIT("here")),
                                (struct bytes){sealed.at, n}, &plain),
                     AEAD_REFUSED);
}

/* Of small order: everybody would agree on the same. */
static void a_public_key_that_is_none_is_refused(void **state)
{
    static const uint8_t zero[AGREE_KEY], one[AGREE_KEY] = {1};
    const struct bytes weak[] = {{zero, sizeof zero}, {one, sizeof one}, {one, 31}, {0}};
    struct bytes sealed;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_fault(agree_seal(arena, weak[i], BOUND(FOR_BACKUP, LIT("here")),
                                hidden(LIT("a key")), &sealed),
                     CRYPTO_BROKEN);
}

static void public_keys_are_the_published_ones(void **state)
{
    uint8_t out[AGREE_KEY];

    (void)state;
    public_of(alice, out);
    assert_bytes(((struct bytes){out, sizeof out}), hex(alice_public));
    public_of(bob, out);
    assert_bytes(((struct bytes){out, sizeof out}), hex(bob_public));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_for_whom_it_was_sealed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(opens_nowhere_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_public_key_that_is_none_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(public_keys_are_the_published_ones, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
