/* Addresses in words and back; the networks by which limits count. */
#include "support/test.h"

#include "net/address.h"

#include <stdio.h>

static void assert_address(const char *text, const char *host, uint16_t port, bool loopback,
                           size_t net)
{
    struct address address;
    char room[ADDRESS_TEXT];

    assert_ok(address_read(bytes_of(text), &address));
    assert_bytes(address_write(&address, room), bytes_of(host));
    assert_int_equal(address.port, port);
    assert_int_equal(address_loopback(&address), loopback);
    assert_int_equal(address_net(&address).n, net);
}

static void reads_and_writes(void **state)
{
    (void)state;
    assert_address("127.0.0.1:8443", "127.0.0.1", 8443, true, 16);
    assert_address("127.9.9.9:0", "127.9.9.9", 0, true, 16);
    assert_address("0.0.0.0:65535", "0.0.0.0", 65535, false, 16);
    assert_address("192.0.2.1:80", "192.0.2.1", 80, false, 16);
    assert_address("[::1]:443", "::1", 443, true, 8);
    assert_address("[2001:db8::7]:443", "2001:db8::7", 443, false, 8);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const wrong[] = {"",
                                        ":",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:-1",
                                        "127.0.0.1:1x",
                                        "localhost:80",
                                        "1.2.3:80",
                                        "::1:80",
                                        "[::1]",
                                        "[::1:80",
                                        "[127.0.0.1]:80",
                                        ":80",
                                        "[]:80",
                                        "127.0.0.1:000001"};
    struct address address;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fault(address_read(bytes_of(wrong[i]), &address), ADDRESS_MALFORMED);
}

static bool is_among(const char *address_text, const char *range_text)
{
    struct address_range range;
    struct address address;
    char text[ADDRESS_TEXT + 8];

    assert_ok(address_read_range(bytes_of(range_text), &range));
    const bool four = strchr(address_text, 0x3a) == NULL;
    (void)snprintf(text, sizeof text, "%s%s%s:1", four ? "" : "[", address_text, four ? "" : "]");
    assert_ok(address_read(bytes_of(text), &address));
    return address_among(&address, &(struct address_ranges){&range, 1});
}

static void knows_who_is_among(void **state)
{
    struct address local = {.local = true};
    struct address_range all;

    (void)state;
    assert_true(is_among("192.0.2.1", "192.0.2.1"));
    assert_false(is_among("192.0.2.2", "192.0.2.1/32"));
    assert_true(is_among("10.255.3.4", "10.0.0.0/8"));
    assert_false(is_among("11.0.0.0", "10.0.0.0/8"));
    assert_true(is_among("192.0.2.129", "192.0.2.128/31"));
    assert_false(is_among("192.0.2.130", "192.0.2.128/31"));
    assert_true(is_among("255.255.255.255", "0.0.0.0/0"));
    assert_false(is_among("2001:db8::1", "0.0.0.0/0"));
    assert_true(is_among("2001:db8:ffff::1", "2001:db8::/32"));
    assert_false(is_among("2001:db9::1", "2001:db8::/32"));
    assert_true(is_among("::1", "::1"));
    assert_true(is_among("10.0.0.1", "::/0")); /* mapped */
    assert_ok(address_read_range(LIT("::/0"), &all));
    assert_false(address_among(&local, &(struct address_ranges){&all, 1}));
    assert_false(address_among(&local, &(struct address_ranges){0}));
}

static void refuses_what_is_no_range(void **state)
{
    static const char *const wrong[] = {"",
                                        "/",
                                        "10.0.0.0/",
                                        "10.0.0.0/33",
                                        "10.0.0.1/8",
                                        "10.0.0/8",
                                        "10.0.0.0/8/8",
                                        "10.0.0.0/-1",
                                        "::/129",
                                        "2001:db8::1/32",
                                        "[::1]",
                                        "10.0.0.1:80",
                                        "localhost",
                                        "192.0.2.129/31",
                                        "10.0.0.0/ 8"};
    struct address_range range;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fault(address_read_range(bytes_of(wrong[i]), &range), ADDRESS_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(knows_who_is_among),
        cmocka_unit_test(refuses_what_is_no_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
