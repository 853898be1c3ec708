/* The contract of an engine: one suite, each engine, bare and through the faulty wrapper. */
#include "support/faulty.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

struct subject {
    const struct engine *engine;
    bool wrapped;
};

static struct kit kit;

static int setup(void **state)
{
    const struct subject *subject = *state;

    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 0, OK);
    kit_open(&kit, subject->wrapped ? faulty_engine(subject->engine) : subject->engine, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_close(&kit);
    return 0;
}

static void assert_value(const char *key, const char *value)
{
    const struct bytes found = kit_get(&kit, key);

    if (value == NULL)
        assert_null(found.at);
    else
        assert_non_null(found.at);
    assert_bytes(found, bytes_of(value));
}

static void what_is_put_is_found(void **state)
{
    (void)state;
    assert_value("s/a", NULL);
    assert_ok(kit_put(&kit, "s/a", "one"));
    assert_value("s/a", "one");
    assert_ok(kit_put(&kit, "s/a", "two"));
    assert_value("s/a", "two");
    assert_ok(kit_put(&kit, "s/b", ""));
    assert_value("s/b", "");
    assert_ok(kit_drop(&kit, "s/a"));
    assert_ok(kit_drop(&kit, "s/a"));
    assert_value("s/a", NULL);
    assert_value("s/b", "");
}

static void a_snapshot_stands_still(void **state)
{
    struct reader *other;
    struct txn *old;
    struct bytes value;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "one"));
    assert_ok(store_reader(kit.store, &other));
    assert_ok(store_begin(other, kit.arena, &old));
    assert_ok(kit_put(&kit, "s/a", "two"));
    assert_ok(kit_put(&kit, "s/b", "new"));
    assert_ok(txn_get(old, LIT("s/a"), &value));
    assert_bytes(value, LIT("one"));
    assert_fault(txn_get(old, LIT("s/b"), &value), STORE_ABSENT);
    txn_end(old);
    assert_value("s/a", "two");
}

/* A batch that read `key` and writes "mine". */
static struct batch *reader_of(const char *key)
{
    struct txn *txn = kit_begin(&kit);
    struct bytes value;
    const struct fault *found = txn_get(txn, bytes_of(key), &value);

    assert_true(found == OK || found == STORE_ABSENT);
    assert_ok(txn_put(txn, LIT("s/mine"), LIT("mine")));
    return kit_packed(&kit, txn);
}

static void a_guard_that_moved_conflicts(void **state)
{
    struct batch *batch;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "one"));

    batch = reader_of("s/a");
    assert_ok(kit_put(&kit, "s/a", "one")); /* the same value, but written again */
    assert_fault(kit_commit(&kit, batch), STORE_CONFLICT);
    batch = reader_of("s/a");
    assert_ok(kit_drop(&kit, "s/a"));
    assert_fault(kit_commit(&kit, batch), STORE_CONFLICT);
    batch = reader_of("s/a");
    assert_ok(kit_put(&kit, "s/a", "back"));
    assert_fault(kit_commit(&kit, batch), STORE_CONFLICT);
    assert_int_equal(batch->number, 0);
    assert_value("s/mine", NULL);

    batch = reader_of("s/a");
    assert_ok(kit_put(&kit, "s/other", "x"));
    assert_ok(kit_commit(&kit, batch));
    assert_value("s/mine", "mine");
}

static struct txn *asked(const char *key, const struct sight *sight, bool *same)
{
    struct txn *txn = kit_begin(&kit);

    assert_ok(txn_seen(txn, bytes_of(key), sight, same));
    return txn;
}

