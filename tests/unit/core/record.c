/* record: keys that cannot be mistaken for one another, bodies that open only where they were
 * put. */
#include "house_kit.h"

#include "core/record.h"
#include "support/test.h"

#include <stdlib.h>

static struct house_kit kit;
static struct call *c;

static int up(void **state)
{
    (void)state;
    kit = (struct house_kit){.without_journal = true};
    house_make(&kit);
    c = call_make(kit.worker, &kit_root);
    assert_ok(call_begin(c));
    return 0;
}

static int down(void **state)
{
    (void)state;
    call_unmake(c);
    house_unmake(&kit);
    return 0;
}

static struct bytes key_of(enum table table, struct bytes a, struct bytes b)
{
    const struct bytes parts[] = {a, b};
    struct bytes key;

    assert_ok(record_key(c->arena, table, parts, 2, &key));
    return key;
}

static struct bytes name_of(size_t n, char last)
{
    char *name = arena_get(c->arena, n);

    memset(name, 'x', n);
    name[n - 1] = last;
    return (struct bytes){(uint8_t *)name, n};
}

static void test_keys(void **state)
{
    struct bytes key;

    (void)state;
    assert_bytes(key_of(TABLE_SECRET, LIT("1"), LIT("a/b")), LIT("s1\0a/b\0"));
    assert_false(bytes_same(key_of(TABLE_SECRET, LIT("1"), LIT("a")),
                            key_of(TABLE_SECRET, LIT("1a"), LIT(""))));
    assert_fault(record_key(c->arena, TABLE_SECRET, (const struct bytes[]){LIT("a\0b")}, 1, &key),
                 RECORD_KEY);
    assert_fault(record_key(c->arena, TABLE_SECRET, (const struct bytes[]){LIT("a\1")}, 1, &key),
                 RECORD_KEY);
    assert_ok(record_key(c->arena, TABLE_ANCHOR, NULL, 0, &key));
    assert_bytes(key, LIT("J"));
}

static void test_long_names(void **state)
{
    const struct bytes most = key_of(TABLE_SECRET, LIT("1"), name_of(RECORD_PART_MOST, 'a')),
                       one = key_of(TABLE_SECRET, LIT("1"), name_of(2048, 'a')),
                       other = key_of(TABLE_SECRET, LIT("1"), name_of(2048, 'b'));

    (void)state;
    assert_int_equal(most.n, 1 + 2 + RECORD_PART_MOST + 1);
    assert_int_equal(one.n, most.n);
    assert_false(bytes_same(one, other));
    assert_memory_equal(one.at, other.at, 3 + RECORD_PART_KEPT);
    /* No name that may be had spells what a cut one spells. */
    assert_int_equal(one.at[3 + RECORD_PART_KEPT], 1);
}

static void test_saved_and_loaded(void **state)
{
    const struct bytes key = key_of(TABLE_SECRET, c->account, LIT("n"));
    struct bytes body;

    (void)state;
    assert_fault(record_load(c, c->account, key, &body), STORE_ABSENT);
    assert_ok(record_save(c, c->account, key, LIT("\xa0")));
    assert_ok(record_load(c, c->account, key, &body));
    assert_bytes(body, LIT("\xa0"));
    assert_ok(record_save(c, c->account, key, LIT("\xa1\x01\x02")));
    assert_ok(record_load(c, c->account, key, &body));
    assert_bytes(body, LIT("\xa1\x01\x02"));
    assert_ok(record_drop(c, key));
    assert_fault(record_load(c, c->account, key, &body), STORE_ABSENT);
}

/* Put back at another key, under another account, or as another revision: it does not open. */
static void test_opens_nowhere_else(void **state)
{
    const struct bytes key = key_of(TABLE_SECRET, c->account, LIT("n")),
                       other = key_of(TABLE_SECRET, c->account, LIT("m"));
    struct bytes stored, body;

    (void)state;
    assert_ok(record_save(c, c->account, key, LIT("body")));
    assert_ok(txn_get(c->txn, key, &stored));
    assert_ok(record_open(c, c->account, key, stored, &body));
    assert_fault(record_open(c, c->account, other, stored, &body), RECORD_DAMAGED);
    assert_fault(record_open(c, LIT("999999999999"), key, stored, &body), RECORD_DAMAGED);
    assert_fault(record_open(c, LIT(""), key, stored, &body), RECORD_DAMAGED);
}

static void test_each_flipped_byte(void **state)
{
    const struct bytes key = key_of(TABLE_SECRET, c->account, LIT("n"));
    struct bytes stored, body;
    uint8_t *changed;

    (void)state;
    assert_ok(record_save(c, c->account, key, LIT("body")));
    assert_ok(txn_get(c->txn, key, &stored));
    changed = arena_get(c->arena, stored.n);
    for (size_t i = 0; i < stored.n; i++) {
        memcpy(changed, stored.at, stored.n);
        changed[i] ^= 0x80;
        assert_non_null(record_open(c, c->account, key, (struct bytes){changed, stored.n}, &body));
    }
    for (size_t n = 0; n < stored.n; n++)
        assert_non_null(record_open(c, c->account, key, (struct bytes){stored.at, n}, &body));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_keys),
        CASE(test_long_names),
        CASE(test_saved_and_loaded),
        CASE(test_opens_nowhere_else),
        CASE(test_each_flipped_byte),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
