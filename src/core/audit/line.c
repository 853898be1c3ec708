/* line: one record's spelling, written and read. */
#include "core/audit/line.h"

#include "codec/hex.h"
#include "crypto/digest.h"

#include <string.h>

enum { NUMBER_DIGITS = 20, HEX_MOST = 64 };

static const struct bytes sequence_word = {(const uint8_t *)",\"sequence\":", 12};
static const struct bytes commit_word = {(const uint8_t *)",\"commit\":", 10};
static const struct bytes chain_word = {(const uint8_t *)",\"chain\":\"", 10};
static const struct bytes end_word = {(const uint8_t *)"\"}}", 3};

static uint8_t *put(uint8_t *at, struct bytes word)
{
    memcpy(at, word.at, word.n);
    return at + word.n;
}

uint8_t *line_put_u64(uint8_t *at, uint64_t n)
{
    for (int i = 7; i >= 0; i--)
        *at++ = (uint8_t)(n >> (8 * i));
    return at;
}

void line_chain(struct line *line, const uint8_t before[CHAIN_SIZE],
                const uint8_t digest[CHAIN_SIZE])
{
    uint8_t whole[2 * CHAIN_SIZE + 16], *at = whole;

    at = put(at, (struct bytes){before, CHAIN_SIZE});
    at = put(at, (struct bytes){digest, CHAIN_SIZE});
    at = line_put_u64(at, line->sequence);
    (void)line_put_u64(at, line->commit);
    digest_sha256((struct bytes){whole, sizeof whole}, line->chain);
}

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
    uint8_t digits[NUMBER_DIGITS];
    size_t n = 0;

    do {
        digits[NUMBER_DIGITS - ++n] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(at, (struct bytes){digits + NUMBER_DIGITS - n, n});
}

size_t line_write(const struct line *line, uint8_t *to)
{
    uint8_t *at = put(to, line->text);

    at = put_number(put(at, sequence_word), line->sequence);
    if (line->commit != 0)
        at = put_number(put(at, commit_word), line->commit);
    at = put(at, chain_word);
    hex_encode((struct bytes){line->chain, CHAIN_SIZE}, at);
    at = put(at + CHAIN_HEX, end_word);
    *at++ = '\n';
    return (size_t)(at - to);
}

bool line_take_word(struct bytes *rest, struct bytes word)
{
    if (!bytes_begins(*rest, word))
        return false;
    *rest = bytes_after(*rest, word.n);
    return true;
}

bool line_take_number(struct bytes *rest, uint64_t *number)
{
    uint64_t value = 0;
    size_t n = 0;

    for (; n < rest->n && rest->at[n] >= '0' && rest->at[n] <= '9'; n++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(rest->at[n] - '0'), &value))
            return false;
    if (n == 0 || (n > 1 && rest->at[0] == '0'))
        return false;
    *number = value;
    *rest = bytes_after(*rest, n);
    return true;
}

bool line_take_hex(struct bytes *rest, uint8_t *out, size_t n)
{
    uint8_t again[2 * HEX_MOST];

    if (n > HEX_MOST || rest->n < 2 * n || !hex_decode((struct bytes){rest->at, 2 * n}, out))
        return false;
    hex_encode((struct bytes){out, n}, again); /* one spelling: lower case */
    if (memcmp(again, rest->at, 2 * n) != 0)
        return false;
    *rest = bytes_after(*rest, 2 * n);
    return true;
}

/* Where the journal's own part begins. Searched from the end, since a text may hold anything. */
static bool find_added(struct bytes whole, size_t *at)
{
    const size_t most = whole.n < LINE_EXTRA ? whole.n : LINE_EXTRA;

    for (size_t n = sequence_word.n; n <= most; n++)
        if (memcmp(whole.at + whole.n - n, sequence_word.at, sequence_word.n) == 0) {
            *at = whole.n - n;
            return true;
        }
    return false;
}

bool line_read(struct bytes whole, struct line *line)
{
    struct bytes rest;
    size_t at;

    if (!find_added(whole, &at))
        return false;
    line->text = (struct bytes){whole.at, at};
    line->commit = 0;
    rest = bytes_after(whole, at + sequence_word.n);
    if (!line_take_number(&rest, &line->sequence))
        return false;
    if (line_take_word(&rest, commit_word) &&
        (!line_take_number(&rest, &line->commit) || line->commit == 0))
        return false;
    return line_take_word(&rest, chain_word) && line_take_hex(&rest, line->chain, CHAIN_SIZE) &&
           bytes_same(rest, end_word);
}

bool line_holds(const struct line *line, const uint8_t before[CHAIN_SIZE])
{
    struct line again = *line;
    uint8_t digest[CHAIN_SIZE];

    digest_sha256(line->text, digest);
    line_chain(&again, before, digest);
    return memcmp(again.chain, line->chain, CHAIN_SIZE) == 0;
}
