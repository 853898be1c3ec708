/* rotation: when the next one is due, as time goes on: after a value is put, after a label is moved
 * back, off and on again, and when nobody carries it out. */
#include "nouns_kit.h"

#include "codec/date.h"
#include "support/each_fault.h"

#define V1    "11111111-1111-1111-1111-111111111111"
#define V2    "22222222-2222-2222-2222-222222222222"
#define V3    "33333333-3333-3333-3333-333333333333"
#define ARN   "arn:aws:lambda:eu-west-1:123456789012:function:rotate"
#define START INT64_C(1767225600000) /* nouns.now: 2026-01-01T00:00:00Z */

static void create(void)
{
    struct secret_create_out out;
    const struct secret_create_in in = {
        .name = LIT("s"), .token = LIT(V1), .text = value_of("one")};

    assert_ok(ask(&secret_create, &in, &out));
}

static void put(const char *token, const char *stage)
{
    const struct bytes stages[] = {bytes_of(stage)};
    struct secret_put_out out;
    const struct secret_put_in in = {.id = LIT("s"),
                                     .token = bytes_of(token),
                                     .text = value_of(token),
                                     .stages = {stages, stage != NULL}};

    assert_ok(ask(&secret_put, &in, &out));
}

static const struct fault *rotate(const char *schedule, int64_t days)
{
    struct secret_rotate_out out;
    const struct secret_rotate_in in = {.id = LIT("s"),
                                        .token = LIT(V3),
                                        .function = LIT(ARN),
                                        .schedule = bytes_of(schedule),
                                        .days = {days, days != 0},
                                        .at_once = {.said = true}};

    return ask(&secret_rotate, &in, &out);
}

static const struct fault *cancel(void)
{
    const struct secret_cancel_rotation_in in = {LIT("s")};
    struct secret_rotate_out out;

    return ask(&secret_cancel_rotation, &in, &out);
}

static struct secret_item item;

static void look(void)
{
    const struct secret_describe_in in = {LIT("s")};

    assert_ok(ask(&secret_describe, &in, &item));
}

/* The end of the day that is so many after the start. */
static void assert_due(int64_t day)
{
    look();
    assert_int_equal(item.next_rotation.ms, START + (day + 1) * DATE_DAY_MS - 1000);
}

static void later(int64_t days)
{
    nouns.now += days * DATE_DAY_MS + 3600000;
}

static void test_a_value_put_by_hand_counts(void **state)
{
    (void)state;
    create();
    assert_ok(rotate(NULL, 30));
    assert_due(30);
    later(10);
    put(V2, NULL);
    assert_due(40);
    later(5);
    put(V3, "mine"); /* not the current one */
    assert_due(40);
}

static void test_moving_back_is_no_change_of_the_value(void **state)
{
    const struct secret_stage_in back = {
        .id = LIT("s"), .stage = LIT("AWSCURRENT"), .remove_from = LIT(V2), .move_to = LIT(V1)};
    struct secret_stage_out out;

    (void)state;
    create();
    assert_ok(rotate(NULL, 30));
    later(10);
    put(V2, NULL);
    later(1);
    assert_ok(ask(&secret_stage, &back, &out));
    assert_due(40);
}

static void test_off_and_on_again(void **state)
{
    (void)state;
    create();
    assert_ok(rotate(NULL, 30));
    assert_ok(cancel());
    look();
    assert_true(item.rotation_enabled.said && !item.rotation_enabled.value);
    assert_int_equal(item.rotation_days.value, 30);
    assert_int_equal(item.next_rotation.ms, 0);
    put(V2, NULL);
    look();
    assert_int_equal(item.next_rotation.ms, 0);
    later(50);
    assert_ok(rotate("rate(7 days)", 0)); /* overdue: today's window is still open */
    assert_due(50);
    assert_int_equal(item.rotation_days.value, 7);
}

static void test_a_date_may_pass(void **state)
{
    (void)state;
    create();
    assert_ok(rotate("cron(0 8 L * ? *)", 0));
    assert_due(30);
    assert_int_equal(item.rotation_days.value, 28); /* from January's end to February's */
    later(60);
    assert_due(30);
    put(V2, NULL); /* on 2 March */
    assert_due(89);
    assert_int_equal(item.rotation_days.value, 30);
}

static void test_nothing_without_configuration(void **state)
{
    (void)state;
    create();
    look();
    assert_false(item.rotation_enabled.said);
    assert_null(item.schedule.at);
    assert_fault(cancel(), SECRET_NOT_ROTATED);
}

static bool try_rotate(void *ctx)
{
    (void)ctx;
    return rotate("rate(9 days)", 0) == OK;
}

static void on_or_off(void *ctx, bool succeeded)
{
    (void)ctx;
    look();
    assert_true(item.rotation_enabled.said || !succeeded);
    if (item.rotation_enabled.said)
        assert_due(9);
}

static void test_each_fault_of_rotate(void **state)
{
    (void)state;
    create();
    assert_true(each_fault("secret.rotate", try_rotate, on_or_off, NULL) > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_value_put_by_hand_counts),
        TEST(test_moving_back_is_no_change_of_the_value),
        TEST(test_off_and_on_again),
        TEST(test_a_date_may_pass),
        TEST(test_nothing_without_configuration),
        TEST(test_each_fault_of_rotate),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
