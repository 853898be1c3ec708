/* versions: listed oldest first, page by page, each with the day of its own last use. */
#include "nouns_kit.h"

#include "codec/date.h"
#include "core/marks.h"

#include <stdio.h>

#define TOKEN "token-%026d-%05d"

static struct secret_versions_out out;
static char name_of[160][40];

static void put(int i, struct texts stages)
{
    const struct secret_put_in in = {
        .id = LIT("s"), .token = bytes_of(name_of[i]), .text = value_of("x"), .stages = stages};
    struct secret_put_out done;

    assert_ok(ask(&secret_put, &in, &done));
}

/* Five versions: the last is the current one, the one before it the previous. */
static int five(void **state)
{
    struct secret_create_in in = {.name = LIT("s")};
    struct secret_create_out done;

    nouns_up(state);
    for (int i = 0; i < 160; i++)
        snprintf(name_of[i], sizeof name_of[i], TOKEN, i, i);
    in.token = bytes_of(name_of[0]);
    in.text = value_of("x");
    assert_ok(ask(&secret_create, &in, &done));
    for (int i = 1; i < 5; i++) {
        nouns.now += 1000;
        put(i, (struct texts){0});
    }
    return 0;
}

static const struct fault *list(struct secret_versions_in in)
{
    in.id = LIT("s");
    return ask(&secret_versions, &in, &out);
}

static const struct maybe_bool yes = {true, true};

static void test_labelled_ones_alone(void **state)
{
    (void)state;
    assert_ok(list((struct secret_versions_in){0}));
    assert_int_equal(out.versions.n, 2);
    assert_bytes(out.name, LIT("s"));
    assert_bytes(out.versions.at[0].id, bytes_of(name_of[3]));
    assert_bytes(out.versions.at[0].stages.at[0], LIT("AWSPREVIOUS"));
    assert_bytes(out.versions.at[1].id, bytes_of(name_of[4]));
    assert_bytes(out.versions.at[1].stages.at[0], LIT("AWSCURRENT"));
    assert_int_equal(out.versions.at[1].created.ms, nouns.now);
    assert_int_equal(out.versions.at[1].last_accessed.ms, 0);
    assert_bytes(out.versions.at[1].kms_keys.at[0], LIT("DefaultEncryptionKey"));
    assert_null(out.next.at);
}

static void test_all_of_them_in_pages(void **state)
{
    struct secret_versions_in in = {.max = {2, true}, .deprecated = yes};
    char token[4096];

    (void)state;
    for (size_t page = 0; page < 3; page++) {
        assert_ok(list(in));
        assert_int_equal(out.versions.n, page < 2 ? 2 : 1);
        for (size_t i = 0; i < out.versions.n; i++)
            assert_bytes(out.versions.at[i].id, bytes_of(name_of[2 * page + i]));
        assert_true((out.next.at == NULL) == (page == 2));
        snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
        in.next = bytes_of(token);
    }
    in.max.value = 5;
    in.next = (struct bytes){0};
    assert_ok(list(in));
    assert_int_equal(out.versions.n, 5);
    assert_null(out.next.at);
}

static void test_a_token_is_for_its_request(void **state)
{
    struct secret_versions_in in = {.max = {1, true}};
    char token[4096];

    (void)state;
    assert_ok(list(in));
    snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
    in.next = bytes_of(token);
    assert_ok(list(in));
    in.deprecated = yes;
    assert_fault(list(in), SECRET_PAGE);
    in.deprecated.said = false;
    token[5] ^= 1;
    assert_fault(list(in), SECRET_PAGE);
}

static void test_deleted_ones_too(void **state)
{
    const struct secret_delete_in in = {.id = LIT("s")};
    struct secret_delete_out done;

    (void)state;
    assert_ok(ask(&secret_delete, &in, &done));
    assert_ok(list((struct secret_versions_in){0}));
    assert_int_equal(out.versions.n, 2);
    nouns.now += INT64_C(31) * DATE_DAY_MS;
    assert_fault(list((struct secret_versions_in){0}), SECRET_ABSENT);
}

static void read_it(int i)
{
    const struct secret_read_in in = {.id = LIT("s"), .version = bytes_of(name_of[i])};
    struct secret_read_out done;

    assert_ok(ask(&secret_read, &in, &done));
}

static int64_t day_of(int i)
{
    assert_ok(list((struct secret_versions_in){.deprecated = yes}));
    return out.versions.at[i].last_accessed.ms;
}

static void test_each_has_its_own_day(void **state)
{
    const int64_t first = nouns.now / DATE_DAY_MS * DATE_DAY_MS;
    const struct secret_describe_in in = {.id = LIT("s")};
    struct secret_item item;

    (void)state;
    read_it(1);
    read_it(1);
    read_it(4);
    worker_tick(nouns.house.worker, nouns.now);
    nouns.now += 3 * DATE_DAY_MS;
    read_it(4);
    read_it(0);
    worker_tick(nouns.house.worker, nouns.now);
    assert_int_equal(day_of(0), first + 3 * DATE_DAY_MS);
    assert_int_equal(day_of(1), first);
    assert_int_equal(day_of(2), 0);
    assert_int_equal(day_of(4), first + 3 * DATE_DAY_MS);
    assert_ok(ask(&secret_describe, &in, &item));
    assert_int_equal(item.last_accessed.ms, first + 3 * DATE_DAY_MS);
}

/* The row has room for MARK_PARTS: who was longest away is forgotten. */
static void test_room_for_so_many(void **state)
{
    const int64_t first = nouns.now / DATE_DAY_MS * DATE_DAY_MS;

    (void)state;
    nouns.house.house.versions_kept = 3;
    read_it(4);
    worker_tick(nouns.house.worker, nouns.now);
    nouns.now += DATE_DAY_MS;
    for (int i = 5; i < 5 + MARK_PARTS; i++) {
        put(i, (struct texts){0});
        read_it(i);
        if (i % 30 == 0)
            worker_tick(nouns.house.worker, nouns.now);
    }
    for (int i = 0; i < 5; i++)
        worker_tick(nouns.house.worker, nouns.now);
    for (int i = 0; i < 3; i++)
        assert_int_equal(day_of(i), first + DATE_DAY_MS);
    assert_int_equal(nouns_records('l'), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, five, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_labelled_ones_alone),        CASE(test_all_of_them_in_pages),
        CASE(test_a_token_is_for_its_request), CASE(test_deleted_ones_too),
        CASE(test_each_has_its_own_day),       CASE(test_room_for_so_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