static void what_was_seen_holds_in_its_snapshot_alone(void **state)
{
    struct sight sight, own;
    struct bytes value;
    struct txn *txn;
    bool same;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "one"));
    txn = kit_begin(&kit);
    assert_ok(txn_see_when(txn, LIT("s/a"), &value, &sight));
    txn_end(txn);
    txn_end(asked("s/a", &sight, &same));
    assert_true(same);

    txn = kit_begin(&kit);
    assert_ok(txn_put(txn, LIT("s/b"), LIT("wish")));
    assert_ok(txn_seen(txn, LIT("s/a"), &sight, &same));
    assert_false(same); /* it may be of its wishes */
    assert_ok(txn_see_when(txn, LIT("s/a"), &value, &own));
    txn_end(txn);
    txn_end(asked("s/a", &own, &same));
    assert_false(same);

    assert_ok(kit_put(&kit, "s/other", "x"));
    txn_end(asked("s/a", &sight, &same));
    assert_false(same);
}

static void what_was_seen_is_guarded(void **state)
{
    struct batch *batch;
    struct sight sight;
    struct bytes value;
    struct txn *txn;
    bool same;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "one"));
    txn = kit_begin(&kit);
    assert_ok(txn_see_when(txn, LIT("s/a"), &value, &sight));
    txn_end(txn);
    txn = asked("s/a", &sight, &same);
    assert_true(same);
    assert_ok(txn_put(txn, LIT("s/mine"), LIT("mine")));
    batch = kit_packed(&kit, txn);
    assert_ok(kit_put(&kit, "s/a", "two"));
    assert_fault(kit_commit(&kit, batch), STORE_CONFLICT);
}

/* Adds one to a counter, on whatever reader it is given. */
static void increment(struct reader *reader, struct batch *batch)
{
    struct bytes value = {0};
    char text[24];
    struct txn *txn;
    const struct fault *found;

    assert_ok(store_begin(reader, kit.arena, &txn));
    found = txn_get(txn, LIT("s/count"), &value);
    assert_true(found == OK || found == STORE_ABSENT);
    (void)snprintf(text, sizeof text, "%d",
                   value.n == 0 ? 1 : atoi((const char *)arena_copy(kit.arena, value).at) + 1);
    assert_ok(txn_put(txn, LIT("s/count"), bytes_of(text)));
    assert_ok(txn_pack(txn, batch));
}

static bool increment_again(struct batch *batch, struct worker *there, struct reader *inside)
{
    assert_ptr_equal(there, &kit);
    increment(inside, batch);
    return true;
}

static bool never_mind(struct batch *batch, struct worker *there, struct reader *inside)
{
    (void)batch, (void)there, (void)inside;
    return false;
}

static void a_group_with_conflicts(void **state)
{
    struct batch *group[5];
    uint64_t before;
    struct txn *txn;

    (void)state;
    assert_ok(kit_put(&kit, "s/x", "x"));
    for (size_t i = 0; i < 5; i++) {
        group[i] = kit_batch(&kit);
        increment(kit.reader, group[i]);
    }
    group[1]->again = increment_again;
    group[1]->there = (struct worker *)(void *)&kit;
    group[3]->again = never_mind;
    group[4]->again = increment_again;
    group[4]->there = group[1]->there;
    txn = kit_begin(&kit);
    assert_ok(txn_number(txn, &before));
    txn_end(txn);

    assert_ok(store_commit(kit.store, group, 5, 0));
    assert_ok(group[0]->outcome);
    assert_ok(group[1]->outcome);
    assert_fault(group[2]->outcome, STORE_CONFLICT);
    assert_ok(group[3]->outcome);
    assert_ok(group[4]->outcome);
    assert_int_equal(group[0]->number, before + 1);
    assert_int_equal(group[1]->number, before + 2);
    assert_int_equal(group[2]->number, 0);
    assert_int_equal(group[3]->number, 0);
    assert_int_equal(group[4]->number, before + 3);
    assert_int_equal(group[0]->reruns, 0);
    assert_int_equal(group[1]->reruns, 1);
    assert_value("s/count", "3");

    txn = kit_begin(&kit);
    assert_ok(txn_number(txn, &before));
    assert_int_equal(before, group[4]->number);
    txn_end(txn);
}

