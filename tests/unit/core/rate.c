/* rate: a second's worth at once, then as much as time brings; one's bucket is not another's. */
#include "core/rate.h"

#include "core/identity/identity.h"
#include "core/worker.h"
#include "support/test.h"

enum { NOW = 1000000 };

static struct house house;
static struct worker worker;
static struct arena *arena;

static int up(void **state)
{
    (void)state;
    house = (struct house){.rate_per_principal = 4, .rate_per_account = 6};
    worker = (struct worker){.house = &house};
    arena = arena_open(1 << 20);
    assert_ok(rates_new(arena, &worker.rates));
    assert_ok(rates_new(arena, &worker.account_rates));
    return 0;
}

static int down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static const struct principal ann = {.type = PRINCIPAL_USER,
                                     .id = {(const uint8_t *)"AIDAANN", 7},
                                     .account = {(const uint8_t *)"1", 1}};
static const struct principal ben = {.type = PRINCIPAL_USER,
                                     .id = {(const uint8_t *)"AIDABEN", 7},
                                     .account = {(const uint8_t *)"1", 1}};
static const struct principal eve = {.type = PRINCIPAL_USER,
                                     .id = {(const uint8_t *)"AIDAEVE", 7},
                                     .account = {(const uint8_t *)"2", 1}};
static const struct principal local = {.type = PRINCIPAL_LOCAL, .id = {(const uint8_t *)"0", 1}};

/* How many of so many requests at one moment are let through. */
static int let_through(const struct principal *who, int asked, int64_t now)
{
    const struct call c = {.worker = &worker, .who = who, .now = now};
    int n = 0;

    for (int i = 0; i < asked; i++)
        n += rate_take(&c) == OK;
    return n;
}

static void test_one_principal(void **state)
{
    (void)state;
    assert_int_equal(let_through(&ann, 10, NOW), 4);
    assert_int_equal(let_through(&ann, 10, NOW + 249), 0);
    assert_int_equal(let_through(&ann, 10, NOW + 500), 2);
    assert_int_equal(let_through(&ann, 10, NOW + 60000), 4);
}

static void test_says_why(void **state)
{
    const struct call c = {.worker = &worker, .who = &ann, .now = NOW};

    (void)state;
    assert_int_equal(let_through(&ann, 4, NOW), 4);
    assert_fault(rate_take(&c), THROTTLED);
}

static void test_others_and_their_account(void **state)
{
    (void)state;
    assert_int_equal(let_through(&ann, 10, NOW), 4);
    assert_int_equal(let_through(&ben, 10, NOW), 2); /* what the account has left */
    assert_int_equal(let_through(&eve, 10, NOW), 4);
}

static void test_an_equal_part_a_loop(void **state)
{
    (void)state;
    house.loops = 3;
    assert_int_equal(let_through(&ann, 10, NOW), 2);
}

static void test_no_bound(void **state)
{
    (void)state;
    assert_int_equal(let_through(&local, 100, NOW), 100);
    house.rate_per_principal = house.rate_per_account = 0;
    assert_int_equal(let_through(&ann, 100, NOW), 100);
}

static void test_a_clock_set_back(void **state)
{
    (void)state;
    assert_int_equal(let_through(&ann, 10, NOW), 4);
    assert_int_equal(let_through(&ann, 10, NOW - 5000), 0);
    assert_int_equal(let_through(&ann, 10, NOW - 4500), 2);
}

/* More names than there are places: the memory is bounded, nobody is refused for it. */
static void test_many_names(void **state)
{
    (void)state;
    house.rate_per_account = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        const struct principal who = {.type = PRINCIPAL_USER,
                                      .id = {(const uint8_t *)&i, sizeof i}};

        assert_int_equal(let_through(&who, 1, NOW + i), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_principal, up, down),
        cmocka_unit_test_setup_teardown(test_says_why, up, down),
        cmocka_unit_test_setup_teardown(test_others_and_their_account, up, down),
        cmocka_unit_test_setup_teardown(test_an_equal_part_a_loop, up, down),
        cmocka_unit_test_setup_teardown(test_no_bound, up, down),
        cmocka_unit_test_setup_teardown(test_a_clock_set_back, up, down),
        cmocka_unit_test_setup_teardown(test_many_names, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
