/* cbor: heads (a kind and a number, in the shortest form), and what follows them. */
#include "codec/cbor.h"

#include "codec/text.h"

#include <endian.h>
#include <string.h>

FAULT(CBOR_MALFORMED, FAULT_INTERNAL, "cbor.malformed", "The record is not what it should be.");

enum { FALSE = 20, TRUE = 21, NIL = 22 }; /* of CBOR_MAJOR_SIMPLE */
enum { LONGEST_HEAD = 9 };

/* --- writing --- */

static size_t head(uint8_t major, uint64_t n, uint8_t to[LONGEST_HEAD])
{
    size_t more = n < 24 ? 0 : n <= UINT8_MAX ? 1 : n <= UINT16_MAX ? 2 : n <= UINT32_MAX ? 4 : 8;
    static const uint8_t codes[] = {0, 24, 25, 0, 26, 0, 0, 0, 27};

    to[0] = (uint8_t)(major << 5 | (more == 0 ? (uint8_t)n : codes[more]));
    for (size_t i = 0; i < more; i++)
        to[1 + i] = (uint8_t)(n >> (8 * (more - 1 - i)));
    return 1 + more;
}

static void put_head(struct buf *buf, uint8_t major, uint64_t n)
{
    uint8_t *to = buf_want(buf, LONGEST_HEAD);

    if (to != NULL)
        buf_took(buf, head(major, n, to));
}

void cbor_put_uint(struct buf *buf, uint64_t value)
{
    put_head(buf, CBOR_MAJOR_UNSIGNED, value);
}

void cbor_put_int(struct buf *buf, int64_t value)
{
    put_head(buf, value < 0 ? CBOR_MAJOR_NEGATIVE : CBOR_MAJOR_UNSIGNED,
             value < 0 ? ~(uint64_t)value : (uint64_t)value);
}

void cbor_put_bytes(struct buf *buf, struct bytes bytes)
{
    put_head(buf, CBOR_MAJOR_BYTES, bytes.n);
    buf_add(buf, bytes);
}

void cbor_put_text(struct buf *buf, struct bytes text)
{
    put_head(buf, CBOR_MAJOR_TEXT, text.n);
    buf_add(buf, text);
}

void cbor_put_bool(struct buf *buf, bool yes)
{
    put_head(buf, CBOR_MAJOR_SIMPLE, yes ? TRUE : FALSE);
}

void cbor_put_null(struct buf *buf)
{
    put_head(buf, CBOR_MAJOR_SIMPLE, NIL);
}

void cbor_put_array(struct buf *buf, size_t n)
{
    put_head(buf, CBOR_MAJOR_ARRAY, n);
}

/* --- a map of which nobody knows how long it will be --- */

struct cbor_map cbor_map_open(struct buf *buf)
{
    struct cbor_map map = {.buf = buf, .head = buf->n};

    buf_add_byte(buf, CBOR_MAJOR_MAP << 5); /* grows in cbor_map_close if it has to */
    return map;
}

static fallible take_number(struct bytes *rest, uint8_t major, uint64_t *n);

struct cbor_map cbor_map_over(struct buf *buf, struct bytes old, uint64_t known)
{
    struct cbor_map map = cbor_map_open(buf);
    uint64_t count;

    map.known = known;
    if (old.n == 0)
        return map;
    if (cbor_check(old) != OK || take_number(&old, CBOR_MAJOR_MAP, &count) != OK)
        buf->spent = true;
    else
        map.old = old;
    return map;
}

/* The old map's unknown members whose key is below `bound`. It was checked: nothing here fails. */
static void keep(struct cbor_map *map, uint64_t bound)
{
    while (map->old.n > 0) {
        struct bytes rest = map->old, value;
        uint64_t key = 0;

        if (cbor_take_uint(&rest, &key) != OK || key >= bound || cbor_take_any(&rest, &value) != OK)
            return;
        if (key >= 64 || (map->known >> key & 1) == 0) {
            buf_add(map->buf, (struct bytes){map->old.at, map->old.n - rest.n});
            map->count++;
        }
        map->old = rest;
    }
}

struct buf *cbor_map_key(struct cbor_map *map, uint64_t key)
{
    if (key < map->next || key == UINT64_MAX)
        map->buf->spent = true;
    keep(map, key);
    cbor_put_uint(map->buf, key);
    map->count++;
    map->next = key + 1;
    return map->buf;
}

