/* perform: what is authorised, recorded and committed, in each of the ways that a request can
 * go. */
#include "house_kit.h"

#include "base/faultpoint.h"
#include "core/audit/audit.h"
#include "core/authorise.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "store/mailbox.h"
#include "support/each_fault.h"
#include "support/test.h"

#include <pthread.h>

static struct house_kit kit;

static int with_memory(void **state)
{
    (void)state;
    kit = (struct house_kit){.with_committer = true};
    house_make(&kit);
    return 0;
}

static int at_once(void **state)
{
    (void)state;
    kit = (struct house_kit){0};
    house_make(&kit);
    return 0;
}

static int down(void **state)
{
    (void)state;
    house_unmake(&kit);
    return 0;
}

static const struct fault *once_as(const struct principal *who, const struct operation *operation,
                                   const char *name, int64_t amount, int64_t *total)
{
    struct call *c = call_make(kit.worker, who);
    struct toy_in *in = arena_new(c->arena, struct toy_in);
    struct toy_out *out = arena_new(c->arena, struct toy_out);
    const struct fault *fault;

    *in = (struct toy_in){bytes_of(name), amount};
    assert_ok(call_begin(c));
    fault = kit_perform(c, operation, in, out);
    if (total != NULL)
        *total = out->total;
    call_unmake(c);
    return fault;
}

static void test_writes_and_reads(void **state)
{
    int64_t total;

    (void)state;
    assert_ok(once_as(&kit_root, &toy_add, "a", 5, &total));
    assert_int_equal(total, 5);
    assert_ok(once_as(&kit_root, &toy_add, "a", 2, NULL));
    assert_ok(once_as(&kit_root, &toy_read, "a", 0, &total));
    assert_int_equal(total, 7);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), 2);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.read\""), 1);
    assert_int_equal(journal_count(&kit, "\"commit\":1,"), 1);
    assert_int_equal(journal_count(&kit, "\"commit\":2,"), 1);
}

/* A read's record is not written before the turn is; nothing of it goes through the store. */
static void test_a_read_is_of_its_turn(void **state)
{
    (void)state;
    assert_ok(once_as(&kit_root, &toy_add, "a", 5, NULL));
    assert_ok(once_as(&kit_root, &toy_read, "a", 0, NULL));
    assert_int_equal(journal_count(&kit, "toy.read"), 0);
    assert_true(turn_waits(kit.worker));
    assert_ok(turn_write(kit.worker));
    assert_false(turn_waits(kit.worker));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.read\""), 1);
}

/* The turn has its record; the reply is written where it was made. */
static void test_a_read_leaves_no_record_behind(void **state)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct toy_in in = {LIT("a"), 0};
    struct toy_out out;
    size_t before;

    (void)state;
    assert_ok(once_as(&kit_root, &toy_add, "a", 5, NULL));
    assert_ok(call_begin(c));
    before = arena_mark(c->arena).used;
    assert_ok(kit_perform(c, &toy_read, &in, &out));
    assert_int_equal(out.total, 5);
    assert_true(arena_mark(c->arena).used - before < 1024); /* a record alone takes more */
    call_unmake(c);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.read\""), 1);
}

static void test_absent_is_told_to_those_who_may(void **state)
{
    (void)state;
    assert_ok(once_as(&kit_root, &toy_add, "here", 1, NULL));
    assert_fault(once_as(&kit_root, &toy_read, "nowhere", 0, NULL), TOY_ABSENT);
    assert_fault(once_as(&kit_user, &toy_read, "nowhere", 0, NULL), DENIED);
    assert_fault(once_as(&kit_user, &toy_read, "here", 0, NULL), DENIED);
    assert_fault(once_as(&kit_stranger, &toy_read, "here", 0, NULL), DENIED);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"denied\""), 3);
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"toy.absent\""), 1);
}

static void test_the_sentence(void **state)
{
    struct call *c = call_make(kit.worker, &kit_user);
    struct toy_in in = {LIT("it"), 1};
    struct toy_out out;

    (void)state;
    assert_ok(call_begin(c));
    assert_fault(kit_perform(c, &toy_add, &in, &out), DENIED);
    assert_bytes(c->detail, LIT("User: arn:aws:iam::123456789012:user/ci is not authorized to "
                                "perform: toy:Add on resource: it "
                                "because no identity-based policy allows the toy:Add action"));
    call_unmake(c);
}

static void test_nobody(void **state)
{
    (void)state;
    assert_fault(once_as(NULL, &toy_read, "a", 0, NULL), NOBODY);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"nobody\""), 1);
}

