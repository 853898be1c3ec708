/* hex: outward without branch or table, since signatures and digests of hidden things pass here. */
#include "codec/hex.h"

#include "base/lanes.h"

#include <string.h>

/* 10 and more lie `a` - `0` - 10 = 39 further on; (9 - bits) is negative for these. */
static uint8_t digit(unsigned bits)
{
    return (uint8_t)(bits + '0' + ((9 - bits) >> 8 & 39));
}

/* Sixteen bytes become 32 digits, each in a lane of its own, by the same rule. */
static void sixteen(const uint8_t *in, uint8_t *to)
{
    const lanes packed = lanes_at(in);
    lanes high = packed >> 4, low = packed & 15, digits;

    high += '0' + ((high > 9) & 39);
    low += '0' + ((low > 9) & 39);
    /* clang-format off */
    digits = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    memcpy(to, &digits, LANES);
    digits = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    memcpy(to + LANES, &digits, LANES);
    /* clang-format on */
}

void hex_encode(struct bytes in, uint8_t *to)
{
    for (; in.n >= LANES; in = (struct bytes){in.at + LANES, in.n - LANES}, to += 32)
        sixteen(in.at, to);
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
