/* Percent coding there and back; queries and forms are cut without reading beyond. */
#include "fuzz/must.h"

#include "codec/form.h"
#include "codec/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct arena *arena = arena_open(1 << 24);
    struct bytes in = {at, n}, out, rest = in, value;
    struct buf buf = buf_open(arena, 16);
    uint8_t *to = malloc(3 * n + 1);
    struct pair pair;
    size_t length;

    MUST(to != NULL);
    uri_encode(&buf, in);
    if (buf_done(&buf, &out) == OK) {
        MUST(uri_decode(out, to, &length) == OK);
        MUST(bytes_same(in, (struct bytes){to, length}));
        MUST(uri_decode_form(out, to, &length) == OK); /* no plus is left in it */
        MUST(bytes_same(in, (struct bytes){to, length}));
    }
    if (uri_decode(in, to, &length) == OK)
        MUST(length <= n);
    while (uri_query_next(&rest, &pair)) {
        MUST(pair.name.n + pair.value.n <= n);
        if (n <= FORM_LOOK)
            MUST(form_find(in, pair.name, &value));
    }
    free(to);
    arena_close(arena);
    return 0;
}
