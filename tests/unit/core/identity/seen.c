/* seen: the same signature again, soon and late; another's; and more than are remembered. */
#include "core/identity/seen.h"

#include "nouns_kit.h"

#include <pthread.h>
#include <stdio.h>

static struct seen *seen;

static int up(void **state)
{
    (void)state;
    kit_start();
    assert_ok(seen_open(SEEN_GRACE_MS, &seen));
    return 0;
}

static int down(void **state)
{
    (void)state;
    seen_close(seen);
    return 0;
}

static struct bytes signature(uint32_t n, char text[65])
{
    (void)snprintf(text, 65, "%064x", n);
    return (struct bytes){(uint8_t *)text, 64};
}

static bool before(uint32_t n, int64_t ms)
{
    char text[65];

    return seen_before(seen, signature(n, text), ms);
}

static void add(uint32_t n, int64_t ms)
{
    char text[65];

    seen_add(seen, signature(n, text), ms);
}

static void test_the_same_is_known_when_it_comes_late(void **state)
{
    const int64_t start = INT64_C(86400000) * 300;

    (void)state;
    assert_false(before(1, start));
    assert_false(before(1, start)); /* asking is not making */
    add(1, start);
    assert_false(before(1, start));
    assert_false(before(1, start + SEEN_GRACE_MS - 1000));
    assert_true(before(1, start + SEEN_GRACE_MS));
    assert_true(before(1, start + 600000));
    assert_false(before(2, start + 600000));
    add(1, start + 1000); /* the first counts */
    assert_true(before(1, start + SEEN_GRACE_MS));
}

/* Two threads have the same one at once: the other's clock reading is of the second before. */
static void test_the_other_of_two_at_once_is_let_through(void **state)
{
    (void)state;
    add(1, 5000);
    assert_false(before(1, 4999));
    assert_true(before(1, 5000 + SEEN_GRACE_MS));
}

static void test_none_is_known_where_none_is_kept(void **state)
{
    (void)state;
    seen_add(NULL, LIT("a"), 0);
    assert_false(seen_before(NULL, LIT("a"), 1000000));
}

/* Bounded: the oldest are forgotten, the newest are not. */
static void test_more_than_it_remembers(void **state)
{
    const uint32_t many = SEEN_MOST * 2, last = SEEN_MOST / 8;
    size_t early = 0, late = 0;

    (void)state;
    for (uint32_t n = 0; n < many; n++)
        add(n, n / 100);
    for (uint32_t n = 0; n < last; n++) {
        early += before(n, 10000000);
        late += before(many - 1 - n, 10000000);
    }
    assert_in_range(early, 0, last / 100);
    assert_in_range(late, last - last / 1000, last);
}

static void *add_some(void *from)
{
    for (uint32_t n = 0; n < 20000; n++)
        add((uint32_t)(uintptr_t)from + n, 0);
    return NULL;
}

static void test_threads_share_it(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_some, (void *)(i * 10000)), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (uint32_t n = 0; n < 50000; n++)
        assert_true(before(n, 100000));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_same_is_known_when_it_comes_late),
        CASE(test_the_other_of_two_at_once_is_let_through),
        CASE(test_none_is_known_where_none_is_kept),
        CASE(test_more_than_it_remembers),
        CASE(test_threads_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
