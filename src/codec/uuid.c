/* uuid: bits to text. */
#include "codec/uuid.h"

#include "codec/hex.h"

#include <string.h>

static const uint8_t ends[] = {4, 6, 8, 10, 16}; /* of the five groups, in bytes */

static void write_text(uint8_t id[16], uint8_t version, uint8_t to[UUID_TEXT])
{
    uint8_t digits[32];
    size_t from = 0;

    id[6] = (uint8_t)((id[6] & 0x0F) | version << 4);
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
    hex_encode((struct bytes){id, 16}, digits);
    for (size_t i = 0; i < sizeof(ends); i++) {
        memcpy(to, digits + 2 * from, 2 * (size_t)(ends[i] - from));
        to += 2 * (ends[i] - from);
        if (i + 1 < sizeof(ends))
            *to++ = '-';
        from = ends[i];
    }
}

void uuid_v4(const uint8_t random[16], uint8_t to[UUID_TEXT])
{
    uint8_t id[16];

    memcpy(id, random, sizeof(id));
    write_text(id, 4, to);
}

void uuid_v7(int64_t ms, const uint8_t random[10], uint8_t to[UUID_TEXT])
{
    uint8_t id[16];

    for (unsigned i = 0; i < 6; i++)
        id[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
    memcpy(id + 6, random, 10);
    write_text(id, 7, to);
}

bool uuid_is(struct bytes text)
{
    uint8_t id[16];
    size_t from = 0;

    for (size_t i = 0; i < sizeof(ends); i++) {
        struct bytes group;

        if (!bytes_take(&text, 2 * (ends[i] - from), &group) || !hex_decode(group, id + from))
            return false;
        if (i + 1 < sizeof(ends) && (!bytes_take(&text, 1, &group) || group.at[0] != '-'))
            return false;
        from = ends[i];
    }
    return text.n == 0;
}