static void all_of_a_batch_or_none(void **state)
{
    struct txn *txn = kit_begin(&kit);
    struct batch *batch;
    struct bytes value;

    (void)state;
    assert_fault(txn_get(txn, LIT("s/a"), &value), STORE_ABSENT);
    assert_ok(txn_put(txn, LIT("s/b"), LIT("1")));
    assert_ok(txn_put(txn, LIT("s/c"), LIT("2")));
    assert_ok(txn_put(txn, LIT("s/d"), LIT("3")));
    assert_ok(txn_drop(txn, LIT("s/d")));
    batch = kit_packed(&kit, txn);
    batch->note = LIT("note");
    assert_ok(kit_put(&kit, "s/a", "there"));
    assert_fault(kit_commit(&kit, batch), STORE_CONFLICT);
    assert_value("s/b", NULL);
    assert_value("s/c", NULL);
}

struct seen {
    char text[4096];
    size_t n, count, stop_at;
    const struct fault *fault;
};

static const struct fault *see(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct seen *seen = ctx;

    seen->n +=
        (size_t)snprintf(seen->text + seen->n, sizeof seen->text - seen->n, "%.*s=%.*s ",
                         (int)key.n, (const char *)key.at, (int)value.n, (const char *)value.at);
    *stop = ++seen->count == seen->stop_at;
    return seen->fault;
}

static void assert_scan(struct txn *txn, const char *prefix, const char *after, size_t stop_at,
                        const char *expected)
{
    struct seen seen = {.stop_at = stop_at};

    assert_ok(txn_scan(txn, bytes_of(prefix), bytes_of(after), see, &seen));
    assert_string_equal(seen.text, expected);
}

static void assert_scan_down(struct txn *txn, const char *prefix, const char *before,
                             size_t stop_at, const char *expected)
{
    struct seen seen = {.stop_at = stop_at};

    assert_ok(txn_scan_down(txn, bytes_of(prefix), bytes_of(before), see, &seen));
    assert_string_equal(seen.text, expected);
}

static void scans_go_downwards_too(void **state)
{
    struct seen failing = {.fault = STORE_TOO_MUCH};
    struct txn *txn;

    (void)state;
    txn = kit_begin(&kit);
    assert_scan_down(txn, "", "", 0, "");
    assert_scan_down(txn, "s/", "", 0, "");
    txn_end(txn);
    assert_ok(kit_put(&kit, "s/c", "3"));
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_ok(kit_put(&kit, "s/b", "2"));
    assert_ok(kit_put(&kit, "s", "0"));
    assert_ok(kit_put(&kit, "t/a", "4"));
    assert_ok(kit_put(&kit, "\xff\xff/z", "5"));
    txn = kit_begin(&kit);
    assert_scan_down(txn, "", "", 0, "\xff\xff/z=5 t/a=4 s/c=3 s/b=2 s/a=1 s=0 ");
    assert_scan_down(txn, "\xff\xff", "", 0, "\xff\xff/z=5 ");
    assert_scan_down(txn, "s/", "", 0, "s/c=3 s/b=2 s/a=1 ");
    assert_scan_down(txn, "s/", "s/c", 0, "s/b=2 s/a=1 ");
    assert_scan_down(txn, "s/", "s/bb", 0, "s/b=2 s/a=1 ");
    assert_scan_down(txn, "s/", "s/a", 0, "");
    assert_scan_down(txn, "s/", "t/a", 0, "s/c=3 s/b=2 s/a=1 ");
    assert_scan_down(txn, "s/", "a", 0, "");
    assert_scan_down(txn, "s/", "", 2, "s/c=3 s/b=2 ");
    assert_scan_down(txn, "z", "", 0, "");
    assert_fault(txn_scan_down(txn, LIT("s/"), LIT(""), see, &failing), STORE_TOO_MUCH);
    assert_int_equal(failing.count, 1);
    assert_ok(txn_put(txn, LIT("s/bb"), LIT("9")));
    assert_ok(txn_drop(txn, LIT("s/c")));
    assert_scan_down(txn, "s/", "", 0, "s/bb=9 s/b=2 s/a=1 ");
    assert_scan_down(txn, "s/", "s/bb", 1, "s/b=2 ");
    txn_end(txn);
}

