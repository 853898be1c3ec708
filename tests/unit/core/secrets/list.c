/* list: pages, orders and filters. */
#include "core/record.h"
#include "nouns_kit.h"
#include "support/each_fault.h"

#include <stdio.h>

static void create(const char *name, const char *description, const char *tag, const char *value)
{
    const struct pair tags[] = {{bytes_of(tag), bytes_of(value)}};
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = LIT("11111111-1111-1111-1111-111111111111"),
                                        .description = bytes_of(description),
                                        .text = value_of("x"),
                                        .tags = {tags, tag != NULL}};
    struct secret_create_out out;

    nouns.now++;
    assert_ok(ask(&secret_create, &in, &out));
}

static struct secret_list_out out;

static void names_are(const char *wanted)
{
    char names[512] = "";

    for (size_t i = 0; i < out.secrets.n; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%.*s ",
                 (int)out.secrets.at[i].name.n, (const char *)out.secrets.at[i].name.at);
    assert_string_equal(names, wanted);
}

/* All pages, one behind the other. */
static void pages_are(struct secret_list_in in, size_t pages, const char *wanted)
{
    char names[512] = "", token[4096];

    for (size_t page = 1;; page++) {
        assert_ok(ask(&secret_list, &in, &out));
        for (size_t i = 0; i < out.secrets.n; i++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%.*s ",
                     (int)out.secrets.at[i].name.n, (const char *)out.secrets.at[i].name.at);
        if (out.next.at == NULL) {
            assert_int_equal(page, pages);
            break;
        }
        assert_true(page < pages);
        snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
        in.next = bytes_of(token);
    }
    assert_string_equal(names, wanted);
}

static int five(void **state)
{
    nouns_up(state);
    create("delta", "The Fourth one", "team", "blue");
    create("alpha", "the first", "team", "red");
    create("echo", NULL, "Stage", "prod");
    create("bravo", "second", NULL, NULL);
    create("charlie", NULL, NULL, NULL);
    return 0;
}

static void test_pages_and_orders(void **state)
{
    (void)state;
    pages_are((struct secret_list_in){0}, 1, "delta alpha echo bravo charlie ");
    pages_are((struct secret_list_in){.max = {2, true}}, 3, "delta alpha echo bravo charlie ");
    pages_are((struct secret_list_in){.max = {5, true}}, 1, "delta alpha echo bravo charlie ");
    pages_are((struct secret_list_in){.sort_by = LIT("name")}, 1,
              "alpha bravo charlie delta echo ");
    pages_are((struct secret_list_in){.max = {1, true}, .sort_by = LIT("name")}, 5,
              "alpha bravo charlie delta echo ");
    pages_are((struct secret_list_in){.max = {2, true},
                                      .sort_by = LIT("name"),
                                      .sort_order = LIT("desc")},
              3, "echo delta charlie bravo alpha ");
    pages_are((struct secret_list_in){.max = {2, true}, .sort_order = LIT("asc")}, 3,
              "delta alpha echo bravo charlie ");
    pages_are((struct secret_list_in){.max = {3, true},
                                      .sort_by = LIT("last-changed-date"),
                                      .sort_order = LIT("desc")},
              2, "charlie bravo echo alpha delta ");
}

static void filtered(const char *key, const char *value, const char *wanted)
{
    const struct bytes values[] = {bytes_of(value)};
    const struct secret_filter filter = {.key = bytes_of(key), .values = {values, 1}};
    struct secret_list_in in = {0};

    in.filters.at = &filter;
    in.filters.n = 1;
    assert_ok(ask(&secret_list, &in, &out));
    names_are(wanted);
}

static void test_filters(void **state)
{
    (void)state;
    filtered("name", "al", "alpha ");
    filtered("name", "AL", "");
    filtered("name", "!al", "delta echo bravo charlie ");
    filtered("description", "THE F", "delta alpha ");
    filtered("description", "first the", "alpha ");
    filtered("description", "he", "");
    filtered("tag-key", "team", "delta alpha ");
    filtered("tag-key", "te", "delta alpha ");
    filtered("tag-key", "stage", "");
    filtered("tag-value", "pro", "echo ");
    filtered("all", "fourth", "delta ");
    filtered("all", "ONE fourth", "delta ");
    filtered("all", "ONE blue", "");
    filtered("all", "!fourth", "alpha echo bravo charlie ");
    filtered("all", "+", "");
    filtered("primary-region", "eu", "");
}

static void test_unknown_filter(void **state)
{
    const struct bytes values[] = {LIT("x")};
    const struct secret_filter filter = {.key = LIT("colour"), .values = {values, 1}};
    struct secret_list_in in = {0};

    (void)state;
    in.filters.at = &filter;
    in.filters.n = 1;
    assert_fault(ask(&secret_list, &in, &out), SECRET_BEYOND);
}

static void test_deleted_are_hidden(void **state)
{
    const struct secret_delete_in in = {.id = LIT("bravo")};
    struct secret_delete_out gone;

    (void)state;
    assert_ok(ask(&secret_delete, &in, &gone));
    pages_are((struct secret_list_in){0}, 1, "delta alpha echo charlie ");
    pages_are((struct secret_list_in){.include_planned_deletion = {true, true}}, 1,
              "delta alpha echo bravo charlie ");
    nouns.now += INT64_C(31) * 24 * 60 * 60 * 1000;
    pages_are((struct secret_list_in){.include_planned_deletion = {true, true}}, 1,
              "delta alpha echo charlie ");
}

