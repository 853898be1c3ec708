/* address: text to sixteen bytes and back. */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>

FAULT(ADDRESS_MALFORMED, FAULT_CALLER, "address.malformed",
      "An address is written ADDR:PORT, as 127.0.0.1:8443 or [::1]:8443.");
FAULT(ADDRESS_RANGE, FAULT_CALLER, "address.range",
      "A range of addresses is written ADDR or ADDR/BITS, as 10.0.0.0/8 or 2001:db8::/32.");

enum { MAPPED_BITS = 96, ALL_BITS = 128 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_v4(const struct address *address)
{
    return memcmp(address->ip, mapped, sizeof mapped) == 0;
}

static bool read_number(struct bytes text, uint32_t most, uint32_t *value)
{
    *value = 0;
    if (text.n == 0 || text.n > 5)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *value = *value * 10 + (uint32_t)(text.at[i] - '0');
    }
    return *value <= most;
}

static bool read_port(struct bytes text, uint16_t *port)
{
    uint32_t value;
    const bool read = read_number(text, UINT16_MAX, &value);

    *port = (uint16_t)value;
    return read;
}

/* "[::1]" without its brackets. */
static bool unbracket(struct bytes *host)
{
    if (host->n < 2 || host->at[0] != '[' || host->at[host->n - 1] != ']')
        return false;
    *host = (struct bytes){host->at + 1, host->n - 2};
    return true;
}

static size_t last_colon(struct bytes text)
{
    for (size_t i = text.n; i != 0; i--)
        if (text.at[i - 1] == ':')
            return i - 1;
    return text.n;
}

fallible address_read(struct bytes text, struct address *out)
{
    char name[ADDRESS_TEXT] = {0};
    size_t colon = last_colon(text);
    struct bytes host = {text.at, colon};
    bool six = unbracket(&host);

    *out = (struct address){0};
    ENSURE(colon < text.n && host.n < sizeof name, ADDRESS_MALFORMED);
    ENSURE(read_port(bytes_after(text, colon + 1), &out->port), ADDRESS_MALFORMED);
    if (host.n != 0)
        memcpy(name, host.at, host.n);
    if (six) {
        ENSURE(inet_pton(AF_INET6, name, out->ip) == 1, ADDRESS_MALFORMED);
        return OK;
    }
    memcpy(out->ip, mapped, sizeof mapped);
    ENSURE(inet_pton(AF_INET, name, out->ip + sizeof mapped) == 1, ADDRESS_MALFORMED);
    return OK;
}

/* For each request: inet_ntop goes through printf. */
static struct bytes write_v4(const uint8_t ip[4], char *text)
{
    size_t n = 0;

    for (int i = 0; i < 4; i++) {
        if (i > 0)
            text[n++] = '.';
        if (ip[i] >= 100)
            text[n++] = (char)('0' + ip[i] / 100);
        if (ip[i] >= 10)
            text[n++] = (char)('0' + ip[i] / 10 % 10);
        text[n++] = (char)('0' + ip[i] % 10);
    }
    text[n] = '\0';
    return (struct bytes){(const uint8_t *)text, n};
}

struct bytes address_write(const struct address *address, char text[static ADDRESS_TEXT])
{
    if (address->local)
        return LIT("local");
    if (is_v4(address))
        return write_v4(address->ip + sizeof mapped, text);
    inet_ntop(AF_INET6, address->ip, text, ADDRESS_TEXT);
    return bytes_of(text);
}

bool address_loopback(const struct address *address)
{
    static const uint8_t one[16] = {[15] = 1};

    if (address->local)
        return true;
    if (is_v4(address))
        return address->ip[sizeof mapped] == 127;
    return memcmp(address->ip, one, sizeof one) == 0;
}

struct address address_of_v4(const uint8_t ip[4])
{
    struct address address = {0};

    memcpy(address.ip, mapped, sizeof mapped);
    memcpy(address.ip + sizeof mapped, ip, 4);
    return address;
}

/* --- ranges --- */

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    const unsigned whole = bits / 8, part = bits % 8;

    return memcmp(a, b, whole) == 0 &&
           (part == 0 || (uint8_t)(a[whole] ^ b[whole]) >> (8 - part) == 0);
}

/* Its own bits alone. */
static bool is_clean(const struct address_range *range)
{
    for (unsigned bit = range->bits; bit < ALL_BITS; bit++)
        if ((range->ip[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

fallible address_read_range(struct bytes text, struct address_range *out)
{
    const bool six = text.n > 0 && memchr(text.at, ':', text.n) != NULL;
    const unsigned before = six ? 0 : MAPPED_BITS;
    char name[ADDRESS_TEXT] = {0};
    struct bytes host, rest = text;
    uint32_t bits = ALL_BITS - before;

    *out = (struct address_range){0};
    if (!bytes_cut(&rest, '/', &host))
        host = text;
    else
        ENSURE(read_number(rest, bits, &bits), ADDRESS_RANGE);
    ENSURE(host.n > 0 && host.n < sizeof name, ADDRESS_RANGE);
    memcpy(name, host.at, host.n);
    memcpy(out->ip, mapped, sizeof mapped);
    ENSURE(inet_pton(six ? AF_INET6 : AF_INET, name, six ? out->ip : out->ip + sizeof mapped) == 1,
           ADDRESS_RANGE);
    out->bits = before + bits;
    return is_clean(out) ? OK : ADDRESS_RANGE;
}

bool address_among(const struct address *address, const struct address_ranges *ranges)
{
    for (size_t i = 0; i < ranges->n; i++)
        if (!address->local && same_bits(address->ip, ranges->at[i].ip, ranges->at[i].bits))
            return true;
    return false;
}

struct bytes address_net(const struct address *address)
{
    return (struct bytes){address->ip, is_v4(address) ? 16 : 8};
}
