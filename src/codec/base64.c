/* base64: three bytes, four characters. */
#include "codec/base64.h"

FAULT(BASE64_MALFORMED, FAULT_CALLER, "base64.malformed", "The text is not base64.");

static const uint8_t alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint8_t base64_character(uint8_t bits)
{
    const unsigned six = bits & 63u;
    const unsigned past_upper = (25u - six) >> 31, past_lower = (51u - six) >> 31;
    const unsigned past_digits = (61u - six) >> 31, last = (62u - six) >> 31;

    return (uint8_t)(six + 'A' + past_upper * ('a' - 'A' - 26u) +
                     past_lower * ((unsigned)'0' - 'a' - 26u) +
                     past_digits * ((unsigned)'+' - '0' - 10u) + last * ('/' - '+' - 1u));
}

size_t base64_size(size_t n)
{
    return n / 3 * 4 + (n % 3 != 0 ? 4 : 0);
}

size_t base64_room(size_t length)
{
    return length / 4 * 3;
}

void base64_encode(struct bytes in, uint8_t *to)
{
    for (; in.n >= 3; in = bytes_after(in, 3), to += 4) {
        to[0] = alphabet[in.at[0] >> 2];
        to[1] = alphabet[(in.at[0] & 3) << 4 | in.at[1] >> 4];
        to[2] = alphabet[(in.at[1] & 15) << 2 | in.at[2] >> 6];
        to[3] = alphabet[in.at[2] & 63];
    }
    if (in.n == 0)
        return;
    to[0] = alphabet[in.at[0] >> 2];
    to[1] = alphabet[(in.at[0] & 3) << 4 | (in.n == 2 ? in.at[1] >> 4 : 0)];
    to[2] = in.n == 2 ? alphabet[(in.at[1] & 15) << 2] : '=';
    to[3] = '=';
}

/* 64: no character of the alphabet. */
static uint32_t six_bits(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26U;
    if (c >= '0' && c <= '9')
        return c - '0' + 52U;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : 64;
}

/* Four characters, of which `used` are no padding, become used - 1 bytes. */
static bool decode_four(const uint8_t *from, size_t used, uint8_t *to)
{
    uint32_t all = 0, bad = 0;

    for (size_t i = 0; i < 4; i++) {
        uint32_t bits = i < used ? six_bits(from[i]) : 0;

        bad |= bits & 64;
        all = all << 6 | (bits & 63);
    }
    if (bad != 0 || (all & (0xFFFFFFU >> (8 * (used - 1)))) != 0)
        return false;
    for (size_t i = 0; i + 1 < used; i++)
        to[i] = (uint8_t)(all >> (16 - 8 * i));
    return true;
}

static size_t padding(struct bytes text)
{
    if (text.n == 0 || text.at[text.n - 1] != '=')
        return 0;
    return text.at[text.n - 2] == '=' ? 2 : 1;
}

fallible base64_decode(struct bytes text, uint8_t *to, size_t *n)
{
    size_t pad;

    ENSURE(text.n % 4 == 0, BASE64_MALFORMED);
    pad = padding(text);
    for (size_t i = 0; i < text.n; i += 4) {
        size_t used = i + 4 == text.n ? 4 - pad : 4;

        ENSURE(decode_four(text.at + i, used, to + i / 4 * 3), BASE64_MALFORMED);
    }
    *n = base64_room(text.n) - pad;
    return OK;
}