static void test_a_reader_that_writes(void **state)
{
    (void)state;
    assert_fault(once_as(&kit_root, &toy_liar, "a", 5, NULL), PERFORM_WROTE);
    assert_fault(once_as(&kit_root, &toy_read, "a", 0, NULL), TOY_ABSENT);
}

/* One commit, a record for each operation within, with ids of their own. */
static void test_within(void **state)
{
    int64_t total;

    (void)state;
    assert_ok(once_as(&kit_root, &toy_twice, "a", 5, &total));
    assert_int_equal(total, 10);
    assert_int_equal(journal_count(&kit, "\"commit\":1,"), 3);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), 2);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.twice\""), 1);
    assert_int_equal(journal_count(&kit, "0001.1\""), 1);
    assert_int_equal(journal_count(&kit, "0001.2\""), 1);
}

/* Success without a change is recorded as a read is. */
static void test_nothing_to_change(void **state)
{
    (void)state;
    assert_ok(once_as(&kit_root, &toy_add, "a", 0, NULL));
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), 1);
    assert_int_equal(journal_count(&kit, "\"commit\":"), 0);
}

/* --- conflicts: threads that add to one counter --- */

enum { THREADS = 4, ADDS = 100 };

static void *adder(void *box)
{
    struct worker *worker;

    assert_ok(worker_open(&kit.house, box, &worker));
    for (int i = 0; i < ADDS; i++) {
        struct call *c = call_make(worker, &kit_root);
        struct toy_in in = {LIT("hot"), 1};
        struct toy_out out;

        assert_ok(call_begin(c));
        assert_ok(kit_perform(c, &toy_add, &in, &out));
        call_unmake(c);
    }
    assert_ok(turn_write(worker));
    worker_close(worker);
    arena_forget_kept();
    return NULL;
}

static void test_conflicts(void **state)
{
    pthread_t threads[THREADS];
    struct mailbox *boxes[THREADS];
    int64_t total;

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        assert_ok(mailbox_open(&boxes[i]));
        assert_int_equal(pthread_create(&threads[i], NULL, adder, boxes[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    committer_stop(kit.house.committer); /* it may still be ringing a box */
    kit.house.committer = NULL;
    for (int i = 0; i < THREADS; i++)
        mailbox_close(boxes[i]);
    assert_ok(once_as(&kit_root, &toy_read, "hot", 0, &total));
    assert_int_equal(total, THREADS * ADDS);
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), THREADS * ADDS);
}

/* A conflict that, run again, wants nothing more: two attempts in one group, the second finds the
 * first's work. */
static void test_parked_then_gathered(void **state)
{
    struct call *calls[3];
    struct attempt attempts[3], *parked[3];
    struct toy_in in = {LIT("g"), 1};
    struct toy_out out[3];
    int64_t total;

    (void)state;
    kit.house.gather = true;
    for (int i = 0; i < 3; i++) {
        calls[i] = call_make(kit.worker, &kit_root);
        assert_ok(call_begin(calls[i]));
        attempts[i] =
            (struct attempt){.call = calls[i], .operation = &toy_add, .in = &in, .out = &out[i]};
        parked[i] = &attempts[i];
        assert_int_equal(perform(&attempts[i]), PARKED);
    }
    perform_commit(parked, 3);
    for (int i = 0; i < 3; i++) {
        assert_ok(attempts[i].fault);
        assert_int_equal(out[i].total, i + 1);
        call_unmake(calls[i]);
    }
    kit.house.gather = false;
    assert_ok(once_as(&kit_root, &toy_read, "g", 0, &total));
    assert_int_equal(total, 3);
    /* Their notes are in the outbox, and get into the journal when it is held against the store. */
    assert_int_equal(journal_count(&kit, "toy.add"), 0);
    assert_ok(outbox_recover(kit.worker, false));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), 3);
    assert_ok(outbox_recover(kit.worker, false));
    assert_int_equal(journal_count(&kit, "\"eventName\":\"toy.add\""), 3);
}

/* --- EACH_FAULT: one record for each request, and old state or new --- */

struct walk {
    int64_t expected;
    size_t records, performed;
    bool lost; /* the turn said that it could not be recorded */
};

static bool add_once(void *ctx)
{
    struct walk *w = ctx;
    struct toy_in in = {LIT("walked"), 1};
    struct toy_out out;
    const struct fault *fault;
    const int64_t armed = fault_point_left;
    struct call *c;

    fault_point_left = 0; /* the kit's own work does not fail */
    c = call_make(kit.worker, &kit_root);
    fault_point_left = armed;
    fault = call_begin(c);
    w->performed = fault == OK;
    if (fault == OK)
        fault = kit_perform(c, &toy_add, &in, &out);
    w->lost = false;
    if (w->performed)
        w->lost = turn_write(kit.worker) != OK;
    call_unmake(c);
    return fault == OK;
}

