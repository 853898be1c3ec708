/* batch: what cannot be read stands beside what can, and nothing of it remains in the call. */
#include "nouns_kit.h"
#include "support/each_fault.h"

static struct secret_batch_out out;

static void make(const char *name, const char *value)
{
    struct secret_create_out made;
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = LIT("11111111-1111-1111-1111-111111111111"),
                                        .text = value_of(value)};

    assert_ok(ask(&secret_create, &in, &made));
}

static int two(void **state)
{
    nouns_up(state);
    make("a", "one");
    make("b", "two");
    return 0;
}

static const struct bytes ids[] = {
    {(const uint8_t *)"b", 1}, {(const uint8_t *)"nobody", 6}, {(const uint8_t *)"a", 1}};
static const struct secret_batch_in all = {.ids = {ids, 3}};

static void test_beside_each_other(void **state)
{
    (void)state;
    assert_ok(ask(&secret_batch, &all, &out));
    assert_int_equal(out.values.n, 2);
    assert_value(out.values.at[0].text, "two");
    assert_value(out.values.at[1].text, "one");
    assert_int_equal(out.errors.n, 1);
    assert_bytes(out.errors.at[0].id, LIT("nobody"));
    assert_bytes(out.errors.at[0].code, LIT("secret.absent")); /* nobody set the wire's words */
    assert_int_equal(nouns.last->subjects.n, 0);
    assert_int_equal(nouns.last->detail.n, 0);
}

static void test_marked_as_read(void **state)
{
    const struct secret_describe_in in = {.id = LIT("a")};
    struct secret_item item;

    (void)state;
    assert_ok(ask(&secret_batch, &all, &out));
    worker_tick(nouns.house.worker, nouns.now);
    assert_ok(ask(&secret_describe, &in, &item));
    assert_int_not_equal(item.last_accessed.ms, 0);
}

static void test_which(void **state)
{
    const struct bytes value = LIT("a");
    const struct secret_filter filter = {.key = LIT("name"), .values = {&value, 1}};
    struct secret_batch_in in = all;

    (void)state;
    assert_fault(ask(&secret_batch, &(struct secret_batch_in){0}, &out), SECRET_BATCH_WHICH);
    in.max = (struct maybe_int){5, true};
    assert_fault(ask(&secret_batch, &in, &out), SECRET_BATCH_PAGE);
    assert_bytes(subject(0), LIT("MaxResults"));
    in.filters.at = &filter;
    in.filters.n = 1;
    assert_fault(ask(&secret_batch, &in, &out), SECRET_BATCH_WHICH);
    in.ids.n = 0;
    assert_ok(ask(&secret_batch, &in, &out));
    assert_int_equal(out.values.n, 1);
    assert_value(out.values.at[0].text, "one");
}

/* No room for values: the request as a whole may be asked again. */
static void test_no_room_is_told_of_the_whole(void **state)
{
    struct arena *arena = arena_open(1 << 20);
    const struct fault *fault = OK;
    struct sensitive *taken;

    (void)state;
    for (size_t n = 1 << 16; n > 0; n /= 2)
        while ((fault = sensitive_new(arena, n, &taken)) == OK)
            continue;
    assert_fault(fault, SENSITIVE_FULL);
    assert_fault(ask(&secret_batch, &all, &out), SENSITIVE_FULL);
    arena_close(arena);
    assert_ok(ask(&secret_batch, &all, &out));
}

static bool try_batch(void *ctx)
{
    (void)ctx;
    return ask(&secret_batch, &all, &out) == OK;
}

/* Of each id there is a value or a reason, whatever went wrong. */
static void all_accounted_for(void *ctx, bool succeeded)
{
    (void)ctx;
    if (!succeeded)
        return;
    assert_int_equal(out.values.n + out.errors.n, 3);
    for (size_t i = 0; i < out.values.n; i++)
        assert_non_null(out.values.at[i].text);
    for (size_t i = 0; i < out.errors.n; i++)
        assert_true(out.errors.at[i].code.n > 0 && out.errors.at[i].message.n > 0);
}

static void test_each_fault(void **state)
{
    (void)state;
    assert_true(each_fault("secret.batch", try_batch, all_accounted_for, NULL) > 20);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, two, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_beside_each_other),
        CASE(test_marked_as_read),
        CASE(test_which),
        CASE(test_no_room_is_told_of_the_whole),
        CASE(test_each_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
