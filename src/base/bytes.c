/* bytes: comparing, and readers that take from the front. */
#include "base/bytes.h"

#include <string.h>

bool bytes_same(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

/* The next eight, or as many as are left. */
static uint64_t next_word(struct bytes *rest)
{
    uint64_t word = 0;

    if (rest->n >= sizeof word) {
        memcpy(&word, rest->at, sizeof word);
        *rest = bytes_after(*rest, sizeof word);
        return word;
    }
    for (; rest->n > 0; *rest = bytes_after(*rest, 1))
        word = word << 8 | rest->at[0];
    return word;
}

bool bytes_same_hidden(struct bytes a, struct bytes b)
{
    volatile uint64_t difference = 0;

    if (a.n != b.n)
        return false;
    while (a.n > 0)
        difference |= next_word(&a) ^ next_word(&b);
    return difference == 0;
}

int bytes_order(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.at, b.at, n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

bool bytes_begins(struct bytes whole, struct bytes head)
{
    return whole.n >= head.n && (head.n == 0 || memcmp(whole.at, head.at, head.n) == 0);
}

bool bytes_ends(struct bytes whole, struct bytes tail)
{
    return whole.n >= tail.n &&
           (tail.n == 0 || memcmp(whole.at + whole.n - tail.n, tail.at, tail.n) == 0);
}

struct bytes bytes_after(struct bytes whole, size_t n)
{
    n = n < whole.n ? n : whole.n;
    return (struct bytes){whole.at == NULL ? NULL : whole.at + n, whole.n - n};
}

bool bytes_take(struct bytes *rest, size_t n, struct bytes *head)
{
    if (rest->n < n)
        return false;
    *head = (struct bytes){rest->at, n};
    *rest = bytes_after(*rest, n);
    return true;
}

bool bytes_take_u32(struct bytes *rest, uint32_t *value)
{
    struct bytes head;

    if (!bytes_take(rest, 4, &head))
        return false;
    *value = (uint32_t)head.at[0] << 24 | (uint32_t)head.at[1] << 16 | (uint32_t)head.at[2] << 8 |
             head.at[3];
    return true;
}

bool bytes_cut(struct bytes *rest, uint8_t separator, struct bytes *head)
{
    const uint8_t *at = rest->n == 0 ? NULL : memchr(rest->at, separator, rest->n);
    size_t n;

    if (at == NULL)
        return false;
    n = (size_t)(at - rest->at);
    *head = (struct bytes){rest->at, n};
    *rest = bytes_after(*rest, n + 1);
    return true;
}

struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static uint64_t stirred(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Eight bytes a step; the last ones shifted in, with how many they are. */
uint64_t bytes_hash(struct bytes text, uint64_t seed)
{
    uint64_t hash = stirred(text.n, seed), word;
    size_t i = 0;

    for (; text.n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, text.at + i, sizeof word);
        hash = stirred(hash, word);
    }
    for (word = 0; i < text.n; i++)
        word = word << 8 | text.at[i];
    return stirred(stirred(hash, word), hash);
}
