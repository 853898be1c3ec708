/* due: what falls due is done once, in time order, and nothing irreversible by a clock in doubt.
 * Marks, too. */
#include "core/due.h"

#include "base/clock.h"
#include "codec/date.h"
#include "core/audit/audit.h"
#include "core/audit/journal.h"
#include "core/marks.h"
#include "core/record.h"
#include "house_kit.h"
#include "store/mailbox.h"
#include "support/test.h"

#include <stdio.h>

#define T0 INT64_C(1767225600000)

static struct house_kit kit;
static struct due_runner calm;

static const struct fault *ring_outcome;

/* Counts in the toy counter "rung", and takes its own row away. */
struct ring_in {
    struct toy_in toy;
    struct bytes key;
    struct moment due;
};

static fallible ring_read(struct call *c, struct bytes key, struct moment due, void *in_)
{
    struct ring_in *in = in_;

    c->account = LIT("123456789012");
    in->toy = (struct toy_in){LIT("rung"), 1};
    in->key = key;
    in->due = due;
    return OK;
}

static fallible ring_run(struct call *c, const void *in_, void *out)
{
    const struct ring_in *in = in_;

    if (in->key.at[0] != 'z')
        TRY(ring_outcome);
    TRY(due_drop(c, LIT("ring"), in->due, in->key));
    return toy_add.run(c, &in->toy, out);
}

static const struct operation ring = {.name = "toy.ring",
                                      .action = "coffer:Ring",
                                      .mode = OPERATION_WRITES,
                                      .in_size = sizeof(struct ring_in),
                                      .out_size = sizeof(struct toy_out),
                                      .local = true,
                                      .run = ring_run};
static const struct due_kind kinds[] = {{{(const uint8_t *)"ring", 4}, &ring, true, ring_read}};

static int make(bool with_committer)
{
    kit = (struct house_kit){.with_committer = with_committer};
    house_make(&kit);
    ring_outcome = OK;
    clock_set_ms(T0);
    /* As if the process had been up for an hour already. */
    calm = (struct due_runner){0};
    due_clock_start(&calm.clock, 0, T0 - 3600000, clock_monotonic_ns() - 3600000LL * 1000000);
    return 0;
}

static int up(void **state)
{
    (void)state;
    return make(false);
}

static int up_committer(void **state)
{
    (void)state;
    return make(true);
}

static int down(void **state)
{
    (void)state;
    clock_set_ms(0);
    house_unmake(&kit);
    return 0;
}

struct plan_in {
    struct bytes kind, key;
    struct moment due;
};

static fallible plan_run(struct call *c, const void *in_, void *out)
{
    const struct plan_in *in = in_;

    (void)out;
    return due_put(c, in->kind, in->due, in->key);
}

static const struct operation plan = {.name = "toy.plan",
                                      .action = "coffer:Plan",
                                      .mode = OPERATION_WRITES,
                                      .in_size = sizeof(struct plan_in),
                                      .out_size = sizeof(struct toy_out),
                                      .run = plan_run};

static void plan_at(int64_t ms, const char *key)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct plan_in in = {LIT("ring"), bytes_of(key), {ms}};
    struct toy_out out;

    assert_ok(call_begin(c));
    assert_ok(kit_perform(c, &plan, &in, &out));
    call_unmake(c);
}

static int64_t rung(void)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct toy_in in = {LIT("rung"), 0};
    struct toy_out out = {0};

    assert_ok(call_begin(c));
    (void)!kit_perform(c, &toy_read, &in, &out);
    call_unmake(c);
    return out.total;
}

static size_t run_due(void)
{
    size_t done;

    assert_ok(due_run(kit.worker, kinds, 1, &calm, &done));
    return done;
}

