/* hex: outward without branch or table, since signatures and digests of hidden things pass here. */
#include "codec/hex.h"

/* 10 and more lie `a` - `0` - 10 = 39 further on; (9 - bits) is negative for these. */
static uint8_t digit(unsigned bits)
{
    return (uint8_t)(bits + '0' + ((9 - bits) >> 8 & 39));
}

void hex_encode(struct bytes in, uint8_t *to)
{
    for (size_t i = 0; i < in.n; i++) {
        to[2 * i] = digit(in.at[i] >> 4);
        to[2 * i + 1] = digit(in.at[i] & 15);
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
