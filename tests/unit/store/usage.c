/* What each owner has: right after any commits, as it was after a group that failed, there again
 * after a restart, counted anew when somebody committed without counting; and what is too much. */
#include "store/usage.h"
#include "support/each_fault.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

enum { ITEMS = 3, BYTES = 400 };

static struct kit kit;
static uint64_t items_most, bytes_most;

static FAULT(TOO_MANY, FAULT_LIMIT, "usage.many", "Too many.");
static FAULT(TOO_BIG, FAULT_LIMIT, "usage.big", "Too big.");

/* "weather/..." is weather's and the world's; what has no '/' is nobody's. */
static size_t owners_of(struct bytes key, struct bytes owners[OWNERS_MOST])
{
    struct bytes rest = key;

    if (bytes_begins(key, LIT("o/")) || !bytes_cut(&rest, '/', &owners[0]))
        return 0;
    owners[1] = LIT("world");
    return 2;
}

static const struct fault *allows(void *ctx, struct bytes owner, const struct used *before,
                                  const struct used *after)
{
    (void)ctx;
    if (bytes_same(owner, LIT("world")))
        return OK;
    if (after->items > items_most && after->items > before->items)
        return TOO_MANY;
    return after->bytes > bytes_most && after->bytes > before->bytes ? TOO_BIG : OK;
}

static const struct owners owners = {NULL, owners_of, allows};

static int setup(void **state)
{
    kit_open(&kit, *state, 0);
    store_close(kit.store);
    kit.settings.owners = &owners;
    assert_ok(store_open(kit.engine, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    items_most = ITEMS;
    bytes_most = BYTES;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_close(&kit);
    return 0;
}

static fallible add(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct used *used = ctx;

    *stop = false;
    used->items++;
    used->bytes += key.n + value.n;
    return OK;
}

static void assert_counted(const char *owner)
{
    const struct used is = store_used(kit.store, bytes_of(owner));
    struct txn *txn = kit_begin(&kit);
    struct used should = {0};
    char prefix[16];

    (void)snprintf(prefix, sizeof prefix, "%s/", owner);
    assert_ok(txn_scan(txn, bytes_of(prefix), LIT(""), add, &should));
    txn_end(txn);
    assert_int_equal(is.items, should.items);
    assert_int_equal(is.bytes, should.bytes);
}

static void test_it_follows_any_commits(void **state)
{
    unsigned seed = 11;

    (void)state;
    items_most = bytes_most = 1000000;
    for (int i = 0; i < 300; i++) {
        char key[16], value[64] = {0};

        seed = seed * 1103515245U + 12345U;
        (void)snprintf(key, sizeof key, "%s/%u", (seed >> 8) % 3 == 0 ? "sun" : "rain",
                       (seed >> 16) % 20);
        memset(value, 'v', (seed >> 12) % 60);
        assert_ok((seed >> 20) % 4 == 0 ? kit_drop(&kit, key) : kit_put(&kit, key, value));
    }
    assert_ok(kit_put(&kit, "nobody's", "x"));
    assert_counted("sun");
    assert_counted("rain");
    assert_int_equal(store_used(kit.store, LIT("world")).items,
                     store_used(kit.store, LIT("sun")).items +
                         store_used(kit.store, LIT("rain")).items);
    assert_int_equal(store_used(kit.store, LIT("snow")).items, 0);
}

static void put_some(const char *owner, int n)
{
    for (int i = 0; i < n; i++) {
        char key[16];

        (void)snprintf(key, sizeof key, "%s/%d", owner, i);
        assert_ok(kit_put(&kit, key, "1234567890"));
    }
}

static void test_one_more_is_refused(void **state)
{
    struct txn *txn;

    (void)state;
    put_some("sun", ITEMS);
    assert_fault(kit_put(&kit, "sun/more", "x"), TOO_MANY);
    assert_null(kit_get(&kit, "sun/more").at);
    assert_ok(kit_put(&kit, "sun/0", "another"));
    assert_ok(kit_put(&kit, "rain/0", "x"));
    txn = kit_begin(&kit);
    assert_ok(txn_drop(txn, LIT("sun/0")));
    assert_ok(txn_put(txn, LIT("sun/more"), LIT("x")));
    assert_ok(kit_commit(&kit, kit_packed(&kit, txn)));
    assert_counted("sun");
    assert_ok(kit_drop(&kit, "sun/more"));
    assert_ok(kit_put(&kit, "sun/again", "x"));
    assert_fault(kit_put(&kit, "sun/more", "x"), TOO_MANY);
    assert_counted("sun");
}

static void test_bytes_are_bounded(void **state)
{
    char value[BYTES + 1] = {0};

    (void)state;
    memset(value, 'v', BYTES - 5);
    assert_ok(kit_put(&kit, "sun/a", value)); /* with its key to the byte */
    assert_fault(kit_put(&kit, "sun/b", ""), TOO_BIG);
    memset(value, 'v', BYTES - 4);
    assert_fault(kit_put(&kit, "sun/a", value), TOO_BIG);
    value[10] = '\0';
    assert_ok(kit_put(&kit, "sun/a", value));
    assert_ok(kit_put(&kit, "sun/b", ""));
    assert_counted("sun");
}

/* A quota that was lowered keeps nobody from going back. */
static void test_who_has_too_much_may_have_less(void **state)
{
    (void)state;
    put_some("sun", ITEMS);
    items_most = 1;
    bytes_most = 10;
    assert_fault(kit_put(&kit, "sun/more", ""), TOO_MANY);
    assert_fault(kit_put(&kit, "sun/0", "12345678901"), TOO_BIG);
    assert_ok(kit_put(&kit, "sun/0", "1234567890"));
    assert_ok(kit_put(&kit, "sun/0", "1"));
    assert_ok(kit_drop(&kit, "sun/0"));
    assert_counted("sun");
}

/* Each is judged by what those before it in the group left. */
static void test_a_group_is_judged_one_by_one(void **state)
{
    struct batch *group[ITEMS + 2];
    struct txn *txn;

    (void)state;
    for (int i = 0; i < ITEMS + 1; i++) {
        char key[16];

        (void)snprintf(key, sizeof key, "sun/%d", i);
        txn = kit_begin(&kit);
        assert_ok(txn_put(txn, bytes_of(key), LIT("x")));
        group[i] = kit_packed(&kit, txn);
    }
    txn = kit_begin(&kit);
    assert_ok(txn_put(txn, LIT("rain/0"), LIT("x")));
    group[ITEMS + 1] = kit_packed(&kit, txn);
    assert_ok(store_commit(kit.store, group, ITEMS + 2, 0));
    for (int i = 0; i < ITEMS; i++)
        assert_ok(group[i]->outcome);
    assert_fault(group[ITEMS]->outcome, TOO_MANY);
    assert_int_equal(group[ITEMS]->number, 0);
    assert_ok(group[ITEMS + 1]->outcome);
    assert_counted("sun");
    assert_counted("rain");
}

static bool put_under_faults(void *ctx)
{
    struct batch batch = {0}, *group[] = {&batch};
    struct txn *txn;
    bool packed;

    (void)ctx;
    if (store_begin(kit.reader, kit.arena, &txn) != OK)
        return false;
    packed = txn_put(txn, LIT("sun/b"), LIT("new")) == OK && txn_drop(txn, LIT("sun/a")) == OK &&
             txn_pack(txn, &batch) == OK;
    txn_end(txn);
    return packed && store_commit(kit.store, group, 1, 0) == OK;
}

static void look_after_faults(void *ctx, bool succeeded)
{
    (void)ctx;
    assert_counted("sun");
    assert_int_equal(store_used(kit.store, LIT("sun")).items, 1);
    if (!succeeded)
        assert_null(kit_get(&kit, "sun/b").at);
    assert_ok(kit_drop(&kit, "sun/b"));
    assert_ok(kit_put(&kit, "sun/a", "x"));
}

static void test_a_group_that_fails_counts_for_nothing(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "sun/a", "x"));
    assert_true(each_fault("a commit that is counted", put_under_faults, look_after_faults, NULL) >=
                3);
}