static void test_done_once_when_due(void **state)
{
    (void)state;
    plan_at(T0 - 5, "a");
    plan_at(T0, "b");
    plan_at(T0 + 1, "c");
    assert_int_equal(run_due(), 2);
    assert_int_equal(rung(), 2);
    assert_int_equal(run_due(), 0);
    clock_set_ms(T0 + 1);
    assert_int_equal(run_due(), 1);
    assert_int_equal(rung(), 3);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.ring\""), 3);
    assert_int_equal(journal_count(&kit, "arn:coffer:local::self"), 3);
}

static void test_at_most_so_many_a_turn(void **state)
{
    char key[8];

    (void)state;
    for (int i = 0; i < DUE_TURN_MOST + 7; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        plan_at(T0 - 1000 + i, key);
    }
    assert_int_equal(run_due(), DUE_TURN_MOST);
    assert_int_equal(run_due(), 7);
    assert_int_equal(rung(), DUE_TURN_MOST + 7);
}

static void test_gone_is_forgotten_and_failed_is_kept(void **state)
{
    (void)state;
    plan_at(T0, "a");
    ring_outcome = STORE_DOWN;
    assert_int_equal(run_due(), 0);
    assert_int_equal(run_due(), 0); /* still there */
    ring_outcome = TOY_ABSENT;
    assert_int_equal(run_due(), 1);
    assert_int_equal(run_due(), 0);
    assert_int_equal(rung(), 0);
}

/* The timer asks for turn after turn until one was not full: rows that fail must not keep it busy
 * for ever. */
static void test_failing_rows_fill_no_turn(void **state)
{
    char key[8];

    (void)state;
    for (int i = 0; i < DUE_TURN_MOST; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        plan_at(T0 - 1000 + i, key);
    }
    ring_outcome = RECORD_DAMAGED;
    assert_int_equal(run_due(), 0);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.ring\""), DUE_TURN_MOST);
    ring_outcome = OK;
    clock_set_ms(T0 + DUE_REST_MS);
    assert_int_equal(run_due(), DUE_TURN_MOST);
}

/* Nor may they hold up the others, or be tried, and recorded, each second for ever. */
static void test_failing_rows_hold_up_no_other(void **state)
{
    char key[8];
    const int many = 2 * DUE_TURN_MOST + 50;

    (void)state;
    for (int i = 0; i < many; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        plan_at(T0 - 1000 + i, key);
    }
    plan_at(T0, "z");
    ring_outcome = RECORD_DAMAGED;
    assert_int_equal(run_due(), 0);
    assert_int_equal(run_due(), 0);
    assert_int_equal(run_due(), 1); /* the last fifty, and the good one behind them */
    assert_int_equal(rung(), 1);
    for (int second = 1; second < 10; second++) {
        clock_set_ms(T0 + second * 1000);
        assert_int_equal(run_due(), 0);
    }
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.ring\""), many + 1);
    plan_at(T0 - 2000, "z-late"); /* before them all */
    assert_int_equal(run_due(), 1);
    clock_set_ms(T0 + DUE_REST_MS);
    assert_int_equal(run_due(), 0); /* a hundred of them are tried again */
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.ring\""), many + 2 + DUE_TURN_MOST);
}

/* On a full disk each attempt would cost a record of the journal's reserve: one is made, not
 * all. */
static void test_no_room_ends_the_turn(void **state)
{
    (void)state;
    plan_at(T0 - 2, "a");
    plan_at(T0 - 1, "b");
    ring_outcome = JOURNAL_FULL;
    assert_int_equal(run_due(), 0);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.ring\""), 1);
}

