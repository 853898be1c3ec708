/* The sum that stands for all items: right after any commits, left alone by a group that fails, and
 * wrong after any item was put back, moved, dropped or added past us. */
#include "store/weigh.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static struct kit kit;

/* FNV with 32 starts: enough to tell items apart, no key needed here. */
static void weigh(void *ctx, struct bytes key, uint64_t revision, struct bytes value,
                  uint8_t out[32])
{
    (void)ctx;
    for (unsigned i = 0; i < 32; i++) {
        uint64_t h = 14695981039346656037U + i;

        for (size_t k = 0; k < key.n; k++)
            h = (h ^ key.at[k]) * 1099511628211U;
        h = (h ^ 256 ^ revision) * 1099511628211U;
        for (size_t k = 0; k < value.n; k++)
            h = (h ^ value.at[k]) * 1099511628211U;
        h = (h ^ h >> 29) * 11400714819323198485U;
        out[i] = (uint8_t)(h >> 32);
    }
}

static const struct weigher weigher = {NULL, weigh};

static int setup(void **state)
{
    (void)state;
    kit_open(&kit, &engine_lmdb, 0);
    store_close(kit.store);
    kit.settings.weigher = &weigher;
    kit.settings.weigh_anew = true;
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    kit.settings.weigh_anew = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_close(&kit);
    return 0;
}

static bool fits(void)
{
    struct store_verdict verdict = {0};

    assert_ok(store_verify(kit.reader, NULL, NULL, &verdict));
    return verdict.fits;
}

/* --- what somebody does who can write the file, and has no key --- */

static fallible forge(struct bytes key, struct bytes value)
{
    struct change change = {key, value};
    struct batch batch = {.changes = &change, .change_count = 1}, *group[] = {&batch};

    return store_commit(kit.store, group, 1, 0);
}

/* The forger's own engine keeps no sum; the commit number is set on by it, as by anybody, so the
 * sum's row is of another commit too. */
static const struct fault *forged(struct bytes key, struct bytes value)
{
    const struct engine_settings honest = kit.settings;
    const struct fault *fault;

    store_close(kit.store);
    kit.settings.weigher = NULL;
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(forge(key, value));
    store_close(kit.store);
    kit.settings = honest;
    kit.store = NULL;
    fault = store_open(&engine_lmdb, &kit.settings, &kit.store);
    kit.settings.weigher = NULL;
    if (fault != OK)
        assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    return fault;
}

static void test_the_sum_follows_any_commits(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int i = 0; i < 400; i++) {
        char key[8], value[12];

        seed = seed * 1103515245U + 12345U;
        (void)snprintf(key, sizeof key, "k%u", (seed >> 16) % 40);
        (void)snprintf(value, sizeof value, "%u", seed);
        if ((seed >> 24) % 3 == 0)
            assert_ok(kit_drop(&kit, key));
        else
            assert_ok(kit_put(&kit, key, value));
        if (i % 50 == 0) {
            assert_true(fits());
            kit_reopen(&kit);
        }
    }
    assert_true(fits());
}

static void test_drop_takes_from_the_sum(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "a", "1"));
    assert_ok(kit_put(&kit, "b", "2"));
    assert_ok(kit_drop(&kit, "a"));
    assert_true(fits());
}

static void test_an_outbox_row_weighs_nothing(void **state)
{
    struct batch *batch = kit_packed(&kit, kit_begin(&kit));

    (void)state;
    batch->note = LIT("a line");
    assert_ok(kit_commit(&kit, batch));
    assert_true(fits());
}

static void test_a_group_that_fails_leaves_the_sum(void **state)
{
    static uint8_t big[512];
    struct change changes[] = {{LIT("a"), LIT("2")}, {{big, sizeof big}, LIT("x")}};
    struct batch batch = {.changes = changes, .change_count = 2}, *group[] = {&batch};

    (void)state;
    memset(big, 'k', sizeof big);
    assert_ok(kit_put(&kit, "a", "1"));
    assert_fault(store_commit(kit.store, group, 1, 0), STORE_KEY);
    assert_true(fits());
    assert_ok(kit_put(&kit, "a", "3"));
    assert_true(fits());
}

static void test_a_change_past_us_is_refused(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "a", "1"));
    assert_fault(forged(LIT("a"), LIT("0")), STORE_UNWEIGHED);
}

/* Sums of two stores that differ in one thing only. */
static bool told_apart(const struct item *one, const struct item *other)
{
    struct sum a = {0}, b = {0};

    sum_add(&weigher, &a, one);
    if (other != NULL)
        sum_add(&weigher, &b, other);
    return memcmp(&a, &b, sizeof a) != 0;
}

static void test_put_back_moved_and_dropped_differ(void **state)
{
    const struct item is = {LIT("a"), LIT("new"), 9};

    (void)state;
    assert_false(told_apart(&is, &is));
    assert_true(told_apart(&is, &(struct item){LIT("a"), LIT("old"), 4}));
    assert_true(told_apart(&is, &(struct item){LIT("a"), LIT("new"), 4}));
    assert_true(told_apart(&is, &(struct item){LIT("b"), LIT("new"), 9}));
    assert_true(told_apart(&is, NULL));
}

static void test_a_stored_sum_is_of_one_commit(void **state)
{
    const struct sum sum = {{1, UINT64_MAX, 3, UINT64_MAX}};
    uint8_t row[SUM_ROW];
    struct sum back;

    (void)state;
    sum_close(&weigher, &sum, 5, row);
    assert_true(sum_open(&weigher, (struct bytes){row, SUM_ROW}, 5, &back));
    assert_memory_equal(&back, &sum, sizeof sum);
    assert_false(sum_open(&weigher, (struct bytes){row, SUM_ROW}, 6, &back));
    assert_false(sum_open(&weigher, (struct bytes){row, SUM_ROW - 1}, 5, &back));
    for (size_t i = 0; i < SUM_ROW; i++) {
        row[i] ^= 1;
        assert_false(sum_open(&weigher, (struct bytes){row, SUM_ROW}, 5, &back));
        row[i] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_sum_follows_any_commits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drop_takes_from_the_sum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_outbox_row_weighs_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_group_that_fails_leaves_the_sum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_change_past_us_is_refused, setup, teardown),
        cmocka_unit_test(test_put_back_moved_and_dropped_differ),
        cmocka_unit_test(test_a_stored_sum_is_of_one_commit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
