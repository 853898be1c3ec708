/* group: a group of changes fails as a whole: each parked call hears the group's fault, each has
 * exactly one record that says so, and what was seen inside the group is forgotten. */
#include "house_kit.h"

#include "core/audit/audit.h"
#include "store/commit.h"
#include "store/mailbox.h"
#include "support/faulty.h"
#include "support/test.h"

#include <semaphore.h>
#include <stdio.h>

enum { CALLS = 8, ID = 36 };

static struct house_kit kit;
static struct commit_hooks outbox;
static sem_t gate;    /* one post lets one group be committed */
static sem_t arrived; /* a group waits for that */

struct asked {
    struct attempt attempt;
    struct toy_in in;
    struct toy_out out;
    char id[ID + 1];
};

static struct asked *asked[2 * CALLS + 2];
static size_t asked_count;

/* Asked by the committer when it has gathered a group, and before it commits: what is submitted
 * while it waits here is the next group. */
static uint64_t held(void *ctx)
{
    (void)sem_post(&arrived);
    while (sem_wait(&gate) != 0)
        continue;
    return outbox.outbox_synced(ctx);
}

static int up(void **state)
{
    struct commit_hooks hooks;

    (void)state;
    kit = (struct house_kit){.engine = faulty_engine(&engine_memory)};
    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 0, OK);
    assert_int_equal(sem_init(&gate, 0, 0), 0);
    assert_int_equal(sem_init(&arrived, 0, 0), 0);
    house_make(&kit);
    assert_ok(worker_open(&kit.house, NULL, &kit.house.committing));
    outbox = hooks = outbox_hooks(kit.house.committing);
    hooks.outbox_synced = held;
    assert_ok(committer_start(kit.house.store, &hooks, 0, &kit.house.committer));
    asked_count = 0;
    return 0;
}

static int down(void **state)
{
    (void)state;
    while (asked_count > 0)
        call_unmake(asked[--asked_count]->attempt.call);
    house_unmake(&kit);
    assert_int_equal(sem_destroy(&gate), 0);
    assert_int_equal(sem_destroy(&arrived), 0);
    return 0;
}

static struct asked *begin(const struct operation *operation, const char *name)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct asked *a = arena_new(c->arena, struct asked);

    assert_non_null(a);
    (void)snprintf(a->id, sizeof a->id, "0190a3b0-0000-7000-8000-%012zu", asked_count);
    a->in = (struct toy_in){bytes_of(name), 1};
    c->id = (struct bytes){(const uint8_t *)a->id, ID};
    a->attempt = (struct attempt){.call = c, .operation = operation, .in = &a->in, .out = &a->out};
    asked[asked_count++] = a;
    assert_ok(call_begin(c));
    return a;
}

static void park(const char *name)
{
    assert_int_equal(perform(&begin(&toy_add, name)->attempt), PARKED);
}

/* One that the committer holds, and then a whole group behind it. */
static void park_a_group(bool same)
{
    static const char *const names[CALLS] = {"a", "b", "c", "d", "e", "f", "g", "h"};

    park("first");
    assert_int_equal(sem_wait(&arrived), 0);
    for (size_t i = 0; i < CALLS; i++)
        park(same ? "hot" : names[i]);
}

static void let_groups_go(int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(sem_post(&gate), 0);
}

/* All that is parked comes home; how many of them with this fault. */
static size_t come_home(size_t wanted, const struct fault *fault)
{
    size_t home = 0, with = 0;

    while (home < wanted) {
        struct batch *batch = mailbox_wait(kit.box);

        while (batch != NULL) {
            struct attempt *attempt = attempt_of(batch);

            batch = batch->next;
            perform_resume(attempt);
            with += attempt->fault == fault;
            home++;
        }
    }
    assert_int_equal(home, wanted);
    return with;
}

static void assert_one_record_each(void)
{
    assert_ok(turn_write(kit.worker));
    for (size_t i = 0; i < asked_count; i++)
        assert_int_equal(journal_count(&kit, asked[i]->id), 1);
}

static int64_t total_of(const char *name)
{
    struct asked *a = begin(&toy_read, name);

    assert_int_equal(perform(&a->attempt), DONE);
    return a->attempt.fault == OK ? a->out.total : -1;
}

static void fail_second_group(bool same, const struct fault *fault)
{
    const uint64_t forgotten = kit.house.committing->forgotten;

    park_a_group(same);
    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 2, fault);
    let_groups_go(2);
    assert_int_equal(come_home(1 + CALLS, fault), CALLS);
    assert_ok(asked[0]->attempt.fault);
    assert_int_equal(sem_wait(&arrived), 0);
    assert_true(kit.house.committing->forgotten == forgotten + 1);
    assert_int_equal(total_of("first"), 1);
    assert_int_equal(total_of(same ? "hot" : "a"), -1);
    assert_one_record_each();
}

static void test_full(void **state)
{
    (void)state;
    fail_second_group(false, STORE_FULL);
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"store.full\""), CALLS);
    assert_int_equal(journal_count(&kit, "\"errorCode\""), CALLS + 1); /* and the read's */
}

/* It heals with space: the same again is done, on what was there before. */
static void test_after_full(void **state)
{
    (void)state;
    fail_second_group(true, STORE_FULL);
    let_groups_go(1);
    park("hot");
    assert_int_equal(come_home(1, OK), 1);
    assert_int_equal(total_of("hot"), 1);
    assert_one_record_each();
}

static void test_down(void **state)
{
    struct asked *a;

    (void)state;
    fail_second_group(false, STORE_DOWN);
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"store.down\""), CALLS);
    a = begin(&toy_add, "first");
    assert_int_equal(perform(&a->attempt), DONE); /* nothing is taken any more */
    assert_fault(a->attempt.fault, STORE_DOWN);
    assert_int_equal(total_of("first"), 1);
    assert_one_record_each();
}

/* Changes of one counter run again inside the group; what they saw there never was. */
static void test_conflicts_within_a_group_that_fails(void **state)
{
    (void)state;
    fail_second_group(true, STORE_FULL);
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"store.full\""), CALLS);
}

/* And without a failure each adds to what the one before left. */
static void test_conflicts_within_a_group(void **state)
{
    int64_t sum = 0;

    (void)state;
    park_a_group(true);
    let_groups_go(2);
    assert_int_equal(come_home(1 + CALLS, OK), 1 + CALLS);
    assert_int_equal(sem_wait(&arrived), 0);
    for (size_t i = 1; i <= CALLS; i++)
        sum += asked[i]->out.total;
    assert_int_equal(sum, CALLS * (CALLS + 1) / 2);
    assert_int_equal(total_of("hot"), CALLS);
    assert_true(committer_figures(kit.house.committer).again >= CALLS - 1);
    assert_one_record_each();
}

/* The commit was done and its answer lost: nobody is told that it succeeded. */
static void test_torn(void **state)
{
    (void)state;
    park_a_group(false);
    faulty_plan(FAULTY_COMMIT, FAULTY_TEARS, 2, STORE_DOWN);
    let_groups_go(2);
    assert_int_equal(come_home(1 + CALLS, STORE_DOWN), CALLS);
    assert_int_equal(sem_wait(&arrived), 0);
    assert_one_record_each();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_full),
        CASE(test_after_full),
        CASE(test_down),
        CASE(test_conflicts_within_a_group_that_fails),
        CASE(test_conflicts_within_a_group),
        CASE(test_torn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
