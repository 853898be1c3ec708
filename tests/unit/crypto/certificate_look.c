/* What is read of a certificate, and whether one is among others. */
#include "crypto/certificate_look.h"
#include "crypto/certificate.h"

#include "started.h"

static struct certificate make(const char *host, int64_t now_ms, int days)
{
    const struct bytes hosts[] = {bytes_of(host)};
    struct certificate made;

    assert_ok(certificate_make(arena, hosts, 1, now_ms, days, &made));
    return made;
}

static void it_says_until_when_and_for_whom(void **state)
{
    const int64_t now = INT64_C(1700000000000), hour = 3600000;
    struct certificate one = make("localhost", now, 3), other = make("127.0.0.1", now, 3);
    struct certificate_facts facts;

    (void)state;
    assert_ok(certificate_look(one.chain, "localhost", &facts));
    assert_true(facts.named);
    assert_int_equal(facts.from_ms, now - hour);
    assert_int_equal(facts.until_ms, now - hour + 72 * hour);
    assert_ok(certificate_look(one.chain, "example.org", &facts));
    assert_false(facts.named);
    assert_ok(certificate_look(other.chain, "127.0.0.1", &facts));
    assert_true(facts.named);
    assert_ok(certificate_look(other.chain, "127.0.0.2", &facts));
    assert_false(facts.named);
    assert_string_equal(facts.name, "127.0.0.1");
    assert_ok(certificate_look(other.chain, NULL, &facts));
    assert_true(facts.named);
}

/* What an URL may be made of: the first name that is no pattern. */
static void it_says_a_name(void **state)
{
    const struct bytes hosts[] = {LIT("*.example.org"), LIT("2001:db8::1"), LIT("a.example.org")};
    struct certificate made;
    struct certificate_facts facts;

    (void)state;
    assert_ok(certificate_make(arena, hosts, 3, INT64_C(1700000000000), 3, &made));
    assert_ok(certificate_look(made.chain, NULL, &facts));
    assert_string_equal(facts.name, "2001:db8::1");
    assert_ok(certificate_make(arena, hosts, 1, INT64_C(1700000000000), 3, &made));
    assert_ok(certificate_look(made.chain, NULL, &facts));
    assert_string_equal(facts.name, "");
}

static void one_is_found_among_others(void **state)
{
    struct certificate one = make("a", INT64_C(1700000000000), 3);
    struct certificate two = make("b", INT64_C(1700000000000), 3);
    uint8_t both[8192];
    struct bytes bundle = {both, one.authority.n + two.authority.n};
    bool among;

    (void)state;
    memcpy(both, one.authority.at, one.authority.n);
    memcpy(both + one.authority.n, two.authority.at, two.authority.n);
    assert_ok(certificate_among(two.authority, bundle, &among));
    assert_true(among);
    assert_ok(certificate_among(two.authority, one.authority, &among));
    assert_false(among);
    assert_ok(certificate_among(two.chain, bundle, &among));
    assert_false(among);
}

static void what_is_no_certificate_is_refused(void **state)
{
    struct certificate one = make("a", INT64_C(1700000000000), 3);
    struct certificate_facts facts;
    bool among;

    (void)state;
    for (size_t n = 0; n + 1 < one.chain.n; n += 7)
        assert_fault(certificate_look((struct bytes){one.chain.at, n}, NULL, &facts),
                     CERTIFICATE_ODD);
    assert_fault(certificate_among(one.authority, LIT(""), &among), CERTIFICATE_ODD);
    assert_false(among);
    assert_fault(certificate_among(LIT("x"), one.authority, &among), CERTIFICATE_ODD);
    assert_false(among);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_until_when_and_for_whom),
        cmocka_unit_test(it_says_a_name),
        cmocka_unit_test(one_is_found_among_others),
        cmocka_unit_test(what_is_no_certificate_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
