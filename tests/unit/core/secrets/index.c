/* index: whatever is done to secrets, their rows and their records agree; and when they do not, it
 * is found. */
#include "core/inventory.h"
#include "core/record.h"
#include "nouns_kit.h"

static int up(void **state)
{
    (void)state;
    return nouns_up_in(
        (struct house_kit){.engine = &engine_lmdb, .weighed = true, .without_journal = true});
}

static void agrees_is(bool wanted)
{
    struct arena *arena = arena_open(4 << 20);
    struct inventory report;

    nouns_end();
    assert_non_null(arena);
    assert_ok(inventory_take(arena, &nouns.house.house, &report));
    arena_close(arena);
    assert_true(report.fits);
    assert_int_equal(report.wrong, 0);
    assert_int_equal(report.listed, wanted);
}

static void create(const char *name, struct pairs tags)
{
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = LIT("11111111-1111-1111-1111-111111111111"),
                                        .text = value_of("x"),
                                        .tags = tags};
    struct secret_create_out out;

    nouns.now++;
    assert_ok(ask(&secret_create, &in, &out));
}

#define NAMED(operation, kind, ...)                                                 \
    do {                                                                            \
        const struct secret_##kind##_in named_in = {.id = LIT("a"), ##__VA_ARGS__}; \
        uint8_t named_out[512];                                                     \
                                                                                    \
        nouns.now++;                                                                \
        assert_true(sizeof named_out >= (operation)->out_size);                     \
        assert_ok(ask((operation), &named_in, named_out));                          \
        agrees_is(true);                                                            \
    } while (0)

static void test_each_change_keeps_them_together(void **state)
{
    static const struct pair tags[] = {{{(const uint8_t *)"team", 4}, {(const uint8_t *)"red", 3}},
                                       {{(const uint8_t *)"unit", 4}, {(const uint8_t *)"red", 3}}},
                             other[] = {{{(const uint8_t *)"team", 4}, {(const uint8_t *)"b", 1}},
                                        {{(const uint8_t *)"", 0}, {(const uint8_t *)"", 0}}};
    const struct bytes keys[] = {LIT("unit")};

    (void)state;
    agrees_is(true);
    create("a", (struct pairs){tags, 2});
    agrees_is(true);
    create("b", (struct pairs){tags, 1});
    agrees_is(true);
    NAMED(&secret_update, update, .token = LIT("33333333-3333-3333-3333-333333333333"),
          .description = LIT("d"));
    NAMED(&secret_put, put, .token = LIT("22222222-2222-2222-2222-222222222222"),
          .text = value_of("y"));
    NAMED(&secret_tag, tag, .tags = {other, 1});
    NAMED(&secret_untag, untag, .keys = {keys, 1});
    NAMED(&secret_read, read);
    worker_tick(nouns.house.worker, nouns.now);
    agrees_is(true);
    NAMED(&secret_delete, delete);
    NAMED(&secret_restore, restore);
    NAMED(&secret_delete, delete, .force = {true, true});
    assert_int_equal(nouns_records('x'), 4 + 2);
    create("a", (struct pairs){0});
    agrees_is(true);
}

static fallible take_key(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct bytes *into = ctx;

    (void)value;
    *into = arena_copy(nouns.last->arena, key);
    *stop = true;
    return OK;
}

/* The first of the index's rows goes. */
static fallible lose_run(struct call *c, const void *in, void *out)
{
    struct bytes key = {0};

    (void)in;
    (void)out;
    TRY(txn_scan(c->txn, LIT("x"), LIT(""), take_key, &key));
    return txn_drop(c->txn, key);
}

static const struct operation lose = {.name = "test.lose",
                                      .action = "coffer:Lose",
                                      .mode = OPERATION_WRITES,
                                      .in_size = 8,
                                      .out_size = 8,
                                      .run = lose_run};

static void test_a_lost_row_is_found(void **state)
{
    uint8_t nothing[8] = {0};

    (void)state;
    create("a", (struct pairs){0});
    create("b", (struct pairs){0});
    assert_ok(ask(&lose, nothing, nothing)); /* of the last access: two workers may leave two */
    agrees_is(true);
    assert_ok(ask(&lose, nothing, nothing));
    assert_ok(ask(&lose, nothing, nothing));
    agrees_is(false);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, nouns_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_each_change_keeps_them_together),
        CASE(test_a_lost_row_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
