/* The committer and its mailboxes: many threads, one hot key, a clean stop, back-pressure, failing
 * groups. */
#include "store/commit.h"
#include "support/faulty.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 150 };

static void a_mailbox_keeps_the_order(void **state)
{
    struct batch batches[3] = {0};
    struct mailbox *box;
    struct pollfd rung;

    (void)state;
    assert_ok(mailbox_open(&box));
    rung = (struct pollfd){.fd = mailbox_fd(box), .events = POLLIN};
    assert_null(mailbox_take(box));
    assert_int_equal(poll(&rung, 1, 0), 0);
    for (int i = 0; i < 3; i++)
        mailbox_put(box, &batches[i]);
    assert_int_equal(poll(&rung, 1, 0), 1);
    assert_ptr_equal(mailbox_take(box), &batches[0]);
    assert_ptr_equal(batches[0].next, &batches[1]);
    assert_ptr_equal(batches[1].next, &batches[2]);
    assert_null(batches[2].next);
    assert_int_equal(poll(&rung, 1, 0), 0);
    mailbox_put(box, &batches[1]);
    assert_ptr_equal(mailbox_wait(box), &batches[1]);
    mailbox_wake(box);
    assert_null(mailbox_wait(box));
    mailbox_close(box);
}

struct hooked {
    uint64_t last;
    int groups, failed, noted;
    bool ordered;
};

static void on_committed(void *ctx, struct batch *const group[], size_t n)
{
    struct hooked *hooked = ctx;

    hooked->groups++;
    for (size_t i = 0; i < n; i++) {
        if (group[i]->number == 0)
            continue;
        hooked->ordered = hooked->ordered && group[i]->number == hooked->last + 1;
        hooked->last = group[i]->number;
        hooked->noted++;
    }
}

static void on_failed(void *ctx, const struct fault *fault)
{
    struct hooked *hooked = ctx;

    assert_non_null(fault);
    hooked->failed++;
}

static uint64_t synced(void *ctx)
{
    return ((struct hooked *)ctx)->last;
}

struct client { /* a loop with one request after another, all on one key */
    struct kit *kit;
    struct committer *committer;
    struct reader *reader;
    struct mailbox *home;
    struct arena *arena;
    struct arena_mark mark;
    int done;
    pthread_t thread;
};

static const struct fault *increment(struct client *client, struct reader *reader,
                                     struct batch *batch)
{
    struct txn *txn;
    struct bytes value = {0};
    const struct fault *found;
    char text[24] = "";

    TRY(store_begin(reader, client->arena, &txn));
    found = txn_get(txn, LIT("s/hot"), &value);
    ENSURE(found == OK || found == STORE_ABSENT, found);
    if (value.n > 0)
        memcpy(text, value.at, value.n);
    (void)snprintf(text, sizeof text, "%d", atoi(text) + 1);
    TRY(txn_put(txn, LIT("s/hot"), bytes_of(text)));
    return txn_pack(txn, batch);
}

static bool increment_again(struct batch *batch, struct worker *there, struct reader *inside)
{
    struct client *client = (struct client *)(void *)there;

    arena_rewind(client->arena, client->mark);
    return increment(client, inside, batch) == OK;
}

static void *client_run(void *started)
{
    struct client *client = started;

    for (int i = 0; i < ROUNDS; i++) {
        struct batch *batch = arena_new(client->arena, struct batch);

        *batch =
            (struct batch){.again = increment_again, .home = client->home, .note = LIT("note")};
        batch->there = (struct worker *)(void *)client;
        client->mark = arena_mark(client->arena);
        if (increment(client, client->reader, batch) != OK ||
            committer_submit(client->committer, batch) != OK)
            break;
        while (mailbox_wait(client->home) == NULL)
            ;
        client->done += batch->outcome == OK && batch->number != 0;
        arena_rewind(client->arena, client->mark);
    }
    arena_close(client->arena);
    arena_forget_kept();
    return NULL;
}