void cbor_map_close(struct cbor_map *map)
{
    uint8_t first[LONGEST_HEAD];
    size_t longer, body;

    keep(map, UINT64_MAX);
    longer = head(CBOR_MAJOR_MAP, map->count, first) - 1;
    if (longer > 0 && buf_want(map->buf, longer) == NULL)
        return;
    if (map->buf->spent)
        return;
    body = map->buf->n - map->head - 1;
    memmove(map->buf->at + map->head + 1 + longer, map->buf->at + map->head + 1, body);
    memcpy(map->buf->at + map->head, first, longer + 1);
    buf_took(map->buf, longer);
}

/* --- reading --- */

/* The 2^power bytes behind the first. */
static uint64_t long_number(const uint8_t *at, unsigned power)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;

    switch (power) {
    case 0:
        return at[1];
    case 1:
        memcpy(&two, at + 1, sizeof(two));
        return be16toh(two);
    case 2:
        memcpy(&four, at + 1, sizeof(four));
        return be32toh(four);
    default:
        memcpy(&eight, at + 1, sizeof(eight));
        return be64toh(eight);
    }
}

struct cbor_head cbor_long_head(struct bytes rest)
{
    static const uint64_t least[] = {24, UINT8_MAX + 1, UINT16_MAX + 1, UINT64_C(1) << 32};
    const unsigned power = rest.n == 0 ? 0 : (rest.at[0] & 31u) - 24;
    uint64_t n;

    if (power > 3 || rest.n < 1 + ((size_t)1 << power))
        return (struct cbor_head){0};
    n = long_number(rest.at, power);
    if (n < least[power])
        return (struct cbor_head){0}; /* there is a shorter form */
    return (struct cbor_head){n, rest.at[0] >> 5, (uint8_t)(1 + (1u << power))};
}

static fallible take_head(struct bytes *rest, uint8_t *major, uint64_t *n)
{
    const struct cbor_head head = cbor_head(*rest);

    *major = head.major;
    *n = head.n;
    ENSURE(head.size != 0, CBOR_MALFORMED);
    *rest = (struct bytes){rest->at + head.size, rest->n - head.size};
    return OK;
}

static fallible take_number(struct bytes *rest, uint8_t major, uint64_t *n)
{
    struct bytes from = *rest;
    uint8_t found;

    TRY(take_head(&from, &found, n));
    ENSURE(found == major, CBOR_MALFORMED);
    *rest = from;
    return OK;
}

enum cbor_kind cbor_kind(struct bytes rest)
{
    static const enum cbor_kind kinds[] = {CBOR_UINT,  CBOR_NEGATIVE, CBOR_BYTES,  CBOR_TEXT,
                                           CBOR_ARRAY, CBOR_MAP,      CBOR_NOTHING};

    if (rest.n == 0)
        return CBOR_NOTHING;
    if (rest.at[0] >> 5 != CBOR_MAJOR_SIMPLE)
        return kinds[rest.at[0] >> 5];
    if ((rest.at[0] & 31) == NIL)
        return CBOR_NULL;
    return (rest.at[0] & 31) == TRUE || (rest.at[0] & 31) == FALSE ? CBOR_BOOL : CBOR_NOTHING;
}

fallible cbor_take_uint(struct bytes *rest, uint64_t *value)
{
    return take_number(rest, CBOR_MAJOR_UNSIGNED, value);
}

fallible cbor_take_int(struct bytes *rest, int64_t *value)
{
    struct bytes from = *rest;
    uint8_t major;
    uint64_t n;

    TRY(take_head(&from, &major, &n));
    ENSURE(major <= CBOR_MAJOR_NEGATIVE && n <= INT64_MAX, CBOR_MALFORMED);
    *value = major == CBOR_MAJOR_NEGATIVE ? -1 - (int64_t)n : (int64_t)n;
    *rest = from;
    return OK;
}

static fallible take_string(struct bytes *rest, uint8_t major, struct bytes *out)
{
    struct bytes from = *rest;
    uint64_t n;

    TRY(take_number(&from, major, &n));
    ENSURE(n <= from.n, CBOR_MALFORMED);
    *out = (struct bytes){from.at, (size_t)n};
    *rest = (struct bytes){from.at + n, from.n - (size_t)n};
    return OK;
}

fallible cbor_take_text(struct bytes *rest, struct bytes *out)
{
    struct bytes from = *rest;

    TRY(take_string(&from, CBOR_MAJOR_TEXT, out));
    ENSURE(text_utf8(*out), CBOR_MALFORMED);
    *rest = from;
    return OK;
}