static void scans_go_in_order(void **state)
{
    struct seen failing = {.fault = STORE_TOO_MUCH};
    struct txn *txn;

    (void)state;
    txn = kit_begin(&kit);
    assert_scan(txn, "", "", 0, "");
    txn_end(txn);
    assert_ok(kit_put(&kit, "s/c", "3"));
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_ok(kit_put(&kit, "s/b", "2"));
    assert_ok(kit_put(&kit, "s", "0"));
    assert_ok(kit_put(&kit, "t/a", "4"));
    txn = kit_begin(&kit);
    assert_scan(txn, "", "", 0, "s=0 s/a=1 s/b=2 s/c=3 t/a=4 ");
    assert_scan(txn, "s/", "", 0, "s/a=1 s/b=2 s/c=3 ");
    assert_scan(txn, "s/", "s/a", 0, "s/b=2 s/c=3 ");
    assert_scan(txn, "s/", "s/aa", 0, "s/b=2 s/c=3 ");
    assert_scan(txn, "s/", "s/c", 0, "");
    assert_scan(txn, "s/", "t/a", 0, "");
    assert_scan(txn, "s/", "a", 0, "s/a=1 s/b=2 s/c=3 ");
    assert_scan(txn, "s/", "", 2, "s/a=1 s/b=2 ");
    assert_scan(txn, "z", "", 0, "");
    assert_fault(txn_scan(txn, LIT("s/"), LIT(""), see, &failing), STORE_TOO_MUCH);
    assert_int_equal(failing.count, 1);
    txn_end(txn);
}

static void scans_see_the_overlay(void **state)
{
    struct txn *txn;

    (void)state;
    assert_ok(kit_put(&kit, "s/b", "2"));
    assert_ok(kit_put(&kit, "s/d", "4"));
    assert_ok(kit_put(&kit, "s/f", "6"));
    txn = kit_begin(&kit);
    assert_ok(txn_put(txn, LIT("s/g"), LIT("7")));
    assert_ok(txn_put(txn, LIT("s/a"), LIT("1")));
    assert_ok(txn_put(txn, LIT("s/d"), LIT("44")));
    assert_ok(txn_drop(txn, LIT("s/b")));
    assert_ok(txn_drop(txn, LIT("s/nothing")));
    assert_ok(txn_put(txn, LIT("t/a"), LIT("8")));
    assert_scan(txn, "s/", "", 0, "s/a=1 s/d=44 s/f=6 s/g=7 ");
    assert_scan(txn, "s/", "", 1, "s/a=1 ");
    assert_scan(txn, "s/", "", 4, "s/a=1 s/d=44 s/f=6 s/g=7 ");
    assert_scan(txn, "s/", "s/d", 0, "s/f=6 s/g=7 ");
    assert_scan(txn, "s/", "s/f", 1, "s/g=7 ");
    txn_forget_writes(txn);
    assert_scan(txn, "s/", "", 0, "s/b=2 s/d=4 s/f=6 ");
    txn_end(txn);
}

static size_t outbox_rows(uint64_t *first)
{
    struct txn *txn = kit_begin(&kit);
    uint8_t room[OUTBOX_KEY];
    size_t rows = 0;

    *first = 0;
    for (uint64_t number = 1; number < 200; number++) {
        struct bytes note;

        if (txn_get(txn, outbox_key(number, room), &note) != OK)
            continue;
        assert_bytes(note, LIT("note"));
        *first = *first == 0 ? number : *first;
        rows++;
    }
    txn_end(txn);
    return rows;
}

static void noted(uint64_t synced)
{
    struct txn *txn = kit_begin(&kit);
    struct batch *batch;
    struct batch *group[1];

    assert_ok(txn_put(txn, LIT("s/a"), LIT("1")));
    group[0] = batch = kit_packed(&kit, txn);
    batch->note = LIT("note");
    assert_ok(store_commit(kit.store, group, 1, synced));
    assert_ok(batch->outcome);
}