static void test_it_outlives_the_process(void **state)
{
    struct change change = {LIT("sun/past us"), LIT("x")};
    struct batch batch = {.changes = &change, .change_count = 1}, *group[] = {&batch};

    (void)state;
    put_some("sun", 2);
    put_some("rain", 1);
    kit_reopen(&kit);
    assert_counted("sun");
    assert_ok(kit_put(&kit, "sun/2", "1234567890"));
    assert_fault(kit_put(&kit, "sun/3", ""), TOO_MANY);
    assert_ok(kit_drop(&kit, "sun/2"));
    kit.settings.owners = NULL; /* who does not count */
    kit_reopen(&kit);
    assert_ok(store_commit(kit.store, group, 1, 0));
    assert_int_equal(store_used(kit.store, LIT("sun")).items, 0);
    kit.settings.owners = &owners;
    kit_reopen(&kit);
    assert_int_equal(store_used(kit.store, LIT("sun")).items, ITEMS);
    assert_counted("sun");
    assert_counted("rain");
    assert_fault(kit_put(&kit, "sun/3", ""), TOO_MANY);
}

static int run(const char *name, const struct engine *engine, bool outlives)
{
#define CASE(fn)                                            \
    {                                                       \
#fn, fn, setup, teardown, (void *)(uintptr_t)engine \
    }
    const struct CMUnitTest tests[] = {
        CASE(test_it_follows_any_commits),
        CASE(test_one_more_is_refused),
        CASE(test_bytes_are_bounded),
        CASE(test_who_has_too_much_may_have_less),
        CASE(test_a_group_is_judged_one_by_one),
        CASE(test_a_group_that_fails_counts_for_nothing),
        CASE(test_it_outlives_the_process),
    };

    return _cmocka_run_group_tests(name, tests, sizeof tests / sizeof *tests - !outlives, NULL,
                                   NULL);
}

int main(void)
{
    return run("store/usage, memory", &engine_memory, false) +
           run("store/usage, lmdb", &engine_lmdb, true);
}