fallible cbor_take_bytes(struct bytes *rest, struct bytes *bytes)
{
    return take_string(rest, CBOR_MAJOR_BYTES, bytes);
}

fallible cbor_take_text_known(struct bytes *rest, struct bytes *text)
{
    return take_string(rest, CBOR_MAJOR_TEXT, text);
}

fallible cbor_take_bool(struct bytes *rest, bool *yes)
{
    ENSURE(cbor_kind(*rest) == CBOR_BOOL, CBOR_MALFORMED);
    *yes = (rest->at[0] & 31) == TRUE;
    *rest = bytes_after(*rest, 1);
    return OK;
}

fallible cbor_take_null(struct bytes *rest)
{
    ENSURE(cbor_kind(*rest) == CBOR_NULL, CBOR_MALFORMED);
    *rest = bytes_after(*rest, 1);
    return OK;
}

/* n things of at least `least` bytes each follow. */
static fallible take_count(struct bytes *rest, uint8_t major, size_t least, size_t *n)
{
    struct bytes from = *rest;
    uint64_t count;

    TRY(take_number(&from, major, &count));
    ENSURE(count <= from.n / least, CBOR_MALFORMED);
    *n = (size_t)count;
    *rest = from;
    return OK;
}

fallible cbor_take_array(struct bytes *rest, size_t *n)
{
    return take_count(rest, CBOR_MAJOR_ARRAY, 1, n);
}

fallible cbor_take_map(struct bytes *rest, size_t *n)
{
    return take_count(rest, CBOR_MAJOR_MAP, 2, n);
}

static fallible pass(struct bytes *rest, unsigned depth);

static fallible pass_array(struct bytes *rest, unsigned depth)
{
    size_t n;

    TRY(cbor_take_array(rest, &n));
    while (n-- > 0)
        TRY(pass(rest, depth + 1));
    return OK;
}

static fallible pass_map(struct bytes *rest, unsigned depth)
{
    uint64_t key, next = 0;
    size_t n;

    TRY(cbor_take_map(rest, &n));
    while (n-- > 0) {
        TRY(cbor_take_uint(rest, &key));
        ENSURE(key >= next && key < UINT64_MAX, CBOR_MALFORMED);
        next = key + 1;
        TRY(pass(rest, depth + 1));
    }
    return OK;
}

static fallible pass(struct bytes *rest, unsigned depth)
{
    struct bytes string;
    uint64_t n;
    enum cbor_kind kind = cbor_kind(*rest);

    switch (kind) {
    case CBOR_UINT:
    case CBOR_NEGATIVE:
        return take_number(rest, kind == CBOR_UINT ? CBOR_MAJOR_UNSIGNED : CBOR_MAJOR_NEGATIVE, &n);
    case CBOR_BYTES:
        return take_string(rest, CBOR_MAJOR_BYTES, &string);
    case CBOR_TEXT:
        return cbor_take_text(rest, &string);
    case CBOR_ARRAY:
    case CBOR_MAP:
        ENSURE(depth < CBOR_DEEPEST, CBOR_MALFORMED);
        return kind == CBOR_ARRAY ? pass_array(rest, depth) : pass_map(rest, depth);
    case CBOR_BOOL:
    case CBOR_NULL:
        *rest = bytes_after(*rest, 1);
        return OK;
    default:
        return CBOR_MALFORMED;
    }
}

fallible cbor_take_any(struct bytes *rest, struct bytes *whole)
{
    struct bytes from = *rest;

    TRY(pass(&from, 0));
    *whole = (struct bytes){rest->at, rest->n - from.n};
    *rest = from;
    return OK;
}

fallible cbor_check(struct bytes whole)
{
    struct bytes value;

    TRY(cbor_take_any(&whole, &value));
    ENSURE(whole.n == 0, CBOR_MALFORMED);
    return OK;
}

fallible cbor_walk_open(struct bytes *rest, struct cbor_walk *walk)
{
    struct bytes from = *rest, whole;

    ENSURE(cbor_kind(from) == CBOR_MAP, CBOR_MALFORMED);
    TRY(cbor_take_any(&from, &whole));
    *walk = (struct cbor_walk){.rest = whole};
    TRY(cbor_take_map(&walk->rest, &walk->left));
    *rest = from;
    return OK;
}

bool cbor_walk_next(struct cbor_walk *walk)
{
    if (walk->left == 0)
        return false;
    walk->left--;
    return cbor_take_uint(&walk->rest, &walk->key) == OK &&
           cbor_take_any(&walk->rest, &walk->value) == OK;
}
