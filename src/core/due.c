/* due: rows by time, and the runner that performs what has fallen due. */
#include "core/due.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/audit/journal.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "core/worker.h"
#include "crypto/random.h"
#include "store/mailbox.h"

#include <string.h>

enum { TIME_DIGITS = 16, KEY_MOST = 400, CALL_ARENA = 4 << 20, SCAN_MOST = 2000 };

/* --- rows --- */

static void put_time(uint8_t at[TIME_DIGITS], int64_t ms)
{
    for (int i = TIME_DIGITS - 1; i >= 0; i--, ms >>= 4)
        at[i] = (uint8_t) "0123456789abcdef"[ms & 15];
}

static bool take_time(const uint8_t at[TIME_DIGITS], int64_t *ms)
{
    uint64_t value = 0;

    for (int i = 0; i < TIME_DIGITS; i++) {
        const uint8_t c = at[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ms = (int64_t)value;
    return value <= INT64_MAX;
}

/* d<time><kind>\0<key>: the key may hold anything. */
static fallible row_key(struct arena *arena, struct bytes kind, struct moment due, struct bytes key,
                        struct bytes *row)
{
    struct buf b = buf_open(arena, 1 + TIME_DIGITS + kind.n + 1 + key.n);
    uint8_t time[TIME_DIGITS];

    ENSURE(due.ms >= 0 && key.n <= KEY_MOST, RECORD_KEY);
    put_time(time, due.ms);
    buf_add_byte(&b, (uint8_t)TABLE_DUE);
    buf_add(&b, (struct bytes){time, TIME_DIGITS});
    buf_add(&b, kind);
    buf_add_byte(&b, 0);
    buf_add(&b, key);
    return buf_done(&b, row);
}

fallible due_put(struct call *c, struct bytes kind, struct moment due, struct bytes key)
{
    struct bytes row;

    TRY(row_key(c->arena, kind, due, key, &row));
    return txn_put(c->txn, row, LIT("1"));
}

fallible due_drop(struct call *c, struct bytes kind, struct moment due, struct bytes key)
{
    struct bytes row;

    TRY(row_key(c->arena, kind, due, key, &row));
    return txn_drop(c->txn, row);
}

/* --- the clock --- */

void due_clock_start(struct due_clock *clock, int64_t stored, int64_t now_ms, int64_t monotonic_ns)
{
    clock->started_ms = now_ms;
    clock->started_ns = monotonic_ns;
    clock->doubt = stored - now_ms > DUE_AHEAD_MS;
}

bool due_clock_sure(struct due_clock *clock, int64_t now_ms, int64_t monotonic_ns)
{
    const int64_t ran = (monotonic_ns - clock->started_ns) / 1000000;
    const int64_t jumped = (now_ms - clock->started_ms) - ran;

    if ((jumped > DUE_JUMP_MS || jumped < -DUE_JUMP_MS) && !clock->doubt) {
        clock->doubt = true;
        LOG(LOG_ERROR, "clock.doubt", F("jumped_ms", jumped));
    }
    return !clock->doubt && ran >= DUE_QUIET_MS;
}

void due_clock_accept(struct due_clock *clock, int64_t now_ms, int64_t monotonic_ns)
{
    const int64_t ran = (monotonic_ns - clock->started_ns) / 1000000;

    /* As if it had always gone so: what has run of the quiet time counts. */
    clock->started_ms = now_ms - ran;
    clock->doubt = false;
}

/* --- a row that nothing is left to be done about --- */

struct due_forget_in {
    struct bytes row;
};
struct due_forget_out {
    bool done;
};

static fallible forget_run(struct call *c, const void *in_, void *out_)
{
    const struct due_forget_in *in = in_;
    struct due_forget_out *out = out_;

    out->done = true;
    return txn_drop(c->txn, in->row);
}

static const struct operation due_forget = {
    .name = "due.forget",
    .action = "coffer:ForgetDue",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct due_forget_in),
    .out_size = sizeof(struct due_forget_out),
    .local = true,
    .run = forget_run,
};

/* --- the runner --- */

struct due_row {
    struct bytes whole, kind, key;
    struct moment due;
};

struct due_list {
    struct arena *arena;
    const struct due_kind *kinds;
    size_t kind_count;
    struct due_runner *runner;
    bool sure, full; /* full: there was more to look at */
    int64_t now;
    struct due_row rows[DUE_TURN_MOST];
    size_t n, seen;
};

static const struct due_kind *kind_of(const struct due_list *list, struct bytes name)
{
    for (size_t i = 0; i < list->kind_count; i++)
        if (bytes_same(list->kinds[i].name, name))
            return &list->kinds[i];
    return NULL;
}

static bool read_row(struct bytes whole, struct due_row *row)
{
    struct bytes rest = bytes_after(whole, 1 + TIME_DIGITS);

    if (whole.n <= 1 + TIME_DIGITS || !take_time(whole.at + 1, &row->due.ms) ||
        !bytes_cut(&rest, 0, &row->kind))
        return false;
    row->whole = whole;
    row->key = rest;
    return true;
}

/* Its place; or the one of those it may have that is free first. */
static struct due_rest *rest_of(struct due_runner *runner, struct bytes row, uint64_t *hash)
{
    struct due_rest *first, *found;

    *hash = bytes_hash(row, 0);
    found = first = &runner->rests[*hash % (DUE_RESTS / DUE_REST_WAYS) * DUE_REST_WAYS];
    for (size_t i = 0; i < DUE_REST_WAYS; i++) {
        if (first[i].row == *hash)
            return &first[i];
        if (first[i].until_ms < found->until_ms)
            found = &first[i];
    }
    return found;
}

static bool is_resting(struct due_list *list, struct bytes row)
{
    uint64_t hash;
    const struct due_rest *rest = rest_of(list->runner, row, &hash);

    return rest->row == hash && rest->until_ms > list->now;
}

static void lay_to_rest(struct due_runner *runner, struct bytes row, int64_t now)
{
    uint64_t hash;
    struct due_rest *rest = rest_of(runner, row, &hash);
    const int64_t ms = rest->row == hash ? 2 * rest->ms : DUE_REST_MS;

    *rest = (struct due_rest){.row = hash, .ms = ms < DUE_REST_MOST_MS ? ms : DUE_REST_MOST_MS};
    rest->until_ms = now + rest->ms;
}

static void go_on_after(struct due_runner *runner, struct bytes row)
{
    memcpy(runner->after, row.at, row.n);
    runner->after_n = row.n;
}

static fallible take_row(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct due_list *list = ctx;
    const struct due_kind *kind;
    struct due_row row = {0};
    struct bytes copy;

    (void)value;
    list->full = list->n == DUE_TURN_MOST || list->seen == SCAN_MOST;
    *stop = list->full || (read_row(key, &row) && row.due.ms > list->now);
    if (*stop)
        return OK;
    list->seen++;
    go_on_after(list->runner, key);
    kind = row.key.at == NULL ? NULL : kind_of(list, row.kind);
    if (kind == NULL || (kind->irreversible && !list->sure) || is_resting(list, key))
        return OK;
    copy = arena_copy(list->arena, key);
    ENSURE(copy.at != NULL, ARENA_SPENT);
    if (read_row(copy, &list->rows[list->n]))
        list->n++;
    return OK;
}

static fallible look(struct call *c, struct due_list *list)
{
    uint8_t after[STORE_KEY_MOST];
    const size_t n = list->runner->after_n;

    memcpy(after, list->runner->after, n);
    TRY(txn_scan(c->txn, LIT("d"), (struct bytes){after, n}, take_row, list));
    if (!list->full)
        list->runner->after_n = 0;
    return OK;
}

static fallible gather(struct worker *worker, struct due_list *list)
{
    struct call c = {.arena = list->arena, .worker = worker};
    const bool behind = list->runner->after_n > 0;
    const struct fault *fault;

    TRY(call_begin(&c));
    fault = look(&c, list);
    if (fault == OK && behind && list->n == 0 && !list->full)
        fault = look(&c, list);
    call_end(&c);
    return fault;
}

/* The worker's thread does nothing else: it waits. */
static void wait_for(struct worker *worker, const struct batch *mine)
{
    bool back = false;

    while (!back) {
        struct batch *next = mailbox_wait(worker->home);

        while (next != NULL) {
            struct batch *batch = next;

            next = batch->next;
            if (batch == mine)
                back = true;
            else
                (void)worker_keeps(worker, batch);
        }
    }
}

static fallible performed(struct call *c, const struct operation *operation, const void *in)
{
    struct worker *const worker = c->worker;
    struct attempt a = {.call = c, .operation = operation, .in = in};

    a.out = arena_get(c->arena, operation->out_size);
    ENSURE(a.out != NULL, ARENA_SPENT);
    if (perform(&a) == PARKED) {
        wait_for(worker, &a.batch);
        perform_resume(&a);
    }
    return a.fault;
}

static const struct principal coffer_itself = {
    .type = PRINCIPAL_COFFER,
    .arn = {(const uint8_t *)"arn:coffer:local::self", 22},
    .id = {(const uint8_t *)"coffer", 6},
    .name = {(const uint8_t *)"coffer", 6},
};

static fallible make_call(struct call *c, struct worker *worker, int64_t now)
{
    uint8_t *const id = arena_get(c->arena, UUID_TEXT);
    uint8_t random[10];

    ENSURE(id != NULL, ARENA_SPENT);
    TRY(random_fill(random, sizeof random));
    uuid_v7(now, random, id);
    c->id = (struct bytes){id, UUID_TEXT};
    c->worker = worker;
    c->now = now;
    c->peer = c->who = &coffer_itself;
    c->partition = LIT("aws");
    c->account = worker->house->account;
    c->region = worker->house->region;
    return call_begin(c);
}

static fallible perform_row(struct call *c, const struct due_kind *kind, const struct due_row *row)
{
    void *in = arena_get(c->arena, kind->operation->in_size);

    ENSURE(in != NULL, ARENA_SPENT);
    TRY(kind->read(c, row->key, row->due, in));
    return performed(c, kind->operation, in);
}

static fallible forget_row(struct call *c, const struct due_row *row)
{
    struct due_forget_in *in = arena_new(c->arena, struct due_forget_in);

    ENSURE(in != NULL, ARENA_SPENT);
    in->row = row->whole;
    return performed(c, &due_forget, in);
}

/* `kind` NULL: only forget the row. */
static fallible run_one(struct worker *worker, const struct due_kind *kind,
                        const struct due_row *row, int64_t now)
{
    struct call *c;
    struct arena *arena = arena_open(CALL_ARENA);
    const struct fault *fault = ARENA_SPENT;

    ENSURE(arena != NULL, ARENA_SPENT);
    c = arena_new(arena, struct call);
    if (c != NULL) {
        c->arena = arena;
        fault = make_call(c, worker, now);
        if (fault == OK)
            fault = kind != NULL ? perform_row(c, kind, row) : forget_row(c, row);
        call_end(c);
    }
    arena_close(arena);
    return fault;
}

static bool is_over(const struct fault *fault)
{
    return fault != OK && (fault->class == FAULT_ABSENT || fault->class == FAULT_STATE);
}

/* A row that fails stays, and does not count: whoever asks for turn after turn, as long as there is
 * more to do, would ask for ever. What fails for want of room fails for all: the next turn, which
 * begins behind it, may have more luck. */
static fallible run_all(struct worker *worker, const struct due_list *list, size_t *done)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct due_row *row = &list->rows[i];
        const struct fault *fault = run_one(worker, kind_of(list, row->kind), row, list->now);

        if (is_over(fault))
            fault = run_one(worker, NULL, row, list->now);
        *done += fault == OK;
        if (fault != OK)
            LOG(LOG_ERROR, "due.failed", F("kind", row->kind), F("fault", fault));
        TRY(turn_write(worker));
        if (fault != OK && fault->class == FAULT_AGAIN) {
            go_on_after(list->runner, row->whole);
            return OK;
        }
        if (fault != OK)
            lay_to_rest(list->runner, row->whole, list->now);
    }
    return OK;
}

/* Nothing is begun that could not be recorded: each attempt's note would eat the journal's
 * reserve. */
static fallible run(struct worker *worker, struct due_list *list, size_t *done)
{
    TRY(gather(worker, list));
    if (list->n > 0 && worker->house->journal != NULL)
        TRY(journal_writable(worker->house->journal));
    return run_all(worker, list, done);
}

fallible due_run(struct worker *worker, const struct due_kind kinds[], size_t n,
                 struct due_runner *runner, size_t *done)
{
    const int64_t now = clock_now_ms();
    struct arena *arena = arena_open(CALL_ARENA);
    struct due_list *list = arena == NULL ? NULL : arena_new(arena, struct due_list);
    const struct fault *fault = ARENA_SPENT;

    *done = 0;
    if (list != NULL) {
        list->arena = arena;
        list->kinds = kinds;
        list->kind_count = n;
        list->runner = runner;
        list->now = now;
        list->sure = due_clock_sure(&runner->clock, now, clock_monotonic_ns());
        fault = run(worker, list, done);
    }
    arena_close(arena);
    return fault;
}
