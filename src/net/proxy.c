/* proxy: twelve bytes that begin nothing else, version and command, family, length, addresses. */
#include "net/proxy.h"

#include <string.h>

FAULT(PROXY_MALFORMED, FAULT_CALLER, "proxy.malformed",
      "The connection does not begin with a PROXY header of version 2 that is taken here.");

enum {
    VERSION_AND_COMMAND = 12,
    FAMILY,
    LENGTH,
    LOCAL = 0x20,
    PROXY = 0x21,
    TCP_4 = 0x11,
    TCP_6 = 0x21,
    ADDRESSES_4 = 12, /* two addresses and two ports */
    ADDRESSES_6 = 36
};

static const uint8_t signature[] = {'\r', '\n', '\r', '\n', 0,   '\r',
                                    '\n', 'Q',  'U',  'I',  'T', '\n'};

_Static_assert(sizeof signature == VERSION_AND_COMMAND && LENGTH + 2 == PROXY_LEAST, "the layout");

static size_t number_at(struct bytes came, size_t at)
{
    return (size_t)came.at[at] << 8 | came.at[at + 1];
}

/* What is known of each byte before all are there. */
static bool may_be_one(struct bytes came)
{
    const size_t n = came.n < sizeof signature ? came.n : sizeof signature;
    const uint8_t *at = came.at;

    if (n > 0 && memcmp(at, signature, n) != 0)
        return false;
    if (came.n > VERSION_AND_COMMAND && at[VERSION_AND_COMMAND] != LOCAL &&
        at[VERSION_AND_COMMAND] != PROXY)
        return false;
    return came.n <= FAMILY || at[VERSION_AND_COMMAND] == LOCAL || at[FAMILY] == TCP_4 ||
           at[FAMILY] == TCP_6;
}

static fallible take(struct bytes header, struct address *client)
{
    const struct bytes rest = bytes_after(header, PROXY_LEAST);
    const bool four = header.at[FAMILY] == TCP_4;

    ENSURE(rest.n >= (four ? ADDRESSES_4 : ADDRESSES_6), PROXY_MALFORMED);
    *client = four ? address_of_v4(rest.at) : (struct address){0};
    if (!four)
        memcpy(client->ip, rest.at, sizeof client->ip);
    client->port = (uint16_t)number_at(rest, four ? 8 : 32); /* behind both addresses */
    return OK;
}

fallible proxy_read(struct bytes came, size_t *whole, bool *told, struct address *client)
{
    *whole = PROXY_LEAST;
    *told = false;
    ENSURE(may_be_one(came), PROXY_MALFORMED);
    if (came.n < PROXY_LEAST)
        return OK;
    *whole = PROXY_LEAST + number_at(came, LENGTH);
    ENSURE(*whole <= PROXY_MOST, PROXY_MALFORMED);
    if (came.n < *whole || came.at[VERSION_AND_COMMAND] == LOCAL)
        return OK;
    *told = true;
    return take((struct bytes){came.at, *whole}, client);
}
