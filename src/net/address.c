/* address: text to sixteen bytes and back. */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>

FAULT(ADDRESS_MALFORMED, FAULT_CALLER, "address.malformed",
      "An address is written ADDR:PORT, as 127.0.0.1:8443 or [::1]:8443.");

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_v4(const struct address *address)
{
    return memcmp(address->ip, mapped, sizeof mapped) == 0;
}

static bool read_port(struct bytes text, uint16_t *port)
{
    uint32_t value = 0;

    if (text.n == 0 || text.n > 5)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
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

struct bytes address_net(const struct address *address)
{
    return (struct bytes){address->ip, is_v4(address) ? 16 : 8};
}
