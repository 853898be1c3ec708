/* The interpreter over the tables: whatever the body, what was read and judged right is written,
 * reads back, and is written alike. */
#include "wire/shape/shape.h"
#include "unit/wire/toy.h"

#undef MUST /* the word of the tables */
#include "fuzz/must.h"

static struct raw written(struct call *c, const struct toy *toy)
{
    struct raw body = {0};

    MUST(shape_write_json(c, toy_shape, toy, &body) == OK);
    return body;
}

static void round_trip(struct call *c, const struct toy *toy)
{
    struct toy again = {0};
    const struct raw first = written(c, toy);
    struct raw second;

    MUST(shape_read_json(c, toy_shape, first, &again) == OK);
    MUST(shape_judge(c, toy_shape, &again) == OK);
    second = written(c, &again);
    MUST(bytes_same(raw_reveal(first), raw_reveal(second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct call call = {.arena = arena_open((size_t)4 << 20)};
    struct toy toy = {0};
    const struct fault *fault;

    MUST(call.arena != NULL && sensitive_start(NULL) == OK);
    fault = shape_read_json(&call, toy_shape, (struct raw){at, n}, &toy);
    MUST(fault == OK || fault == WIRE_TYPE || fault == ARENA_SPENT);
    if (fault == OK && shape_judge(&call, toy_shape, &toy) == OK)
        round_trip(&call, &toy);
    arena_close(call.arena);
    MUST(sensitive_usage().values == 0);
    return 0;
}
