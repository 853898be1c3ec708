/* faulty: counts calls on their way through. */
#include "support/faulty.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct faulty_reader {
    struct reader reader; /* first */
    struct reader *inner;
};

static struct {
    const struct engine *inner;
    enum faulty_call call;
    enum faulty_way way;
    const struct fault *fault;
    atomic_int left;
} plan;

static struct faulty_reader *readers[64]; /* until the state is closed */
static size_t reader_count;

void faulty_plan(enum faulty_call call, enum faulty_way way, int nth, const struct fault *fault)
{
    plan.call = call;
    plan.way = way;
    plan.fault = fault;
    atomic_store(&plan.left, nth);
}

/* Is it this call's turn? Delays here. */
static bool turn_of(enum faulty_call call, enum faulty_way way)
{
    return call == plan.call && way == plan.way && atomic_load(&plan.left) == 1;
}

static void passed(enum faulty_call call)
{
    if (call == plan.call && atomic_load(&plan.left) > 0)
        atomic_fetch_sub(&plan.left, 1);
}

#define THROUGH(call, inner_call)                       \
    do {                                                \
        const bool fails = turn_of(call, FAULTY_FAILS); \
        const bool tears = turn_of(call, FAULTY_TEARS); \
        const struct fault *fault_;                     \
        if (turn_of(call, FAULTY_DELAYS))               \
            usleep(2000);                               \
        passed(call);                                   \
        if (fails)                                      \
            return plan.fault;                          \
        fault_ = (inner_call);                          \
        return tears ? plan.fault : fault_;             \
    } while (0)

static struct reader *inner_of(struct reader *reader)
{
    return ((struct faulty_reader *)reader)->inner;
}

static fallible faulty_open(const struct engine_settings *settings, struct engine_state **out)
{
    return plan.inner->open(settings, out);
}

static void faulty_close(struct engine_state *state)
{
    while (reader_count > 0)
        free(readers[--reader_count]);
    plan.inner->close(state);
}

static fallible faulty_reader(struct engine_state *state, struct reader **out)
{
    struct faulty_reader *reader = calloc(1, sizeof(struct faulty_reader));
    const struct fault *fault = plan.inner->reader(state, &reader->inner);

    if (fault != OK || reader_count == sizeof readers / sizeof *readers) {
        free(reader);
        return fault;
    }
    reader->reader.engine = faulty_engine(plan.inner);
    readers[reader_count++] = reader;
    *out = &reader->reader;
    return OK;
}

static fallible faulty_look(struct reader *reader)
{
    /* A snapshot whose answer is lost would stay open for good: torn is failed. */
    if (turn_of(FAULTY_LOOK, FAULTY_TEARS))
        plan.way = FAULTY_FAILS;
    THROUGH(FAULTY_LOOK, plan.inner->look(inner_of(reader)));
}

static void faulty_done(struct reader *reader)
{
    plan.inner->done(inner_of(reader));
}

static uint64_t faulty_name_of(const struct reader *reader)
{
    return plan.inner->name_of(inner_of((struct reader *)(uintptr_t)reader));
}

static fallible faulty_get(struct reader *reader, struct bytes key, struct item *out)
{
    THROUGH(FAULTY_GET, plan.inner->get(inner_of(reader), key, out));
}

static fallible faulty_scan(struct reader *reader, const struct range *range, engine_each_fn *fn,
                            void *ctx)
{
    THROUGH(FAULTY_SCAN, plan.inner->scan(inner_of(reader), range, fn, ctx));
}

static fallible faulty_number(struct reader *reader, uint64_t *number)
{
    return plan.inner->number(inner_of(reader), number);
}

static fallible through_commit(struct engine_state *state, struct batch *const group[], size_t n,
                               uint64_t synced)
{
    THROUGH(FAULTY_COMMIT, plan.inner->commit(state, group, n, synced));
}

static fallible faulty_commit(struct engine_state *state, struct batch *const group[], size_t n,
                              uint64_t synced)
{
    const struct fault *fault = through_commit(state, group, n, synced);

    for (size_t i = 0; fault != OK && i < n; i++) {
        group[i]->outcome = fault;
        group[i]->number = 0;
    }
    return fault;
}

static fallible faulty_describe(struct engine_state *state, struct engine_figures *out)
{
    return plan.inner->describe(state, out);
}

static struct used faulty_used(struct engine_state *state, struct bytes owner)
{
    return plan.inner->used(state, owner);
}

static fallible faulty_copy(struct engine_state *state, struct bytes where)
{
    return plan.inner->copy(state, where);
}

const struct engine *faulty_engine(const struct engine *inner)
{
    static const struct engine faulty = {
        .name = "faulty",
        .open = faulty_open,
        .close = faulty_close,
        .reader = faulty_reader,
        .look = faulty_look,
        .done = faulty_done,
        .name_of = faulty_name_of,
        .get = faulty_get,
        .scan = faulty_scan,
        .number = faulty_number,
        .commit = faulty_commit,
        .describe = faulty_describe,
        .used = faulty_used,
        .copy = faulty_copy,
    };

    plan.inner = inner;
    return &faulty;
}
