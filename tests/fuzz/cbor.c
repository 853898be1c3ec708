/* What the reader takes has one spelling: taken apart and written again, it is the same bytes. */
#include "fuzz/must.h"

#include "codec/cbor.h"

static fallible copy(struct bytes *rest, struct buf *to);

static fallible copy_map(struct bytes *rest, struct buf *to)
{
    struct cbor_walk walk;
    struct cbor_map map = cbor_map_open(to);

    TRY(cbor_walk_open(rest, &walk));
    while (cbor_walk_next(&walk)) {
        struct bytes value = walk.value;

        TRY(copy(&value, cbor_map_key(&map, walk.key)));
        MUST(value.n == 0);
    }
    cbor_map_close(&map);
    return OK;
}

static fallible copy_array(struct bytes *rest, struct buf *to)
{
    size_t n;

    TRY(cbor_take_array(rest, &n));
    cbor_put_array(to, n);
    while (n-- > 0)
        TRY(copy(rest, to));
    return OK;
}

static fallible copy_string(struct bytes *rest, struct buf *to)
{
    struct bytes string;

    if (cbor_kind(*rest) == CBOR_BYTES) {
        TRY(cbor_take_bytes(rest, &string));
        cbor_put_bytes(to, string);
        return OK;
    }
    TRY(cbor_take_text(rest, &string));
    cbor_put_text(to, string);
    return OK;
}

static fallible copy_scalar(struct bytes *rest, struct buf *to)
{
    uint64_t number;
    int64_t value;
    bool yes;

    if (cbor_take_uint(rest, &number) == OK) {
        cbor_put_uint(to, number);
    } else if (cbor_take_int(rest, &value) == OK) {
        cbor_put_int(to, value);
    } else if (cbor_take_bool(rest, &yes) == OK) {
        cbor_put_bool(to, yes);
    } else if (cbor_take_null(rest) == OK) {
        cbor_put_null(to);
    } else { /* a negative number below INT64_MIN: it can be kept, not read */
        struct bytes whole;

        MUST(cbor_kind(*rest) == CBOR_NEGATIVE);
        TRY(cbor_take_any(rest, &whole));
        buf_add(to, whole);
    }
    return OK;
}

static fallible copy(struct bytes *rest, struct buf *to)
{
    switch (cbor_kind(*rest)) {
    case CBOR_MAP:
        return copy_map(rest, to);
    case CBOR_ARRAY:
        return copy_array(rest, to);
    case CBOR_BYTES:
    case CBOR_TEXT:
        return copy_string(rest, to);
    default:
        return copy_scalar(rest, to);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct arena *arena = arena_open(1 << 24);
    struct bytes in = {at, n}, rest = in, out;
    struct buf buf = buf_open(arena, n + 16), kept = buf_open(arena, n + 16);

    if (cbor_check(in) == OK) {
        MUST(copy(&rest, &buf) == OK && rest.n == 0);
        MUST(buf_done(&buf, &out) == OK && bytes_same(in, out));
        if (cbor_kind(in) == CBOR_MAP) { /* nothing is known: all is kept */
            struct cbor_map map = cbor_map_over(&kept, in, 0);

            cbor_map_close(&map);
            MUST(buf_done(&kept, &out) == OK && bytes_same(in, out));
        }
    }
    arena_close(arena);
    return 0;
}