static void the_outbox_is_kept_and_dropped(void **state)
{
    uint64_t first;

    (void)state;
    for (int i = 0; i < 60; i++)
        noted(0);
    assert_int_equal(outbox_rows(&first), 60);
    assert_int_equal(first, 1);
    noted(5);
    assert_int_equal(outbox_rows(&first), 56);
    assert_int_equal(first, 6);
    noted(55); /* 2 * 1 + 16 at most */
    assert_int_equal(outbox_rows(&first), 56 + 1 - 18);
    assert_int_equal(first, 6 + 18);
    noted(1000);
    noted(1000);
    noted(1000);
    assert_int_equal(outbox_rows(&first), 1);
}

static void keys_have_bounds(void **state)
{
    uint8_t long_key[STORE_KEY_MOST + 1];
    struct txn *txn = kit_begin(&kit);
    struct bytes value;

    (void)state;
    memset(long_key, 'k', sizeof long_key);
    assert_fault(txn_put(txn, (struct bytes){long_key, sizeof long_key}, LIT("x")), STORE_KEY);
    assert_fault(txn_get(txn, (struct bytes){long_key, sizeof long_key}, &value), STORE_KEY);
    assert_fault(txn_put(txn, LIT(""), LIT("x")), STORE_KEY);
    assert_fault(txn_put(txn, LIT("\0number"), LIT("x")), STORE_KEY);
    assert_fault(txn_drop(txn, LIT("o/12345678")), STORE_KEY);
    assert_ok(txn_put(txn, (struct bytes){long_key, STORE_KEY_MOST}, LIT("x")));
    assert_ok(kit_commit(&kit, kit_packed(&kit, txn)));
    txn = kit_begin(&kit);
    assert_ok(txn_get(txn, (struct bytes){long_key, STORE_KEY_MOST}, &value));
    assert_bytes(value, LIT("x"));
    txn_end(txn);
}

static void a_full_store_refuses_and_heals(void **state)
{
    const struct subject *subject = *state;
    uint8_t *block = calloc(1, 100000);
    const struct fault *fault = OK;
    struct kit small;
    int held = 0;

    kit_open(&small, subject->wrapped ? faulty_engine(subject->engine) : subject->engine, 1 << 20);
    assert_ok(kit_put(&small, "s/first", "here"));
    for (; fault == OK && held < 100; held++) {
        struct txn *txn = kit_begin(&small);
        char key[16];

        (void)snprintf(key, sizeof key, "s/%d", held);
        assert_ok(txn_put(txn, bytes_of(key), (struct bytes){block, 100000}));
        fault = kit_commit(&small, kit_packed(&small, txn));
    }
    assert_fault(fault, STORE_FULL);
    assert_in_range(held, 3, 12);
    assert_bytes(kit_get(&small, "s/first"), LIT("here"));
    assert_bytes(kit_get(&small, "s/0"), ((struct bytes){block, 100000}));
    assert_ok(kit_drop(&small, "s/0"));
    assert_ok(kit_drop(&small, "s/1"));
    assert_ok(kit_put(&small, "s/again", "fits"));
    assert_bytes(kit_get(&small, "s/again"), LIT("fits"));
    kit_close(&small);
    free(block);
}

static void figures_are_told(void **state)
{
    struct engine_figures before, after;

    (void)state;
    assert_ok(store_figures(kit.store, &before));
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_ok(store_figures(kit.store, &after));
    assert_int_equal(after.number, before.number + 1);
    assert_true(after.entries > before.entries);
    assert_int_equal(after.map_bytes, KIT_MAP);
}

static void readers_are_bounded(void **state)
{
    struct engine_settings settings = {.map_bytes = 1 << 20, .readers = 2};
    const struct subject *subject = *state;
    char where[SCRATCH_PATH];
    struct reader *reader;
    struct store *store;

    scratch_make(where);
    settings.where = bytes_of(where);
    assert_ok(store_open(subject->engine, &settings, &store));
    assert_ok(store_reader(store, &reader));
    assert_ok(store_reader(store, &reader));
    assert_fault(store_reader(store, &reader), STORE_READERS);
    store_close(store);
    scratch_remove(where);
}

