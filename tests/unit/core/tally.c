/* tally: ten singly, the rest in one sum; strangers fill neither the journal nor the memory. */
#include "core/audit/tally.h"
#include "support/test.h"

#include <pthread.h>
#include <stdio.h>

enum { MINUTE = 60000 };

static const struct fault BAD[1] = {{FAULT_UNKNOWN, "test.bad", "Bad."}};
static const struct fault WORSE[1] = {{FAULT_UNKNOWN, "test.worse", "Worse."}};
static struct tally *tally;

static int up(void **state)
{
    (void)state;
    assert_ok(tally_open(&tally));
    return 0;
}

static int down(void **state)
{
    (void)state;
    tally_close(tally);
    return 0;
}

static size_t admitted(struct bytes who, const struct fault *why, int64_t now, size_t times)
{
    size_t n = 0;

    for (size_t i = 0; i < times; i++)
        n += tally_admit(tally, who, why, now);
    return n;
}

static void test_ten_singly_and_the_rest_summed(void **state)
{
    struct tally_sum sum;

    (void)state;
    assert_int_equal(admitted(LIT("192.0.2.1"), BAD, 5 * MINUTE, 25), TALLY_SINGLY);
    assert_int_equal(admitted(LIT("192.0.2.1"), WORSE, 5 * MINUTE, 3), 3); /* by reason */
    assert_int_equal(admitted(LIT("192.0.2.2"), BAD, 5 * MINUTE, 3), 3);   /* by address */
    assert_false(tally_next_sum(tally, 5 * MINUTE + 59999, &sum)); /* the minute is not over */
    assert_true(tally_next_sum(tally, 6 * MINUTE, &sum));
    assert_bytes(sum.key, LIT("192.0.2.1"));
    assert_ptr_equal(sum.reason, BAD);
    assert_int_equal(sum.count, 15);
    assert_int_equal(sum.minute, 5);
    assert_false(tally_next_sum(tally, 6 * MINUTE, &sum)); /* told once */
    assert_int_equal(admitted(LIT("192.0.2.1"), BAD, 6 * MINUTE, 25), TALLY_SINGLY);
}

/* Each of many addresses a few times: what finds no place is counted together, nothing is lost, and
 * the total of what is written singly stays bounded. */
static void test_many_addresses(void **state)
{
    enum { ADDRESSES = 20000, EACH = 12 };
    uint64_t single = 0, summed = 0;
    struct tally_sum sum;
    char who[24];

    (void)state;
    for (int i = 0; i < ADDRESSES * EACH; i++) {
        (void)snprintf(who, sizeof who, "2001:db8::%x", (unsigned)(i % ADDRESSES));
        single += tally_admit(tally, bytes_of(who), BAD, MINUTE);
    }
    while (tally_next_sum(tally, 2 * MINUTE, &sum))
        summed += sum.count;
    assert_int_equal(single + summed, ADDRESSES * EACH);
    assert_true(single <= 1025 * TALLY_SINGLY);
}

/* An untold sum is not overwritten, and its place is free again once it was told. */
static void test_a_sum_keeps_its_place_until_it_is_told(void **state)
{
    struct tally_sum sum;

    (void)state;
    assert_int_equal(admitted(LIT("a"), BAD, MINUTE, 11), TALLY_SINGLY);
    assert_int_equal(admitted(LIT("a"), BAD, 2 * MINUTE, 2), 2); /* in the common place */
    assert_true(tally_next_sum(tally, 2 * MINUTE, &sum));
    assert_int_equal(sum.count, 1);
    assert_int_equal(sum.minute, 1);
    assert_false(tally_next_sum(tally, 3 * MINUTE, &sum));
    assert_int_equal(admitted(LIT("a"), BAD, 4 * MINUTE, 11), TALLY_SINGLY);
}

static void test_spent_counts_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_false(tally_spent(tally, LIT("s"), BAD, MINUTE));
    assert_int_equal(admitted(LIT("s"), BAD, MINUTE, TALLY_SINGLY - 1), TALLY_SINGLY - 1);
    assert_false(tally_spent(tally, LIT("s"), BAD, MINUTE));
    assert_true(tally_admit(tally, LIT("s"), BAD, MINUTE));
    assert_true(tally_spent(tally, LIT("s"), BAD, MINUTE));
    assert_false(tally_spent(tally, LIT("s"), WORSE, MINUTE));
    assert_false(tally_spent(tally, LIT("s"), BAD, 2 * MINUTE));
}

static void *ask(void *admitted_)
{
    size_t *const n = admitted_;

    *n = admitted(LIT("shared"), BAD, MINUTE, 1000);
    return NULL;
}

static void test_threads_share_it(void **state)
{
    pthread_t threads[4];
    size_t n[4], sum = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &n[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        sum += n[i];
    }
    assert_int_equal(sum, TALLY_SINGLY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_ten_singly_and_the_rest_summed),
        CASE(test_many_addresses),
        CASE(test_a_sum_keeps_its_place_until_it_is_told),
        CASE(test_spent_counts_nothing),
        CASE(test_threads_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
