/* text: UTF-8 by the table of RFC 3629; plain bytes sixteen at a time. */
#include "codec/text.h"

#include "base/lanes.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH       EACH(0x80)

/* The high bit of each byte that is zero. Bytes above a zero one may be marked falsely, which is
 * no harm here: the first mark is right, and only that there is one is asked. */
static uint64_t zeros(uint64_t word)
{
    return (word - EACH(0x01)) & ~word & HIGH;
}

static uint64_t load(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static uint64_t special(uint64_t word)
{
    uint64_t below = (word - EACH(0x20)) & ~word & HIGH;

    return (word & HIGH) | below | zeros(word ^ EACH('"')) | zeros(word ^ EACH('\\'));
}

/* The same of sixteen. */
static bool special_lanes(const uint8_t *at)
{
    const lanes all = lanes_at(at);

    return lanes_any((all < 0x20) | (all >= 0x80) | (all == '"') | (all == '\\'));
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t text_plain(struct bytes text)
{
    size_t i = 0;

    while (text.n - i >= LANES && !special_lanes(text.at + i))
        i += LANES;
    if (text.n - i < LANES && text.n >= LANES && !special_lanes(text.at + text.n - LANES))
        return text.n; /* the last sixteen, some of them seen before */
    while (text.n - i >= 8 && special(load(text.at + i)) == 0)
        i += 8;
    if (text.n - i < 8 && text.n >= 8 && special(load(text.at + text.n - 8)) == 0)
        return text.n; /* the last eight, some of them seen before */
    while (i < text.n && is_plain(text.at[i]))
        i++;
    return i;
}

static bool continues(uint8_t c)
{
    return (c & 0xC0) == 0x80;
}

static size_t three(const uint8_t *at)
{
    if (!continues(at[1]) || !continues(at[2]))
        return 0;
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] >= 0xA0))
        return 0;
    return 3;
}

static size_t four(const uint8_t *at)
{
    if (!continues(at[1]) || !continues(at[2]) || !continues(at[3]))
        return 0;
    if ((at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] >= 0x90) || at[0] > 0xF4)
        return 0;
    return 4;
}

size_t text_utf8_step(struct bytes text)
{
    if (text.n == 0)
        return 0;
    if (text.at[0] < 0x80)
        return 1;
    if (text.at[0] >= 0xF0)
        return text.n >= 4 ? four(text.at) : 0;
    if (text.at[0] >= 0xE0)
        return text.n >= 3 ? three(text.at) : 0;
    return text.at[0] >= 0xC2 && text.n >= 2 && continues(text.at[1]) ? 2 : 0;
}

size_t text_shown_step(struct bytes text)
{
    const size_t step = text_utf8_step(text);
    const bool control = step == 1 ? text.at[0] < 0x20 || text.at[0] == 0x7F
                                   : step == 2 && text.at[0] == 0xC2 && text.at[1] < 0xA0;

    return control ? 0 : step;
}

bool text_utf8(struct bytes text)
{
    size_t i = 0, step;

    while (i < text.n) {
        while (text.n - i >= 8 && (load(text.at + i) & HIGH) == 0)
            i += 8;
        if (i == text.n)
            break;
        step = text_utf8_step((struct bytes){text.at + i, text.n - i});
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t text_characters(struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += !continues(text.at[i]);
    return n;
}

uint8_t text_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool text_same_caseless(struct bytes a, struct bytes b)
{
    if (a.n != b.n)
        return false;
    if (bytes_same(a, b))
        return true;
    for (size_t i = 0; i < a.n; i++)
        if (a.at[i] != b.at[i] && text_lower(a.at[i]) != text_lower(b.at[i]))
            return false;
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct bytes text_trim(struct bytes text)
{
    while (text.n > 0 && is_blank(text.at[text.n - 1]))
        text.n--;
    while (text.n > 0 && is_blank(text.at[0]))
        text = bytes_after(text, 1);
    return text;
}

bool text_int(struct bytes text, int64_t *value)
{
    bool minus = text.n > 0 && text.at[0] == '-';
    int64_t sum = 0;

    text = bytes_after(text, minus ? 1 : 0);
    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int digit = text.at[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digit, &sum))
            return false;
    }
    if (!minus && sum == INT64_MIN)
        return false;
    *value = minus ? sum : -sum;
    return true;
}
