/* Transactions: every fault point, the bounds, what is forgotten, what is packed. */
#include "support/each_fault.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

static struct kit kit;

static int setup(void **state)
{
    (void)state;
    kit_open(&kit, &engine_memory, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_close(&kit);
    return 0;
}

static void reads_see_own_writes(void **state)
{
    struct txn *txn = kit_begin(&kit);
    struct bytes value;
    char mine[] = "mine";

    (void)state;
    assert_false(txn_has_writes(txn));
    assert_ok(txn_put(txn, LIT("s/a"), bytes_of(mine)));
    mine[0] = 'x'; /* it was copied */
    assert_true(txn_has_writes(txn));
    assert_ok(txn_get(txn, LIT("s/a"), &value));
    assert_bytes(value, LIT("mine"));
    assert_ok(txn_drop(txn, LIT("s/a")));
    assert_fault(txn_get(txn, LIT("s/a"), &value), STORE_ABSENT);
    txn_forget_writes(txn);
    assert_false(txn_has_writes(txn));
    assert_fault(txn_get(txn, LIT("s/a"), &value), STORE_ABSENT);
}

static void pack_holds_guards_and_changes(void **state)
{
    struct bytes value;
    struct txn *txn;
    struct batch *batch;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    txn = kit_begin(&kit);
    assert_ok(txn_get(txn, LIT("s/a"), &value));
    assert_fault(txn_get(txn, LIT("s/b"), &value), STORE_ABSENT);
    assert_ok(txn_put(txn, LIT("s/c"), LIT("3")));
    assert_ok(txn_get(txn, LIT("s/c"), &value)); /* its own: no guard */
    assert_ok(txn_put(txn, LIT("s/c"), LIT("33")));
    assert_ok(txn_drop(txn, LIT("s/d")));
    batch = kit_packed(&kit, txn);
    assert_int_equal(batch->guard_count, 2);
    assert_bytes(batch->guards[0].key, LIT("s/a"));
    assert_int_equal(batch->guards[0].revision, 1);
    assert_bytes(batch->guards[1].key, LIT("s/b"));
    assert_int_equal(batch->guards[1].revision, 0);
    assert_int_equal(batch->change_count, 2);
    assert_bytes(batch->changes[0].key, LIT("s/c"));
    assert_bytes(batch->changes[0].value, LIT("33"));
    assert_null(batch->changes[1].value.at);
    assert_fault(txn_get(txn, LIT("s/a"), &value), STORE_DOWN); /* the snapshot is closed */
}

static void many_guards(void **state)
{
    struct txn *txn = kit_begin(&kit);
    struct batch batch;
    struct bytes value;
    char key[16];

    (void)state;
    for (int i = 0; i < STORE_GUARDS_MOST; i++) {
        (void)snprintf(key, sizeof key, "s/%d", i);
        assert_fault(txn_get(txn, bytes_of(key), &value), STORE_ABSENT);
    }
    assert_ok(txn_pack(txn, &batch));
    assert_int_equal(batch.guard_count, STORE_GUARDS_MOST);
    assert_bytes(batch.guards[1000].key, LIT("s/1000"));
    txn = kit_begin(&kit);
    for (int i = 0; i <= STORE_GUARDS_MOST; i++)
        assert_fault(txn_get(txn, LIT("s/x"), &value), STORE_ABSENT);
    assert_fault(txn_pack(txn, &batch), STORE_TOO_MUCH);
}

static void changes_are_bounded(void **state)
{
    struct txn *txn = kit_begin(&kit);
    uint8_t *big = calloc(1, STORE_BYTES_MOST);
    char key[16];

    (void)state;
    for (int i = 0; i < STORE_CHANGES_MOST; i++) {
        (void)snprintf(key, sizeof key, "s/%d", i);
        assert_ok(txn_put(txn, bytes_of(key), LIT("x")));
    }
    assert_fault(txn_put(txn, LIT("s/more"), LIT("x")), STORE_TOO_MUCH);
    assert_ok(txn_put(txn, LIT("s/5"), LIT("again")));
    txn_end(txn);
    txn = kit_begin(&kit);
    assert_fault(txn_put(txn, LIT("s/a"), (struct bytes){big, STORE_BYTES_MOST}), STORE_TOO_MUCH);
    assert_ok(txn_put(txn, LIT("s/a"), (struct bytes){big, STORE_BYTES_MOST - 3}));
    assert_fault(txn_put(txn, LIT("s/b"), LIT("")), STORE_TOO_MUCH);
    assert_ok(txn_put(txn, LIT("s/a"), LIT("less"))); /* what is replaced counts no more */
    assert_ok(txn_put(txn, LIT("s/b"), LIT("x")));
    txn_end(txn);
    free(big);
}

static void an_arena_that_ends_ends_the_snapshot(void **state)
{
    const struct arena_mark mark = arena_mark(kit.arena);

    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)kit_begin(&kit);
        arena_rewind(kit.arena, mark);
    }
    assert_ok(kit_put(&kit, "s/a", "1"));
}

/* One request that reads, scans, writes two keys and commits. */
static const struct fault *scan_one(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    (void)ctx, (void)key, (void)value, (void)stop;
    return OK;
}

static const struct fault *request(void)
{
    struct txn *txn;
    struct bytes value;
    struct batch batch = {0};
    struct batch *const group[] = {&batch};
    const struct fault *found;

    TRY(store_begin(kit.reader, kit.arena, &txn));
    found = txn_get(txn, LIT("s/a"), &value);
    ENSURE(found == OK || found == STORE_ABSENT, found);
    TRY(txn_put(txn, LIT("s/a"), LIT("new")));
    TRY(txn_put(txn, LIT("s/b"), LIT("new")));
    TRY(txn_scan(txn, LIT("s/"), LIT(""), scan_one, NULL));
    TRY(txn_pack(txn, &batch));
    batch.note = LIT("note");
    TRY(store_commit(kit.store, group, 1, 0));
    return batch.outcome;
}

static bool request_once(void *ctx)
{
    const struct arena_mark mark = arena_mark(kit.arena);
    const struct fault *fault;

    (void)ctx;
    fault = request();
    arena_rewind(kit.arena, mark);
    return fault == OK;
}

static void old_or_new(void *ctx, bool succeeded)
{
    const char *expected = succeeded ? "new" : "old";

    (void)ctx;
    assert_bytes(kit_get(&kit, "s/a"), bytes_of(expected));
    assert_bytes(kit_get(&kit, "s/b"), bytes_of(expected));
    assert_ok(kit_put(&kit, "s/a", "old"));
    assert_ok(kit_put(&kit, "s/b", "old"));
}

static void each_fault_leaves_old_or_new(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "s/a", "old"));
    assert_ok(kit_put(&kit, "s/b", "old"));
    assert_true(each_fault("txn over memory", request_once, old_or_new, NULL) > 10);
}

static void each_fault_over_lmdb(void **state)
{
    (void)state;
    kit_close(&kit);
    kit_open(&kit, &engine_lmdb, 0);
    assert_ok(kit_put(&kit, "s/a", "old"));
    assert_ok(kit_put(&kit, "s/b", "old"));
    assert_true(each_fault("txn over lmdb", request_once, old_or_new, NULL) > 10);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(reads_see_own_writes),
        CASE(pack_holds_guards_and_changes),
        CASE(many_guards),
        CASE(changes_are_bounded),
        CASE(an_arena_that_ends_ends_the_snapshot),
        CASE(each_fault_leaves_old_or_new),
        CASE(each_fault_over_lmdb),
    };

    return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
