/* hex: by table outward, by arithmetic inward. */
#include "codec/hex.h"

void hex_encode(struct bytes in, uint8_t *to)
{
    static const uint8_t digits[] = "0123456789abcdef";

    for (size_t i = 0; i < in.n; i++) {
        to[2 * i] = digits[in.at[i] >> 4];
        to[2 * i + 1] = digits[in.at[i] & 15];
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
