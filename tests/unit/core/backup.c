/* backup: what a house holds, carried through a file into a house under another root, whole; and no
 * byte of the file may be otherwise. */
#include "nouns_kit.h"

#include "base/buf.h"
#include "base/file.h"
#include "core/backup/backup.h"
#include "core/backup/load.h"
#include "core/backup/swap.h"
#include "core/identity/operations.h"
#include "core/inventory.h"
#include "crypto/agree.h"
#include "keeper/local.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOMY = 64 << 20 };

static char file[2 * SCRATCH_PATH];
static struct arena *arena;
static struct keeper *first, *other;
static uint8_t recipient_secret[32] = {9, 8, 7};

static int up(void **state)
{
    char folder[SCRATCH_PATH];

    (void)state;
    nouns_up_in(
        (struct house_kit){.engine = &engine_lmdb, .weighed = true, .without_journal = true});
    scratch_make(folder);
    (void)snprintf(file, sizeof file, "%s/backup", folder);
    arena = arena_open(ROOMY);
    first = kit_keeper;
    other = NULL;
    return 0;
}

static int down(void **state)
{
    *strrchr(file, '/') = '\0';
    scratch_remove(file);
    arena_close(arena);
    nouns_down(state);
    kit_keeper = first;
    keeper_close(other);
    return 0;
}

/* --- what is in it --- */

static void put(const char *name, const char *value, const struct pair *tags, size_t n)
{
    struct secret_create_out out;
    const struct secret_create_in in = {.name = bytes_of(name),
                                        .token = LIT("11111111-1111-1111-1111-111111111111"),
                                        .text = value_of(value),
                                        .tags = {tags, n}};

    assert_ok(ask(&secret_create, &in, &out));
}

static void get(const char *name, const char *value)
{
    const struct secret_read_in in = {.id = bytes_of(name)};
    struct secret_read_out out;

    assert_ok(ask(&secret_read, &in, &out));
    assert_value(out.text, value);
}

static char key_id[64];

static void fill(void)
{
    const struct pair tags[] = {{LIT("team"), LIT("weather")}, {LIT("zone"), LIT("1")}};
    const struct user_in user = {.name = LIT("ci")};
    const struct access_key_in key = {.user = LIT("ci")};
    struct access_key_create_out made;
    struct user_item item;

    put("prod/db", "hunter2", tags, 2);
    put("prod/api", "hunter3", tags, 1);
    nouns.who = &nouns_local;
    assert_ok(ask(&user_create, &user, &item));
    assert_ok(ask(&access_key_create, &key, &made));
    (void)snprintf(key_id, sizeof key_id, "%.*s", (int)made.id.n, (const char *)made.id.at);
    nouns.who = &kit_root;
}

static size_t listed(const char *tag)
{
    const struct bytes value = bytes_of(tag);
    const struct secret_filter filter = {.key = LIT("tag-value"), .values = {&value, 1}};
    const struct secret_list_in in = {.filters = {&filter, 1}};
    struct secret_list_out out;

    assert_ok(ask(&secret_list, &in, &out));
    return out.secrets.n;
}

/* --- there and back --- */

static void make_for(const struct backup_recipients *to)
{
    const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct backup_plan plan = {0};
    struct backup_tail tail;

    if (to != NULL)
        plan.to = *to;
    assert_true(fd >= 0);
    assert_ok(backup_make(&nouns.house.house, &plan, fd, &tail));
    assert_true(tail.items > 10 && tail.commit > 3);
    close(fd);
}

static const struct fault *open_with(int fd, const struct backup_opener *opener,
                                     struct sensitive **key)
{
    struct backup_head head;

    TRY(backup_look(arena, fd, &head));
    return backup_key(arena, &head, opener, key);
}

static const struct fault *read_through(const struct backup_opener *opener)
{
    const int fd = open(file, O_RDONLY);
    struct backup_tail tail;
    struct sensitive *key = NULL;
    const struct fault *fault = open_with(fd, opener, &key);

    if (fault == OK)
        fault = backup_read(arena, fd, sensitive_view(key), NULL, NULL, &tail);
    close(fd);
    return fault;
}

