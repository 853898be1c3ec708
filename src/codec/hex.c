/* hex: outward without branch or table, since signatures and digests of hidden things pass here. */
#include "codec/hex.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first of four bytes is the lowest");

/* 10 and more lie `a` - `0` - 10 = 39 further on; (9 - bits) is negative for these. */
static uint8_t digit(unsigned bits)
{
    return (uint8_t)(bits + '0' + ((9 - bits) >> 8 & 39));
}

/* Four bytes become eight digits, each in a byte of its own, by the same rule. */
static void four(const uint8_t *in, uint8_t *to)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint32_t packed;
    uint64_t bits;

    memcpy(&packed, in, sizeof(packed));
    bits = (packed | (uint64_t)packed << 16) & UINT64_C(0x0000FFFF0000FFFF);
    bits = (bits | bits << 8) & UINT64_C(0x00FF00FF00FF00FF);
    bits = (bits >> 4 & 15 * (each & UINT64_C(0x00FF00FF00FF00FF))) | (bits << 8 & 15 * each);
    bits += '0' * each + ((bits + 6 * each) >> 4 & each) * 39;
    memcpy(to, &bits, sizeof(bits));
}

void hex_encode(struct bytes in, uint8_t *to)
{
    for (; in.n >= 4; in = (struct bytes){in.at + 4, in.n - 4}, to += 8)
        four(in.at, to);
    for (; in.n > 0; in = (struct bytes){in.at + 1, in.n - 1}, to += 2) {
        to[0] = digit(in.at[0] >> 4);
        to[1] = digit(in.at[0] & 15);
    }
}

static int nibble(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct bytes text, uint8_t *to)
{
    if (text.n % 2 != 0)
        return false;
    for (size_t i = 0; i < text.n; i += 2) {
        int high = nibble(text.at[i]), low = nibble(text.at[i + 1]);

        if (high < 0 || low < 0)
            return false;
        to[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}
