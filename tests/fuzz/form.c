/* Forms into the tables: whatever the form, what was read and judged right is written as JSON,
 * reads back from there, and is written alike; and it can be written as XML. */
#include "unit/wire/toy.h"
#include "wire/shape/shape.h"

#undef MUST /* the word of the tables */
#include "fuzz/must.h"

static struct bytes as_json(struct call *c, const struct toy *toy)
{
    struct raw body = {0};

    MUST(shape_write_json(c, toy_shape, toy, &body) == OK);
    return raw_reveal(body);
}

static void as_xml(struct call *c, const struct toy *toy)
{
    struct buf buf = buf_open(c->arena, 16);
    struct bytes whole;

    shape_write_xml(&buf, toy_shape, toy);
    MUST(buf_done(&buf, &whole) == OK);
}

static void round_trip(struct call *c, const struct toy *toy)
{
    const struct bytes first = as_json(c, toy);
    struct toy again = {0};

    as_xml(c, toy);
    MUST(shape_read_json(c, toy_shape, (struct raw){first.at, first.n}, &again) == OK);
    MUST(shape_judge(c, toy_shape, &again) == OK);
    MUST(bytes_same(first, as_json(c, &again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct call call = {.arena = arena_open((size_t)4 << 20)};
    struct toy toy = {0};
    const struct fault *fault;

    MUST(call.arena != NULL && sensitive_start(NULL) == OK);
    fault = shape_read_form(&call, toy_shape, (struct raw){at, n}, &toy);
    MUST(fault == OK || fault == WIRE_TYPE || fault == ARENA_SPENT);
    if (fault == OK && shape_judge(&call, toy_shape, &toy) == OK)
        round_trip(&call, &toy);
    arena_close(call.arena);
    MUST(sensitive_usage().values == 0);
    return 0;
}
