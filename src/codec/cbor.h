/* cbor: deterministic CBOR (RFC 8949, 4.2), the spelling of records. Of CBOR it has: integers,
 * bytes, texts, arrays, maps with unsigned integer keys in ascending order, booleans and null.
 * Whatever else (floats, tags, indefinite lengths, a longer form than needed, keys out of order or
 * twice, invalid UTF-8) is CBOR_MALFORMED, so that one value has exactly one spelling. */
#pragma once

#include "base/buf.h"

enum { CBOR_DEEPEST = 16 }; /* arrays and maps in one another */

extern const struct fault CBOR_MALFORMED[1]; /* not of that kind, or none of the above */

/* --- writing: cannot fail; buf_done tells --- */

void cbor_put_uint(struct buf *, uint64_t);
void cbor_put_int(struct buf *, int64_t);
void cbor_put_bytes(struct buf *, struct bytes);
void cbor_put_text(struct buf *, struct bytes); /* UTF-8: the caller has seen to it */
void cbor_put_bool(struct buf *, bool);
void cbor_put_null(struct buf *);
void cbor_put_array(struct buf *, size_t n); /* n values follow */

/* A map whose members are written one by one, by ascending key, without counting them before:
 *
 *     struct cbor_map map = cbor_map_over(&buf, old, RECORD_KNOWN);
 *     cbor_put_text(cbor_map_key(&map, 1), name);
 *     cbor_map_close(&map);
 *
 * Opened over an old map, it keeps that one's unknown members, verbatim and in their places: those
 * whose key is 64 or more or whose bit is not in `known`. Maps may stand in maps. A key that does
 * not ascend is a mistake of ours: the buf counts as spent. */
struct cbor_map {
    struct buf *buf;
    struct bytes old; /* the unknown members that are still to come */
    uint64_t known;
    size_t head; /* where in buf the map begins */
    size_t count;
    uint64_t next; /* the least key that may come */
};

struct cbor_map cbor_map_open(struct buf *);
/* `old` is a whole map (checked here: else the buf counts as spent), or empty: a new record. */
struct cbor_map cbor_map_over(struct buf *, struct bytes old, uint64_t known);
struct buf *cbor_map_key(struct cbor_map *, uint64_t key); /* the value goes there next */
void cbor_map_close(struct cbor_map *);

/* --- reading: each takes one value from the front of *rest; on a fault nothing has moved --- */

enum cbor_kind {
    CBOR_NOTHING, /* empty, or nothing that this dialect has */
    CBOR_UINT,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_BOOL,
    CBOR_NULL,
};
enum cbor_kind cbor_kind(struct bytes rest); /* of the first value, by its first byte */

/* What each value begins with: its major type (RFC 8949, 3), a number, and how many bytes they
 * take; size 0: nothing of this dialect. For walkers (core/fields.c), who know what they look for;
 * in the header since a record has some sixty of them, nearly all of one byte. */
enum cbor_major {
    CBOR_MAJOR_UNSIGNED,
    CBOR_MAJOR_NEGATIVE, /* of -1 - n */
    CBOR_MAJOR_BYTES,    /* n of them follow */
    CBOR_MAJOR_TEXT,
    CBOR_MAJOR_ARRAY, /* n values follow */
    CBOR_MAJOR_MAP,   /* n keys and values */
    CBOR_MAJOR_TAG,
    CBOR_MAJOR_SIMPLE,
};
struct cbor_head {
    uint64_t n;
    uint8_t major, size;
};
struct cbor_head cbor_long_head(struct bytes rest); /* for cbor_head alone */
static inline struct cbor_head cbor_head(struct bytes rest)
{
    if (rest.n == 0 || (rest.at[0] & 31) >= 24)
        return cbor_long_head(rest);
    return (struct cbor_head){rest.at[0] & 31u, rest.at[0] >> 5, 1};
}

fallible cbor_take_uint(struct bytes *rest, uint64_t *);
fallible cbor_take_int(struct bytes *rest, int64_t *);
fallible cbor_take_bytes(struct bytes *rest, struct bytes *); /* a slice of the input */
fallible cbor_take_text(struct bytes *rest, struct bytes *);  /* a slice; UTF-8 */
/* The same, of what was looked at when it was written and is authenticated since. */
fallible cbor_take_text_known(struct bytes *rest, struct bytes *);
fallible cbor_take_bool(struct bytes *rest, bool *);
fallible cbor_take_null(struct bytes *rest);
fallible cbor_take_array(struct bytes *rest,
                         size_t *n); /* n values follow; n <= bytes that follow */

/* One value of any kind, looked through to its end. */
fallible cbor_take_map(struct bytes *rest, size_t *n); /* n keys, each with its value, follow */
fallible cbor_take_any(struct bytes *rest, struct bytes *whole);
fallible cbor_check(struct bytes whole); /* exactly one value, nothing behind it */

/* Walks a map: cbor_walk_open takes the whole map from *rest; cbor_walk_next gives key and value
 * (its bytes, to be read with the calls above) until it answers false. */
struct cbor_walk {
    struct bytes rest;
    size_t left;
    uint64_t key;
    struct bytes value;
};
fallible cbor_walk_open(struct bytes *rest, struct cbor_walk *);
bool cbor_walk_next(struct cbor_walk *);