static void check_walked(void *ctx, bool succeeded)
{
    struct walk *w = ctx;
    const size_t before = w->records;
    const struct fault *fault;
    int64_t total = 0;

    assert_ok(outbox_recover(kit.worker, false));
    w->records =
        journal_count(&kit, "\"eventName\":\"toy.add\"") +
        journal_count(&kit, "\"bare\":true"); /* of a call too poor for a note of its own */
    fault = once_as(&kit_root, &toy_read, "walked", 0, &total);
    assert_true(fault == OK || (fault == TOY_ABSENT && w->expected == 0 && !succeeded));
    assert_int_equal(total, w->expected + succeeded);
    w->expected = total;
    assert_int_equal(w->records - before, w->performed && !w->lost);
    if (turn_write(kit.worker) != OK)
        fail();
}

static void test_each_fault(void **state)
{
    struct walk w = {0};

    (void)state;
    assert_true(each_fault("perform", add_once, check_walked, &w) > 5);
}

/* A thing that is looked for: how often, and whether it is there. */
static int sought;
static const struct fault *there;

static fallible seek(struct call *c, struct resource *resource)
{
    (void)c;
    (void)resource;
    sought++;
    return there;
}

static fallible locate_later(struct call *c, const void *in, struct resource *resource)
{
    (void)c;
    (void)in;
    *resource = (struct resource){
        .arn = LIT("arn:coffer:toy::123456789012:counter/x"), .asked = LIT("x"), .find = seek};
    return OK;
}

/* SECURITY 20: for who may do nothing there, there and not there are one path. */
static void test_a_refusal_looks_for_nothing(void **state)
{
    struct operation later = toy_read;
    const struct fault *const cases[] = {OK, TOY_ABSENT};

    (void)state;
    later.locate = locate_later;
    for (size_t i = 0; i < 2; i++) {
        there = cases[i];
        sought = 0;
        assert_fault(once_as(&kit_user, &later, "x", 0, NULL), DENIED);
        assert_int_equal(sought, 0);
        /* found, it is read: there is no such counter in the store */
        assert_fault(once_as(&kit_root, &later, "x", 0, NULL), there == OK ? STORE_ABSENT : there);
        assert_int_equal(sought, 1);
    }
}

static bool invited;

static fallible invites(struct call *c, const struct resource *resource, bool *yes)
{
    (void)c;
    (void)resource;
    *yes = invited;
    return OK;
}

static fallible locate_with_a_policy(struct call *c, const void *in, struct resource *resource)
{
    TRY(locate_later(c, in, resource));
    resource->invites = invites;
    return OK;
}

/* A thing's own policy may allow what no identity policy does: then it is looked for, and only
 * then. */
static void test_who_is_invited_is_looked_for(void **state)
{
    struct operation later = toy_read;

    (void)state;
    later.locate = locate_with_a_policy;
    there = TOY_ABSENT;
    for (int i = 0; i < 2; i++) {
        sought = 0;
        invited = i == 1;
        assert_fault(once_as(&kit_user, &later, "x", 0, NULL), DENIED);
        assert_int_equal(sought, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_writes_and_reads, with_memory, down),
        cmocka_unit_test_setup_teardown(test_writes_and_reads, at_once, down),
        cmocka_unit_test_setup_teardown(test_a_read_is_of_its_turn, with_memory, down),
        cmocka_unit_test_setup_teardown(test_a_read_leaves_no_record_behind, with_memory, down),
        cmocka_unit_test_setup_teardown(test_absent_is_told_to_those_who_may, with_memory, down),
        cmocka_unit_test_setup_teardown(test_a_refusal_looks_for_nothing, with_memory, down),
        cmocka_unit_test_setup_teardown(test_who_is_invited_is_looked_for, with_memory, down),
        cmocka_unit_test_setup_teardown(test_the_sentence, at_once, down),
        cmocka_unit_test_setup_teardown(test_nobody, at_once, down),
        cmocka_unit_test_setup_teardown(test_a_reader_that_writes, with_memory, down),
        cmocka_unit_test_setup_teardown(test_within, with_memory, down),
        cmocka_unit_test_setup_teardown(test_nothing_to_change, with_memory, down),
        cmocka_unit_test_setup_teardown(test_conflicts, with_memory, down),
        cmocka_unit_test_setup_teardown(test_parked_then_gathered, at_once, down),
        cmocka_unit_test_setup_teardown(test_each_fault, at_once, down),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