static void failures_of_an_engine_are_passed_on(void **state)
{
    const struct subject *subject = *state;
    struct bytes value;
    struct txn *txn;

    if (!subject->wrapped)
        return;
    assert_ok(kit_put(&kit, "s/a", "one"));
    faulty_plan(FAULTY_LOOK, FAULTY_FAILS, 1, STORE_DOWN);
    assert_fault(store_begin(kit.reader, kit.arena, &txn), STORE_DOWN);
    txn = kit_begin(&kit);
    faulty_plan(FAULTY_GET, FAULTY_FAILS, 2, STORE_DAMAGED);
    assert_ok(txn_get(txn, LIT("s/a"), &value));
    assert_fault(txn_get(txn, LIT("s/a"), &value), STORE_DAMAGED);
    faulty_plan(FAULTY_SCAN, FAULTY_FAILS, 1, STORE_DAMAGED);
    assert_fault(txn_scan(txn, LIT("s/"), LIT(""), see, &(struct seen){0}), STORE_DAMAGED);
    txn_end(txn);
    faulty_plan(FAULTY_COMMIT, FAULTY_FAILS, 1, STORE_FULL);
    assert_fault(kit_put(&kit, "s/a", "two"), STORE_FULL);
    assert_value("s/a", "one");
    faulty_plan(FAULTY_COMMIT, FAULTY_TEARS, 1, STORE_DOWN);
    assert_fault(kit_put(&kit, "s/a", "two"), STORE_DOWN);
    assert_value("s/a", "two");
    faulty_plan(FAULTY_COMMIT, FAULTY_DELAYS, 1, OK);
    assert_ok(kit_put(&kit, "s/a", "three"));
    assert_value("s/a", "three");
}

static void a_new_store_counts_from_where_it_is_told(void **state)
{
    struct engine_settings settings = {.map_bytes = KIT_MAP, .begins_after = 41};
    struct batch batch = {.note = LIT("note")}, *const group[] = {&batch};
    char where[SCRATCH_PATH];
    struct store *store;
    struct reader *reader;
    uint64_t number;

    (void)state;
    scratch_make(where);
    settings.where = bytes_of(where);
    assert_ok(store_open(kit.engine, &settings, &store));
    assert_ok(store_reader(store, &reader));
    assert_ok(reader->engine->look(reader));
    assert_ok(reader->engine->number(reader, &number));
    assert_int_equal(number, 41);
    reader->engine->done(reader);
    assert_ok(store_commit(store, group, 1, 0));
    assert_int_equal(batch.number, 42);
    store_close(store);
    scratch_remove(where);
}

static int run(const char *name, struct subject *subject)
{
#define CASE(fn)                          \
    {                                     \
#fn, fn, setup, teardown, subject \
    }
    const struct CMUnitTest tests[] = {
        CASE(what_is_put_is_found),
        CASE(a_snapshot_stands_still),
        CASE(a_guard_that_moved_conflicts),
        CASE(what_was_seen_holds_in_its_snapshot_alone),
        CASE(what_was_seen_is_guarded),
        CASE(a_group_with_conflicts),
        CASE(all_of_a_batch_or_none),
        CASE(scans_go_in_order),
        CASE(scans_go_downwards_too),
        CASE(scans_see_the_overlay),
        CASE(the_outbox_is_kept_and_dropped),
        CASE(keys_have_bounds),
        CASE(a_full_store_refuses_and_heals),
        CASE(a_new_store_counts_from_where_it_is_told),
        CASE(figures_are_told),
        CASE(readers_are_bounded),
        CASE(failures_of_an_engine_are_passed_on),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return run("memory", &(struct subject){&engine_memory, false}) +
           run("lmdb", &(struct subject){&engine_lmdb, false}) +
           run("memory, wrapped", &(struct subject){&engine_memory, true}) +
           run("lmdb, wrapped", &(struct subject){&engine_lmdb, true});
}
