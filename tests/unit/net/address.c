/* Addresses in words and back; the networks by which limits count. */
#include "support/test.h"

#include "net/address.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses_what_is_no_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