static void test_doubt(void **state)
{
    struct due_clock clock;
    const int64_t ns = clock_monotonic_ns(), minute = 60 * 1000000000LL;

    (void)state;
    due_clock_start(&clock, 0, T0, ns);
    assert_false(due_clock_sure(&clock, T0 + 9 * 60000, ns + 9 * minute)); /* quiet after a start */
    assert_true(due_clock_sure(&clock, T0 + 10 * 60000, ns + 10 * minute));
    assert_true(due_clock_sure(&clock, T0 + 69 * 60000, ns + 11 * minute));  /* 58 minutes ahead */
    assert_false(due_clock_sure(&clock, T0 + 73 * 60000, ns + 11 * minute)); /* 62 */
    assert_false(due_clock_sure(&clock, T0 + 12 * 60000, ns + 12 * minute)); /* and stays so */
    due_clock_accept(&clock, T0 + 73 * 60000, ns + 12 * minute);
    assert_true(due_clock_sure(&clock, T0 + 73 * 60000, ns + 12 * minute));
    due_clock_start(&clock, T0 + 4 * 60000, T0, ns);
    assert_true(due_clock_sure(&clock, T0 + 10 * 60000, ns + 10 * minute));
    due_clock_start(&clock, T0 + 6 * 60000, T0, ns); /* the store has seen later times */
    assert_false(due_clock_sure(&clock, T0 + 10 * 60000, ns + 10 * minute));
}

static void test_nothing_irreversible_in_doubt(void **state)
{
    (void)state;
    plan_at(T0, "a");
    calm.clock.doubt = true;
    assert_int_equal(run_due(), 0);
    assert_int_equal(rung(), 0);
    due_clock_accept(&calm.clock, T0, clock_monotonic_ns());
    assert_int_equal(run_due(), 1);
}

/* --- marks --- */

static int64_t day_of_mark(struct bytes key)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct moment last;

    assert_ok(call_begin(c));
    assert_ok(mark_read(c, key, &last));
    call_unmake(c);
    return last.ms;
}

static void use(struct bytes key, int64_t now)
{
    struct call *c = call_make(kit.worker, &kit_root);

    c->now = now;
    mark_used(c, key);
    call_unmake(c);
}

static void settle(int64_t now)
{
    struct batch *batch;

    worker_tick(kit.worker, now);
    if (!kit.with_committer)
        return;
    batch = mailbox_wait(kit.box);
    for (; batch != NULL; batch = batch->next)
        assert_true(worker_keeps(kit.worker, batch));
}

static void test_marks(void **state)
{
    const struct bytes key = LIT("l1\0x\0");
    const int64_t day = 20000 * DATE_DAY_MS;

    (void)state;
    assert_int_equal(day_of_mark(key), 0);
    use(key, day + 5);
    use(key, day + 6);
    settle(day + 7);
    assert_int_equal(day_of_mark(key), day);
    use(key, day + DATE_DAY_MS);
    settle(day + DATE_DAY_MS);
    assert_int_equal(day_of_mark(key), day + DATE_DAY_MS);
}

/* A worker may go while the committer still has its marks: they come home first. */
static void test_marks_outlive_no_worker(void **state)
{
    const struct bytes key = LIT("l1\0y\0");
    const int64_t day = 20000 * DATE_DAY_MS;
    struct mailbox *box;
    struct worker *worker;
    struct call *c;

    (void)state;
    assert_ok(mailbox_open(&box));
    assert_ok(worker_open(&kit.house, box, &worker));
    c = call_make(worker, &kit_root);
    c->now = day;
    mark_used(c, key);
    call_unmake(c);
    worker_tick(worker, day);
    worker_close(worker);
    assert_int_equal(day_of_mark(key), day);
    assert_null(mailbox_take(box));
    mailbox_close(box);
}

#define CASE(name)           cmocka_unit_test_setup_teardown(name, up, down)
#define CASE_COMMITTER(name) cmocka_unit_test_setup_teardown(name, up_committer, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_done_once_when_due),
        CASE_COMMITTER(test_done_once_when_due),
        CASE(test_at_most_so_many_a_turn),
        CASE(test_gone_is_forgotten_and_failed_is_kept),
        CASE(test_failing_rows_fill_no_turn),
        CASE(test_failing_rows_hold_up_no_other),
        CASE(test_no_room_ends_the_turn),
        CASE(test_doubt),
        CASE(test_nothing_irreversible_in_doubt),
        CASE(test_marks),
        CASE_COMMITTER(test_marks),
        CASE_COMMITTER(test_marks_outlive_no_worker),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
