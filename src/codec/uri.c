/* uri: percent coding in and out. */
#include "codec/uri.h"

#include "codec/hex.h"

#include <string.h>

FAULT(URI_MALFORMED, FAULT_CALLER, "uri.malformed",
      "A percent sign is not followed by two hex digits.");
FAULT(URI_MANY, FAULT_LIMIT, "uri.many", "The query has too many parameters.");

static bool is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void encode(struct buf *buf, struct bytes in, uint8_t safe)
{
    static const uint8_t digits[] = "0123456789ABCDEF";
    uint8_t *to = buf_want(buf, 3 * in.n);
    size_t n = 0;

    if (to == NULL)
        return;
    for (size_t i = 0; i < in.n; i++) {
        if (is_unreserved(in.at[i]) || in.at[i] == safe) {
            to[n++] = in.at[i];
            continue;
        }
        to[n++] = '%';
        to[n++] = digits[in.at[i] >> 4];
        to[n++] = digits[in.at[i] & 15];
    }
    buf_took(buf, n);
}

void uri_encode(struct buf *buf, struct bytes in)
{
    encode(buf, in, '-');
}

void uri_encode_path(struct buf *buf, struct bytes in)
{
    encode(buf, in, '/');
}

static fallible decode(struct bytes text, uint8_t plus, uint8_t *to, size_t *n)
{
    size_t out = 0;

    for (size_t i = 0; i < text.n; out++) {
        if (text.at[i] != '%') {
            to[out] = text.at[i] == '+' ? plus : text.at[i];
            i++;
            continue;
        }
        ENSURE(text.n - i >= 3, URI_MALFORMED);
        ENSURE(hex_decode((struct bytes){text.at + i + 1, 2}, to + out), URI_MALFORMED);
        i += 3;
    }
    *n = out;
    return OK;
}

fallible uri_decode(struct bytes text, uint8_t *to, size_t *n)
{
    return decode(text, '+', to, n);
}

fallible uri_decode_form(struct bytes text, uint8_t *to, size_t *n)
{
    return decode(text, ' ', to, n);
}

bool uri_query_next(struct bytes *rest, struct pair *pair)
{
    struct bytes piece = {0};

    while (rest->n > 0 && piece.n == 0) {
        if (bytes_cut(rest, '&', &piece))
            continue;
        piece = *rest;
        *rest = bytes_after(*rest, rest->n);
    }
    if (piece.n == 0)
        return false;
    *pair = (struct pair){.value = piece};
    if (!bytes_cut(&pair->value, '=', &pair->name))
        *pair = (struct pair){.name = piece};
    return true;
}

fallible uri_query(struct bytes query, struct pair *to, size_t room, size_t *n)
{
    struct pair pair;

    *n = 0;
    while (uri_query_next(&query, &pair)) {
        ENSURE(*n < room, URI_MANY);
        to[(*n)++] = pair;
    }
    return OK;
}
