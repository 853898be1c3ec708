/* guesses: what a repeated token tells of a value is told a few times a minute (SECURITY 20). */
#include "core/audit/tally.h"
#include "core/worker.h"
#include "nouns_kit.h"

#define TOKEN "11111111-1111-1111-1111-111111111111"

static const int64_t minute = 60000;

static const struct fault *put(const char *id, const char *value)
{
    struct secret_put_out out;
    const struct secret_put_in in = {
        .id = bytes_of(id), .token = LIT(TOKEN), .text = value_of(value)};

    return ask(&secret_put, &in, &out);
}

static void make(const char *name)
{
    struct secret_create_out out;
    const struct secret_create_in in = {
        .name = bytes_of(name), .token = LIT(TOKEN), .text = value_of("the value")};

    assert_ok(ask(&secret_create, &in, &out));
}

static int up(void **state)
{
    int code = nouns_up(state);

    make("a");
    make("b");
    nouns.now = 1000 * minute;
    return code;
}

static void guess_all(const char *id)
{
    for (int i = 0; i < TALLY_SINGLY; i++)
        assert_fault(put(id, "a guess"), SECRET_TOKEN_USED);
}

static void test_after_ten_not_even_the_right_one_is_told(void **state)
{
    (void)state;
    guess_all("a");
    assert_fault(put("a", "a guess"), SECRET_GUESSES);
    assert_fault(put("a", "the value"), SECRET_GUESSES);
}

static void test_by_every_operation(void **state)
{
    struct secret_update_out out;
    const struct secret_update_in in = {
        .id = LIT("a"), .token = LIT(TOKEN), .text = value_of("the value")};
    struct secret_create_out made;
    const struct secret_create_in again = {
        .name = LIT("a"), .token = LIT(TOKEN), .text = value_of("the value")};

    (void)state;
    assert_ok(ask(&secret_update, &in, &out));
    assert_ok(ask(&secret_create, &again, &made));
    guess_all("a");
    assert_fault(ask(&secret_update, &in, &out), SECRET_GUESSES);
    assert_fault(ask(&secret_create, &again, &made), SECRET_GUESSES);
}

static void test_another_secret_is_not_touched(void **state)
{
    (void)state;
    guess_all("a");
    assert_ok(put("b", "the value"));
    assert_fault(put("b", "a guess"), SECRET_TOKEN_USED);
}

static void test_the_next_minute_begins_anew(void **state)
{
    (void)state;
    guess_all("a");
    nouns.now += minute - 1;
    assert_fault(put("a", "the value"), SECRET_GUESSES);
    nouns.now++;
    assert_ok(put("a", "the value"));
    guess_all("a");
    assert_fault(put("a", "the value"), SECRET_GUESSES);
}

static void test_repeating_the_right_one_is_no_guess(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * TALLY_SINGLY; i++)
        assert_ok(put("a", "the value"));
    assert_fault(put("a", "a guess"), SECRET_TOKEN_USED);
}

/* A thousand rows: more secrets than that share one, and none gets more guesses for it. */
static void test_a_full_table_counts_together(void **state)
{
    struct tally *table;
    size_t alone = 0, spent = 0;

    (void)state;
    assert_ok(tally_open(&table));
    for (uint32_t i = 0; i < 5000; i++)
        alone +=
            tally_admit(table, (struct bytes){(uint8_t *)&i, sizeof i}, SECRET_GUESSES, nouns.now);
    assert_in_range(alone, 900, 1024 + TALLY_SINGLY);
    for (uint32_t i = 5000; i < 5100; i++)
        spent +=
            tally_spent(table, (struct bytes){(uint8_t *)&i, sizeof i}, SECRET_GUESSES, nouns.now);
    assert_in_range(spent, 90, 100); /* but for those whose own row is free */
    for (uint32_t i = 0; i < 5100; i++)
        assert_false(tally_spent(table, (struct bytes){(uint8_t *)&i, sizeof i}, SECRET_GUESSES,
                                 nouns.now + minute));
    tally_close(table);
}

/* As a server has them: who guesses on every loop gets no more guesses for it. */
static void test_workers_share_their_count(void **state)
{
    struct worker *const first = nouns.house.worker;
    struct tally *shared;
    struct worker *second;

    (void)state;
    assert_ok(tally_open(&shared));
    nouns.house.house.guesses = shared;
    assert_ok(worker_open(&nouns.house.house, NULL, &second));
    nouns.house.worker = second;
    guess_all("a");
    assert_fault(put("a", "the value"), SECRET_GUESSES);
    nouns_end();
    worker_close(second);
    assert_ok(worker_open(&nouns.house.house, NULL, &second));
    nouns.house.worker = second;
    assert_fault(put("a", "the value"), SECRET_GUESSES);
    nouns_end();
    worker_close(second);
    nouns.house.worker = first;
    nouns.house.house.guesses = NULL;
    tally_close(shared);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_after_ten_not_even_the_right_one_is_told),
        CASE(test_by_every_operation),
        CASE(test_another_secret_is_not_touched),
        CASE(test_the_next_minute_begins_anew),
        CASE(test_repeating_the_right_one_is_no_guess),
        CASE(test_workers_share_their_count),
        CASE(test_a_full_table_counts_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
