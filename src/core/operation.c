/* operation: words for the reply, beside the fault. */
#include "core/operation.h"

#include <string.h>

fallible why_about(struct call *c, const struct fault *fault, const struct bytes subjects[],
                   size_t n)
{
    struct bytes *kept = arena_get(c->arena, n * sizeof(struct bytes));

    ENSURE(kept != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        kept[i] = arena_copy(c->arena, subjects[i]);
        ENSURE(kept[i].at != NULL || subjects[i].n == 0, ARENA_SPENT);
    }
    c->subjects = (struct texts){kept, n};
    return fault;
}

fallible why_said(struct call *c, const struct fault *fault, struct bytes sentence)
{
    c->detail = sentence;
    return fault;
}