static void one_hot_key(const struct engine *engine)
{
    struct hooked hooked = {.ordered = true};
    const struct commit_hooks hooks = {&hooked, on_committed, on_failed, synced};
    struct client clients[THREADS] = {0};
    struct committer *committer;
    struct kit kit;

    kit_open(&kit, engine, 0);
    assert_ok(committer_start(kit.store, &hooks, 0, &committer));
    for (int i = 0; i < THREADS; i++) {
        clients[i] =
            (struct client){.kit = &kit, .committer = committer, .arena = arena_open(1 << 20)};
        assert_ok(store_reader(kit.store, &clients[i].reader));
        assert_ok(mailbox_open(&clients[i].home));
        assert_int_equal(pthread_create(&clients[i].thread, NULL, client_run, &clients[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(clients[i].thread, NULL);
        assert_int_equal(clients[i].done, ROUNDS);
        mailbox_close(clients[i].home);
    }
    assert_int_equal(committer_figures(committer).batches, THREADS * ROUNDS);
    committer_stop(committer);
    assert_bytes(kit_get(&kit, "s/hot"), LIT("600"));
    assert_true(hooked.ordered);
    assert_int_equal(hooked.noted, THREADS * ROUNDS);
    assert_int_equal(hooked.failed, 0);
    kit_close(&kit);
}

static void every_increment_is_there_memory(void **state)
{
    (void)state;
    one_hot_key(&engine_memory);
}

static void every_increment_is_there_lmdb(void **state)
{
    (void)state;
    one_hot_key(&engine_lmdb);
}

static struct batch *put_batch(struct kit *kit, struct mailbox *home, int number)
{
    struct txn *txn = kit_begin(kit);
    struct batch *batch;
    char key[16];

    (void)snprintf(key, sizeof key, "s/%d", number);
    assert_ok(txn_put(txn, bytes_of(key), LIT("x")));
    batch = kit_packed(kit, txn);
    batch->home = home;
    return batch;
}

static size_t home_count(struct mailbox *home, const struct fault *expected)
{
    size_t n = 0;

    for (struct batch *batch = mailbox_take(home); batch != NULL; batch = batch->next, n++)
        assert_fault(batch->outcome, expected);
    return n;
}

static void a_stop_drains(void **state)
{
    const struct commit_hooks hooks = {0};
    struct committer *committer;
    struct mailbox *home;
    struct kit kit;

    (void)state;
    kit_open(&kit, &engine_lmdb, 0);
    assert_ok(mailbox_open(&home));
    assert_ok(committer_start(kit.store, &hooks, 0, &committer));
    for (int i = 0; i < 700; i++)
        assert_ok(committer_submit(committer, put_batch(&kit, home, i)));
    committer_stop(committer);
    assert_int_equal(home_count(home, OK), 700);
    assert_bytes(kit_get(&kit, "s/699"), LIT("x"));
    mailbox_close(home);
    kit_close(&kit);
}

/* Stays a while in the group, so that the stop finds the committer at work. */
static void linger(void *ctx, struct batch *const group[], size_t n)
{
    (void)group, (void)n;
    atomic_store((atomic_bool *)ctx, true);
    for (int i = 0; i < 200; i++)
        (void)sched_yield();
}

static void a_stop_at_any_moment_ends(void **state)
{
    atomic_bool entered = false;
    const struct commit_hooks hooks = {.ctx = &entered, .committed = linger};
    struct committer *committer;
    struct mailbox *home;
    struct kit kit;

    (void)state;
    kit_open(&kit, &engine_memory, 0);
    assert_ok(mailbox_open(&home));
    for (int i = 0; i < 500; i++) {
        const struct arena_mark mark = arena_mark(kit.arena);

        assert_ok(committer_start(kit.store, &hooks, 0, &committer));
        for (int j = 0; j <= i % 3; j++)
            assert_ok(committer_submit(committer, put_batch(&kit, home, j)));
        atomic_store(&entered, false);
        while (i % 2 == 0 && !atomic_load(&entered) && committer_figures(committer).groups == 0)
            (void)sched_yield();
        committer_stop(committer);
        assert_int_equal(home_count(home, OK), 1 + i % 3);
        arena_rewind(kit.arena, mark);
    }
    mailbox_close(home);
    kit_close(&kit);
}

/* Holds the committer in its first group until the gate is opened. */
struct gate {
    pthread_mutex_t lock;
    atomic_bool entered;
};

static void wait_at_gate(void *ctx, struct batch *const group[], size_t n)
{
    struct gate *gate = ctx;

    (void)group, (void)n;
    atomic_store(&gate->entered, true);
    pthread_mutex_lock(&gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void too_many_are_refused(void **state)
{
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const struct commit_hooks hooks = {.ctx = &gate, .committed = wait_at_gate};
    struct committer *committer;
    struct mailbox *home;
    struct kit kit;

    (void)state;
    kit_open(&kit, &engine_memory, 0);
    assert_ok(mailbox_open(&home));
    pthread_mutex_lock(&gate.lock);
    assert_ok(committer_start(kit.store, &hooks, 3, &committer));
    assert_ok(committer_submit(committer, put_batch(&kit, home, 0)));
    while (!atomic_load(&gate.entered))
        (void)sched_yield();
    for (int i = 1; i <= 3; i++)
        assert_ok(committer_submit(committer, put_batch(&kit, home, i)));
    assert_fault(committer_submit(committer, put_batch(&kit, home, 4)), COMMIT_BUSY);
    pthread_mutex_unlock(&gate.lock);
    committer_stop(committer);
    assert_int_equal(home_count(home, OK), 4);
    assert_null(kit_get(&kit, "s/4").at);
    mailbox_close(home);
    kit_close(&kit);
}

static void submit_and_wait(struct committer *committer, struct batch *batch)
{
    assert_ok(committer_submit(committer, batch));
    assert_ptr_equal(mailbox_wait(batch->home), batch);
}

static void a_group_that_fails_is_told_to_all(void **state)
{
    struct hooked hooked = {.ordered = true};
    const struct commit_hooks hooks = {&hooked, on_committed, on_failed, NULL};
    struct committer *committer;
    struct mailbox *home;
    struct batch *batch;
    struct kit kit;

    (void)state;
    kit_open(&kit, faulty_engine(&engine_memory), 0);
    assert_ok(mailbox_open(&home));
    assert_ok(committer_start(kit.store, &hooks, 0, &committer));
    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 1, STORE_FULL);
    submit_and_wait(committer, batch = put_batch(&kit, home, 0));
    assert_fault(batch->outcome, STORE_FULL);
    submit_and_wait(committer, batch = put_batch(&kit, home, 1));
    assert_ok(batch->outcome);
    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 1, STORE_DOWN);
    submit_and_wait(committer, batch = put_batch(&kit, home, 2));
    assert_fault(batch->outcome, STORE_DOWN);
    assert_fault(committer_submit(committer, put_batch(&kit, home, 3)), STORE_DOWN);
    committer_stop(committer);
    assert_int_equal(hooked.failed, 2);
    assert_int_equal(hooked.noted, 1);
    mailbox_close(home);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mailbox_keeps_the_order),
        cmocka_unit_test(every_increment_is_there_memory),
        cmocka_unit_test(every_increment_is_there_lmdb),
        cmocka_unit_test(a_stop_drains),
        cmocka_unit_test(a_stop_at_any_moment_ends),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(a_group_that_fails_is_told_to_all),
    };

    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