static fallible load_one(void *ctx, const struct carried *carried)
{
    return load_put(ctx, carried);
}

/* The kit's house goes on with what was in the file, under a root of its own. */
static void go_on_with(const struct backup_opener *opener, uint64_t begins_after)
{
    static const uint8_t fresh[KEEPER_ROOT] = {7, 7, 7};
    const int fd = open(file, O_RDONLY);
    struct load_plan plan = {.where = nouns.house.data,
                             .begins_after = begins_after,
                             .account = LIT("123456789012"),
                             .region = LIT("eu-west-1"),
                             .map_bytes = 64 << 20};
    struct backup_tail tail;
    struct sensitive *key = NULL;
    struct load *load = NULL;

    assert_ok(open_with(fd, opener, &key));
    assert_ok(keeper_local(
        (const struct keeper_root[]){{2, sensitive_view(key)}, {3, {fresh, sizeof fresh}}}, 2,
        &plan.keeper));
    nouns_end();
    house_close(&nouns.house);
    scratch_remove(nouns.house.data);
    assert_ok(load_open(&plan, &load));
    assert_ok(backup_read(arena, fd, sensitive_view(key), load_one, load, &tail));
    assert_ok(load_end(load));
    load_close(load);
    close(fd);
    keeper_close(plan.keeper);
    /* From now on without the backup's root: nothing may need it. */
    assert_ok(keeper_local(&(struct keeper_root){3, {fresh, sizeof fresh}}, 1, &other));
    kit_keeper = other;
    house_open(&nouns.house);
}

static void is_all_there(void)
{
    const struct user_in user = {.name = LIT("ci")};
    const struct secret_create_in again = {.name = LIT("prod/db"),
                                           .token = LIT("22222222-2222-2222-2222-222222222222")};
    struct secret_create_out made;
    struct user_item item;
    struct inventory inventory;
    struct secret_list_in all = {0};
    struct secret_list_out list;

    get("prod/db", "hunter2");
    get("prod/api", "hunter3");
    assert_int_equal(listed("weather"), 2);
    assert_int_equal(listed("1"), 1);
    assert_fault(ask(&secret_create, &again, &made), SECRET_EXISTS);
    assert_ok(ask(&secret_list, &all, &list));
    assert_int_equal(list.secrets.n, 2);
    nouns.who = &nouns_local;
    assert_ok(ask(&user_get, &user, &item));
    nouns.who = &kit_root;
    nouns_end();
    assert_ok(inventory_take(arena, &nouns.house.house, &inventory));
    assert_true(inventory.fits && inventory.listed);
    assert_int_equal(inventory.wrong, 0);
}

static void counts_beyond(uint64_t least)
{
    struct call *c = nouns_begin();
    uint64_t number;

    assert_ok(call_begin(c));
    assert_ok(txn_number(c->txn, &number));
    assert_true(number > least);
}

static void test_restored_by_the_root(void **state)
{
    (void)state;
    fill();
    make_for(NULL);
    put("later", "not in it", NULL, 0);
    go_on_with(&(struct backup_opener){.root = first}, 1000);
    is_all_there();
    put("later", "after it", NULL, 0);
    get("later", "after it");
    counts_beyond(1000);
}

static struct sensitive *secret_of(const uint8_t bytes[32])
{
    struct sensitive *key;

    assert_ok(sensitive_new_key(arena, 32, &key));
    memcpy(sensitive_fill(key), bytes, 32);
    return key;
}

