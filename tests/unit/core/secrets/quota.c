/* quota: what an account has is counted with each change, and one more than it may have is refused;
 * on either side of each bound (SECURITY 31). */
#include "core/quota.h"

#include "core/worker.h"
#include "nouns_kit.h"
#include "store/drive.h"

#include <stdio.h>

static struct quotas *quotas(void)
{
    return &nouns.house.house.quotas;
}

static struct quota_use in_use(void)
{
    struct quota_use use;

    quota_use(&nouns.house.house, &use);
    return use;
}

static const struct fault *make(const char *name, const char *value)
{
    struct secret_create_out out;
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = LIT("11111111-1111-1111-1111-111111111111"),
                                        .text = value_of(value)};

    return ask(&secret_create, &in, &out);
}

static const struct fault *put(const char *name, const char *value)
{
    static unsigned count;
    struct secret_put_out out;
    char token[40];
    struct secret_put_in in = {.id = bytes_of(name), .text = value_of(value)};

    (void)snprintf(token, sizeof token, "22222222-2222-2222-2222-%012u", ++count);
    in.token = bytes_of(token);
    return ask(&secret_put, &in, &out);
}

static void destroy(const char *name)
{
    struct secret_delete_out out;
    const struct secret_delete_in in = {.id = bytes_of(name), .force = {true, true}};

    assert_ok(ask(&secret_delete, &in, &out));
}

/* Each has one row by its last access, and each row's letter is its table. */
static void assert_counted(uint64_t secrets)
{
    const struct quota_use use = in_use();
    const char *const tables = "AGursbnvx";
    size_t rows = 0;

    nouns_end();
    for (const char *table = tables; *table != '\0'; table++)
        rows += nouns_records(*table);
    assert_int_equal(use.secrets, secrets);
    assert_int_equal(use.all.items, rows - secrets);
    assert_true(use.all.bytes > use.all.items);
}

static void test_all_is_counted(void **state)
{
    const uint64_t before = in_use().all.bytes;

    (void)state;
    assert_counted(0);
    assert_ok(make("a", "value"));
    assert_ok(make("b", "value"));
    assert_counted(2);
    assert_ok(put("a", "another"));
    assert_ok(put("a", "and another"));
    assert_counted(2);
    destroy("a");
    assert_counted(1);
    destroy("b");
    assert_counted(0);
    assert_int_equal(in_use().all.bytes, before);
}

static void test_one_secret_more_is_refused(void **state)
{
    (void)state;
    quotas()->secrets = 2;
    assert_ok(make("a", "value"));
    assert_int_equal(in_use().percent, 50);
    assert_ok(make("b", "value"));
    assert_int_equal(in_use().percent, 100);
    assert_fault(make("c", "value"), SECRET_QUOTA);
    assert_counted(2);
    assert_ok(put("a", "another"));
    destroy("a");
    assert_ok(make("c", "value"));
    assert_fault(make("a", "value"), SECRET_QUOTA);
}

static const struct fault *make_role(const char *name)
{
    static const char trust[] = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                                "\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}}";
    const struct role_in in = {.name = bytes_of(name), .trust = bytes_of(trust)};
    struct role_item out;

    return ask(&role_create, &in, &out);
}

static void test_records_and_bytes_are_bounded(void **state)
{
    (void)state;
    assert_ok(make("a", "value"));
    quotas()->records = in_use().all.items;
    assert_fault(make("b", "value"), QUOTA_FULL);
    assert_fault(make_role("a"), QUOTA_FULL);
    assert_int_equal(in_use().percent, 100);
    quotas()->records = 0;
    assert_ok(make_role("a"));
    quotas()->bytes = in_use().all.bytes;
    assert_fault(make("b", "value"), QUOTA_FULL);
    assert_fault(put("a", "a longer value than it was"), QUOTA_FULL);
    quotas()->bytes *= 3;
    assert_ok(put("a", "a longer value than it was"));
    assert_ok(make("b", "value"));
    quotas()->bytes = 1; /* lowered: what frees is let through */
    assert_true(in_use().percent > 100);
    destroy("a");
    assert_counted(1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nouns_up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_all_is_counted),
        CASE(test_one_secret_more_is_refused),
        CASE(test_records_and_bytes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