static void test_token_is_its_callers(void **state)
{
    struct secret_list_in in = {.max = {2, true}};
    static const struct principal other = {
        .type = PRINCIPAL_ROOT,
        .arn = {(const uint8_t *)"arn:aws:iam::123456789012:other", 31},
        .account = {(const uint8_t *)"123456789012", 12}};
    const struct bytes values[] = {LIT("x")};
    const struct secret_filter filter = {.key = LIT("name"), .values = {values, 1}};
    char token[4096];

    (void)state;
    assert_ok(ask(&secret_list, &in, &out));
    snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
    in.next = bytes_of(token);
    assert_ok(ask(&secret_list, &in, &out));
    in.sort_by = LIT("name");
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    in.sort_by = (struct bytes){0};
    in.sort_order = LIT("desc");
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    in.sort_order = (struct bytes){0};
    in.include_planned_deletion = (struct maybe_bool){true, true};
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    in.include_planned_deletion = (struct maybe_bool){0};
    in.filters = (struct secret_filters){&filter, 1};
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    in.filters = (struct secret_filters){0};
    in.max = (struct maybe_int){1, true};
    assert_ok(ask(&secret_list, &in, &out));
    nouns.who = &other;
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    nouns.who = &kit_root;
    in.next = LIT("AAAA");
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    in.next = LIT("?");
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
}

struct spoil_in {
    const char *name;
};

/* A bit of the record of that name is turned, past all seals. */
static fallible spoil_run(struct call *c, const void *in_, void *out_)
{
    const struct spoil_in *in = in_;
    const struct bytes parts[] = {c->account, c->region, bytes_of(in->name)};
    struct bytes key, stored, copy;

    (void)out_;
    TRY(record_key(c->arena, TABLE_SECRET, parts, 3, &key));
    TRY(txn_get(c->txn, key, &stored));
    copy = arena_copy(c->arena, stored);
    ((uint8_t *)(uintptr_t)copy.at)[copy.n - 1] ^= 1;
    return txn_put(c->txn, key, copy);
}

static const struct operation spoil = {.name = "test.spoil",
                                       .action = "coffer:Spoil",
                                       .mode = OPERATION_WRITES,
                                       .in_size = sizeof(struct spoil_in),
                                       .out_size = 8,
                                       .run = spoil_run};

static void test_damaged_is_left_out(void **state)
{
    const struct spoil_in charlie = {"charlie"}, alpha = {"alpha"};
    const uint64_t before = record_damaged_count();
    uint8_t nothing[8];

    (void)state;
    assert_ok(ask(&spoil, &charlie, nothing));
    pages_are((struct secret_list_in){0}, 1, "delta alpha echo bravo ");
    assert_int_equal(record_damaged_count() - before, 1);
    assert_ok(ask(&spoil, &alpha, nothing));
    pages_are((struct secret_list_in){.max = {1, true}}, 4, "delta echo bravo ");
    pages_are((struct secret_list_in){.sort_order = LIT("desc")}, 1, "bravo echo delta ");
}

static void test_token_is_whole_and_young(void **state)
{
    struct secret_list_in in = {.max = {2, true}};
    char token[4096];

    (void)state;
    assert_ok(ask(&secret_list, &in, &out));
    snprintf(token, sizeof token, "%.*s", (int)out.next.n, (const char *)out.next.at);
    for (size_t n = 0; n < strlen(token); n++) {
        in.next = (struct bytes){(const uint8_t *)token, n};
        if (n > 0)
            assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
    }
    in.next = bytes_of(token);
    for (size_t n = 0; n < strlen(token); n += 3) {
        const char was = token[n];

        token[n] = was == 'A' ? 'B' : 'A';
        assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
        token[n] = was;
    }
    nouns.now += INT64_C(24) * 60 * 60 * 1000 - 1;
    assert_ok(ask(&secret_list, &in, &out));
    nouns.now++;
    assert_fault(ask(&secret_list, &in, &out), SECRET_PAGE);
}

static void test_what_is_destroyed_leaves_no_row(void **state)
{
    static const char *const names[] = {"alpha", "bravo", "charlie", "delta", "echo"};
    const struct secret_read_in read = {.id = LIT("echo")};
    struct secret_read_out value;
    struct secret_delete_out gone;

    (void)state;
    assert_ok(ask(&secret_read, &read, &value));
    worker_tick(nouns.house.worker, nouns.now);
    for (size_t i = 0; i < 5; i++) {
        const struct secret_delete_in drop = {.id = bytes_of(names[i]), .force = {true, true}};

        assert_ok(ask(&secret_delete, &drop, &gone));
    }
    assert_int_equal(nouns_records('x'), 0);
    assert_int_equal(nouns_records('l'), 0);
    pages_are((struct secret_list_in){.include_planned_deletion = {true, true}}, 1, "");
}

/* By a tag: texts are opened, lists toured, a token sealed. */
static bool try_list(void *none)
{
    static const struct bytes value = {(const uint8_t *)"te", 2};
    static const struct secret_filter filter = {.key = {(const uint8_t *)"tag-key", 7},
                                                .values = {&value, 1}};
    const struct secret_list_in in = {.max = {1, true}, .filters = {&filter, 1}};

    (void)none;
    return ask(&secret_list, &in, &out) == OK;
}

/* A page that comes is the right one. */
static void right_or_none(void *none, bool succeeded)
{
    (void)none;
    if (succeeded)
        names_are("delta ");
    assert_true(!succeeded || out.next.n > 0);
}

static void test_each_fault(void **state)
{
    (void)state;
    assert_true(each_fault("secret.list", try_list, right_or_none, NULL) > 10);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, five, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pages_and_orders),
        CASE(test_filters),
        CASE(test_unknown_filter),
        CASE(test_deleted_are_hidden),
        CASE(test_token_is_its_callers),
        CASE(test_token_is_whole_and_young),
        CASE(test_what_is_destroyed_leaves_no_row),
        CASE(test_each_fault),
        CASE(test_damaged_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