static void test_restored_by_a_recipient(void **state)
{
    static const uint8_t stranger[32] = {1};
    struct sensitive *secret = secret_of(recipient_secret);
    uint8_t own[AGREE_KEY];
    struct backup_recipients to = {.at = {{own, sizeof own}}, .n = 1};

    (void)state;
    assert_ok(agree_public(sensitive_view(secret), own));
    fill();
    make_for(&to);
    assert_fault(read_through(&(struct backup_opener){.recipient = secret_of(stranger)}),
                 BACKUP_CLOSED);
    assert_fault(read_through(&(struct backup_opener){0}), BACKUP_CLOSED);
    go_on_with(&(struct backup_opener){.recipient = secret}, 0);
    is_all_there();
}

static void test_another_root_opens_nothing(void **state)
{
    static const uint8_t wrong[KEEPER_ROOT] = {5};
    struct keeper *keeper;

    (void)state;
    fill();
    make_for(NULL);
    assert_ok(keeper_local(&(struct keeper_root){1, {wrong, sizeof wrong}}, 1, &keeper));
    assert_fault(read_through(&(struct backup_opener){.root = keeper}), BACKUP_CLOSED);
    keeper_close(keeper);
    assert_ok(keeper_local(&(struct keeper_root){2, {wrong, sizeof wrong}}, 1, &keeper));
    assert_fault(read_through(&(struct backup_opener){.root = keeper}), BACKUP_CLOSED);
    keeper_close(keeper);
}

/* --- no byte otherwise --- */

static void write_file(struct bytes text)
{
    const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0 && write(fd, text.at, text.n) == (ssize_t)text.n);
    close(fd);
}

static void is_refused(void)
{
    const struct arena_mark mark = arena_mark(arena);
    const struct fault *fault = read_through(&(struct backup_opener){.root = first});

    assert_true(fault == BACKUP_DAMAGED || fault == BACKUP_FOREIGN || fault == BACKUP_CLOSED);
    arena_rewind(arena, mark);
}

static struct bytes whole_file(void)
{
    struct bytes whole;

    assert_ok(file_read(arena, file, ROOMY / 32, &whole));
    return whole;
}

static void test_each_byte_flipped(void **state)
{
    struct bytes whole;
    uint8_t *at;
    int fd;

    (void)state;
    fill();
    make_for(NULL);
    whole = whole_file();
    at = (uint8_t *)whole.at;
    fd = open(file, O_WRONLY);
    assert_ok(read_through(&(struct backup_opener){.root = first}));
    for (size_t i = 0; i < whole.n; i++) {
        at[i] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(pwrite(fd, at + i, 1, (off_t)i), 1);
        is_refused();
        at[i] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(pwrite(fd, at + i, 1, (off_t)i), 1);
    }
    close(fd);
    assert_ok(read_through(&(struct backup_opener){.root = first}));
}

static void test_each_length(void **state)
{
    struct bytes whole;

    (void)state;
    fill();
    make_for(NULL);
    whole = whole_file();
    for (size_t n = whole.n; n-- > 0;) {
        assert_int_equal(truncate(file, (off_t)n), 0);
        is_refused();
    }
    ((uint8_t *)whole.at)[whole.n] = 0; /* file_read leaves room for one */
    write_file((struct bytes){whole.at, whole.n + 1});
    is_refused();
}

/* Where the chunks stand. */
static size_t chunks_of(struct bytes whole, struct bytes chunks[16])
{
    size_t n = 0, at = 16;

    at += 4 + ((size_t)whole.at[18] << 8 | whole.at[19]);
    while (at < whole.n) {
        const uint8_t *l = whole.at + at;
        const size_t size =
            4 + ((size_t)l[0] << 24 | (size_t)l[1] << 16 | (size_t)l[2] << 8 | l[3]);

        assert_true(n < 16 && at + size <= whole.n);
        chunks[n++] = (struct bytes){whole.at + at, size};
        at += size;
    }
    return n;
}

