/* The header in front of a proxied connection: read whole and byte by byte; each byte of it that
 * cannot be is refused as it comes. */
#include "support/test.h"

#include "net/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xcb\x00\x71\x07\xc0\x00\x02\x01\xd4\x31\x20\xfb" /* 203.0.113.7:54321 */
#define V6                                                                               \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
    "\xd4\x31\x20\xfb"
#define TEXT(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static void assert_told(struct bytes header, const char *client, uint16_t port)
{
    size_t whole = 0;

    for (size_t n = 0; n <= header.n; n++) {
        struct address address = {0};
        char text[ADDRESS_TEXT];
        bool told;

        assert_ok(proxy_read((struct bytes){header.at, n}, &whole, &told, &address));
        assert_int_equal(whole, n < PROXY_LEAST ? PROXY_LEAST : header.n);
        assert_int_equal(told, n == header.n && client != NULL);
        if (!told)
            continue;
        assert_bytes(address_write(&address, text), bytes_of(client));
        assert_int_equal(address.port, port);
        assert_false(address.local);
    }
    assert_int_equal(whole, header.n);
}

static void says_for_whom(void **state)
{
    (void)state;
    assert_told(TEXT(SIGNATURE "\x21\x11\0\x0c" V4), "203.0.113.7", 54321);
    assert_told(TEXT(SIGNATURE "\x21\x21\0\x24" V6), "2001:db8::7", 54321);
    assert_told(TEXT(SIGNATURE "\x20\0\0\0"), NULL, 0);
    assert_told(TEXT(SIGNATURE "\x20\x11\0\x0c" V4), NULL, 0); /* LOCAL, whatever stands behind */
}

/* What comes behind the addresses is skipped, up to a bound. */
static void skips_what_it_says_besides(void **state)
{
    uint8_t header[PROXY_MOST + 1] = SIGNATURE "\x21\x11\0\0" V4;
    struct address address;
    size_t whole;
    bool told;

    (void)state;
    assert_told(TEXT(SIGNATURE "\x21\x11\0\x12" V4 "\x03\0\3abc"), "203.0.113.7", 54321);
    header[14] = (PROXY_MOST - PROXY_LEAST) >> 8;
    header[15] = (PROXY_MOST - PROXY_LEAST) & 0xff;
    assert_told((struct bytes){header, PROXY_MOST}, "203.0.113.7", 54321);
    header[15]++;
    assert_fault(proxy_read((struct bytes){header, PROXY_LEAST}, &whole, &told, &address),
                 PROXY_MALFORMED);
}

static void refuses_all_else(void **state)
{
    static const struct bytes wrong[] = {
        TEXT("\x16\x03\x01"),                /* TLS without a header */
        TEXT("PROXY TCP4 203.0.113.7"),      /* version 1 */
        TEXT("GET / HTTP/1.1"),              /* nor HTTP */
        TEXT(SIGNATURE "\x11"),              /* another version */
        TEXT(SIGNATURE "\x22"),              /* no such command */
        TEXT(SIGNATURE "\x21\0"),            /* for whom it does not know */
        TEXT(SIGNATURE "\x21\x10"),          /* IPv4 over what? */
        TEXT(SIGNATURE "\x21\x12"),          /* UDP */
        TEXT(SIGNATURE "\x21\x22"),          /* UDP over IPv6 */
        TEXT(SIGNATURE "\x21\x31"),          /* a unix socket */
        TEXT(SIGNATURE "\x20\0\xff\xff"),    /* LOCAL, and too long */
        TEXT(SIGNATURE "\x21\x11\0\x0b" V4), /* too short for its addresses */
        TEXT(SIGNATURE "\x21\x21\0\x0c" V4), /* the same of IPv6 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct fault *fault = OK;
        struct address address;
        size_t whole, n = 0;
        bool told = false;

        while (fault == OK && n <= wrong[i].n && !told)
            fault = proxy_read((struct bytes){wrong[i].at, n++}, &whole, &told, &address);
        assert_fault(fault, PROXY_MALFORMED);
    }
}

/* The byte that cannot be is the last that is taken. */
static void refuses_at_once(void **state)
{
    static const uint8_t right[] = SIGNATURE "\x21\x11\0\x0c";

    (void)state;
    for (size_t i = 0; i < 14; i++) {
        uint8_t header[PROXY_LEAST];
        struct address address;
        size_t whole;
        bool told;

        memcpy(header, right, sizeof header);
        header[i] ^= 0x40;
        assert_ok(proxy_read((struct bytes){header, i}, &whole, &told, &address));
        assert_fault(proxy_read((struct bytes){header, i + 1}, &whole, &told, &address),
                     PROXY_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_for_whom),
        cmocka_unit_test(skips_what_it_says_besides),
        cmocka_unit_test(refuses_all_else),
        cmocka_unit_test(refuses_at_once),
    };

    return cmocka_run_group_tests_name("net/proxy", tests, NULL, NULL);
}