static void write_chunks(struct bytes head, const struct bytes *const chunks[], size_t n)
{
    struct buf b = buf_open(arena, ROOMY / 32);
    struct bytes text;

    buf_add(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_add(&b, *chunks[i]);
    assert_ok(buf_done(&b, &text));
    write_file(text);
}

static void fill_much(void)
{
    char name[16], value[30001];

    memset(value, 'v', 30000);
    value[30000] = '\0';
    for (int i = 0; i < 24; i++) {
        (void)snprintf(name, sizeof name, "much%d", i);
        put(name, value, NULL, 0);
    }
}

static void test_chunks_moved_dropped_and_spliced(void **state)
{
    struct bytes one, two, a[16] = {0}, b[16] = {0}, head;
    size_t n, m;

    (void)state;
    fill_much();
    make_for(NULL);
    one = whole_file();
    n = chunks_of(one, a);
    make_for(NULL);
    two = whole_file();
    m = chunks_of(two, b);
    assert_true(n >= 3 && n == m);
    head = (struct bytes){one.at, (size_t)(a[0].at - one.at)};
    write_chunks(head, (const struct bytes *const[]){&a[0], &a[1], &a[2], &a[3]}, n < 4 ? n : 4);
    if (n <= 4)
        assert_ok(read_through(&(struct backup_opener){.root = first}));
    write_chunks(head, (const struct bytes *const[]){&a[1], &a[0], &a[2]}, 3);
    is_refused(); /* moved */
    write_chunks(head, (const struct bytes *const[]){&a[0], &a[n - 1]}, 2);
    is_refused(); /* one left out */
    write_chunks(head, (const struct bytes *const[]){&a[0], &a[0], &a[1], &a[2]}, 4);
    is_refused(); /* twice */
    write_chunks(head, (const struct bytes *const[]){&a[0], &b[1], &a[2]}, 3);
    is_refused(); /* another's */
    write_chunks((struct bytes){two.at, (size_t)(b[0].at - two.at)},
                 (const struct bytes *const[]){&a[0], &a[1], &a[2]}, 3);
    is_refused(); /* under another's head */
}

/* A record that does not open is not left out in silence. */
static void test_an_unsound_store_is_refused(void **state)
{
    struct backup_plan plan = {0};
    struct backup_tail tail;
    struct change change = {LIT("uforged"), LIT("\1\2 and no more than that, no seal at all")};
    struct batch batch = {.changes = &change, .change_count = 1}, *const group[] = {&batch};
    const int fd = open(file, O_WRONLY | O_CREAT, 0600);

    (void)state;
    fill();
    nouns_end();
    assert_ok(store_commit(nouns.house.house.store, group, 1, 0));
    assert_fault(backup_make(&nouns.house.house, &plan, fd, &tail), BACKUP_UNSOUND);
    close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

/* --- an old store is removed --- */

/* Whoever can write into the folder must not have root empty another. */
static void test_a_link_is_not_followed(void **state)
{
    char folder[2 * SCRATCH_PATH], victim[3 * SCRATCH_PATH], link[3 * SCRATCH_PATH];
    char kept[4 * SCRATCH_PATH];

    (void)state;
    memcpy(folder, file, sizeof folder);
    *strrchr(folder, '/') = '\0';
    (void)snprintf(victim, sizeof victim, "%s/victim", folder);
    (void)snprintf(kept, sizeof kept, "%s/kept", victim);
    (void)snprintf(link, sizeof link, "%s/store.old", folder);
    assert_int_equal(mkdir(victim, 0700), 0);
    assert_ok(file_create(kept, 0600, LIT("mine")));
    assert_int_equal(symlink(victim, link), 0);
    assert_fault(swap_remove(link), SWAP_PLACE);
    assert_int_equal(access(kept, F_OK), 0);
    assert_ok(swap_remove(victim));
    assert_int_not_equal(access(victim, F_OK), 0);
    assert_ok(swap_remove(victim));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_restored_by_the_root),
        CASE(test_restored_by_a_recipient),
        CASE(test_another_root_opens_nothing),
        CASE(test_each_byte_flipped),
        CASE(test_each_length),
        CASE(test_chunks_moved_dropped_and_spliced),
        CASE(test_an_unsound_store_is_refused),
        CASE(test_a_link_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
