/* outbox: every committed change has its record in the journal, exactly once, wherever the process
 * died. Each step is a child of its own that ends without closing anything; this program itself
 * never has keys (a child has none of its parent's). */
#include "house_kit.h"

#include "base/file.h"
#include "core/audit/verify.h"
#include "store/mailbox.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct house_kit kit;

static int up(void **state)
{
    (void)state;
    kit = (struct house_kit){.engine = &engine_lmdb, .segment_size = 16 << 10};
    scratch_make(kit.data);
    scratch_make(kit.folder);
    return 0;
}

static int down(void **state)
{
    (void)state;
    scratch_remove(kit.data);
    scratch_remove(kit.folder);
    return 0;
}

/* Runs `step` in a child; its exit status. */
static int in_child(void (*step)(void))
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        kit_start();
        house_open(&kit);
        step();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void must(bool held, int code)
{
    if (!held)
        _exit(code);
}

static void add(const struct operation *operation)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct toy_in in = {LIT("n"), 1};
    struct toy_out out;

    must(call_begin(c) == OK, 10);
    must(kit_perform(c, operation, &in, &out) == OK, 11);
    call_unmake(c);
}

static int64_t total(void)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct toy_in in = {LIT("n"), 0};
    struct toy_out out = {0};

    must(call_begin(c) == OK, 12);
    (void)!kit_perform(c, &toy_read, &in, &out);
    call_unmake(c);
    return out.total;
}

/* --- the places where it dies --- */

static void committed_not_appended(void)
{
    struct journal *journal = kit.house.journal;

    must(outbox_recover(kit.worker, false) == OK, 13);
    kit.house.journal = NULL;
    for (int i = 0; i < 5; i++)
        add(&toy_add);
    kit.house.journal = journal;
}

static void half_appended(void)
{
    struct journal *journal = kit.house.journal;

    must(outbox_recover(kit.worker, false) == OK, 13);
    for (int i = 0; i < 3; i++)
        add(&toy_add);
    kit.house.journal = NULL;
    for (int i = 0; i < 3; i++)
        add(&toy_twice); /* several records under one number */
    kit.house.journal = journal;
}

static void appended_not_synced(void)
{
    must(outbox_recover(kit.worker, false) == OK, 13);
    add(&toy_twice);
    add(&toy_add);
}

static void synced_not_dropped(void)
{
    appended_not_synced();
    must(journal_tick(kit.house.journal) == OK, 14);
}

static void dropped(void)
{
    synced_not_dropped();
    for (int i = 0; i < 3; i++) {
        struct batch batch = {0}, *const group[] = {&batch};

        must(store_commit(kit.house.store, group, 1, journal_synced_commit(kit.house.journal)) ==
                 OK,
             15);
    }
}

/* Each add has one record; a twice has three, two of them named add. */
static void all_is_there(void)
{
    const size_t before = journal_count(&kit, "\"eventName\":\"toy.add\"");

    must(outbox_recover(kit.worker, false) == OK, 20);
    must(journal_count(&kit, "\"eventName\":\"toy.add\"") == (size_t)total(), 21);
    must(journal_count(&kit, "\"eventName\":\"toy.add\"") >= before, 22);
    must(outbox_recover(kit.worker, false) == OK, 23);
    must(journal_count(&kit, "\"eventName\":\"toy.add\"") == (size_t)total(), 24);
}

static void check_chain(void)
{
    struct arena *arena = arena_open(4 << 20);
    struct verify_report report;

    must(journal_verify(arena, bytes_of(kit.folder), (struct bytes){0}, NULL, &report) == OK, 30);
    must(report.verdict == VERIFY_WHOLE, 31);
}

static void dies_at(void (*step)(void))
{
    for (int round = 0; round < 3; round++) {
        assert_int_equal(in_child(step), 0);
        assert_int_equal(in_child(all_is_there), 0);
    }
    assert_int_equal(in_child(check_chain), 0);
}

static void test_committed_not_appended(void **state)
{
    (void)state;
    dies_at(committed_not_appended);
}
static void test_half_appended(void **state)
{
    (void)state;
    dies_at(half_appended);
}
static void test_appended_not_synced(void **state)
{
    (void)state;
    dies_at(appended_not_synced);
}
static void test_synced_not_dropped(void **state)
{
    (void)state;
    dies_at(synced_not_dropped);
}
static void test_dropped(void **state)
{
    (void)state;
    dies_at(dropped);
}

/* A power cut: the unsynced end of the journal is gone, at each byte of the last records. */
static void test_torn_at_each_place(void **state)
{
    char path[SCRATCH_PATH + 64];
    struct stat is;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/00000000000000000001.journal", kit.folder);
    assert_int_equal(in_child(half_appended), 0);
    assert_int_equal(in_child(all_is_there), 0);
    for (off_t cut = 1; cut < 2400; cut += 173) {
        assert_int_equal(in_child(appended_not_synced), 0);
        if (stat(path, &is) != 0 || is.st_size < 16000 - 3000)
            assert_int_equal(stat(path, &is), 0);
        else
            break; /* the next segment has begun: enough */
        assert_int_equal(truncate(path, is.st_size - cut), 0);
        assert_int_equal(in_child(all_is_there), 0);
    }
    assert_int_equal(in_child(check_chain), 0);
}

/* Killed at any moment of a load through the committer; what was acknowledged is there, and
 * recorded. */
static int acks[2];

static void load(void)
{
    for (char n = 0;; n++) {
        add(&toy_add);
        (void)!write(acks[1], &n, 1);
    }
}

static uint64_t acknowledged;

static void acknowledged_is_there(void)
{
    all_is_there();
    must((uint64_t)total() >= acknowledged, 40);
}

static void test_killed_under_load(void **state)
{
    (void)state;
    kit.with_committer = true;
    for (int round = 1; round <= 12; round++) {
        pid_t child;
        char byte;
        int status;

        assert_int_equal(pipe2(acks, O_CLOEXEC), 0);
        child = fork();
        if (child == 0) {
            kit_start();
            house_open(&kit);
            must(outbox_recover(kit.worker, false) == OK, 13);
            load();
        }
        for (int i = 0; i < round * 3; i++)
            assert_int_equal(read(acks[0], &byte, 1), 1);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        close(acks[1]);
        acknowledged += (uint64_t)round * 3;
        while (read(acks[0], &byte, 1) == 1)
            acknowledged++;
        close(acks[0]);
        assert_int_equal(in_child(acknowledged_is_there), 0);
    }
    kit.with_committer = false;
    assert_int_equal(in_child(check_chain), 0);
}

/* --- what waits is sealed --- */

static bool file_has(const char *path, struct bytes text)
{
    struct arena *arena = arena_open(64 << 20);
    struct bytes whole = {0};
    bool found;

    assert_ok(file_read(arena, path, 32 << 20, &whole));
    found = memmem(whole.at, whole.n, text.at, text.n) != NULL;
    arena_close(arena);
    return found;
}

/* The kit's note names operation and account; its principal's ARN is in each. */
static void test_rows_show_nothing(void **state)
{
    char path[SCRATCH_PATH + 16];

    (void)state;
    assert_int_equal(in_child(committed_not_appended), 0);
    (void)snprintf(path, sizeof path, "%s/data.mdb", kit.data);
    assert_true(file_has(path, LIT("o/\0\0\0\0\0\0\0\1"))); /* they are there */
    assert_false(file_has(path, LIT("toy.add")));
    assert_false(file_has(path, LIT("eventName")));
    assert_int_equal(in_child(all_is_there), 0);
    assert_false(file_has(path, LIT("eventName")));
}

static void put_row(struct bytes row)
{
    struct batch batch = {.note = row}, *const group[] = {&batch};

    must(store_commit(kit.house.store, group, 1, 0) == OK, 70);
}

/* A row of our making, altered in its last byte. */
static void alter_row(void)
{
    struct call *c = call_make(kit.worker, &kit_root);
    struct bytes row;

    must(outbox_seal(c, LIT("{\"eventName\":\"toy.add\",\"coffer\":{\"format\":1"), &row) == OK,
         71);
    ((uint8_t *)row.at)[row.n - 1] ^= 1;
    put_row(row);
    call_unmake(c);
}

static void is_damaged(void)
{
    must(outbox_recover(kit.worker, false) == OUTBOX_DAMAGED, 72);
    must(outbox_recover(kit.worker, true) == OUTBOX_DAMAGED, 73);
    must(journal_count(&kit, "toy.add") == 0, 74);
}

static void put_plain(void)
{
    put_row(LIT("{\"eventName\":\"toy.add\",\"coffer\":{\"format\":1"));
}

static void is_refused(void)
{
    must(outbox_recover(kit.worker, false) != OK, 75);
    must(journal_count(&kit, "toy.add") == 0, 76);
}

static void test_an_altered_row_is_refused(void **state)
{
    (void)state;
    assert_int_equal(in_child(alter_row), 0);
    assert_int_equal(in_child(is_damaged), 0);
}

static void test_a_row_in_clear_is_refused(void **state)
{
    (void)state;
    assert_int_equal(in_child(put_plain), 0);
    assert_int_equal(in_child(is_refused), 0);
}

/* --- an old store put back, a journal cut off --- */

static void is_rolled_back(void)
{
    must(outbox_recover(kit.worker, false) == STORE_ROLLED_BACK, 50);
}

static void is_accepted(void)
{
    must(outbox_recover(kit.worker, true) == OK, 51);
    must(journal_count(&kit, "store.rolled-back.accepted") == 1, 52);
    must(outbox_recover(kit.worker, false) == OK, 53);
    add(&toy_add);
}

static void copy_store(const char *from, const char *to)
{
    char command[3 * SCRATCH_PATH];

    (void)snprintf(command, sizeof command, "cp '%s'/data.mdb '%s'/", from, to);
    assert_int_equal(system(command), 0);
}

static void test_an_old_store_is_refused(void **state)
{
    char old[SCRATCH_PATH];

    (void)state;
    scratch_make(old);
    assert_int_equal(in_child(synced_not_dropped), 0);
    copy_store(kit.data, old);
    assert_int_equal(in_child(synced_not_dropped), 0);
    copy_store(old, kit.data);
    scratch_remove(old);
    assert_int_equal(in_child(is_rolled_back), 0);
    assert_int_equal(in_child(is_accepted), 0);
    assert_int_equal(in_child(check_chain), 0);
}

static void anchored(void)
{
    synced_not_dropped();
    worker_tick(kit.worker, 1767225600000);
}

static void is_cut(void)
{
    struct journal_anchor anchor = {0};

    must(outbox_anchor(kit.worker, &anchor) == OK && anchor.time > 0, 60);
    must(outbox_recover(kit.worker, false) == JOURNAL_CUT, 61);
    must(outbox_recover(kit.worker, true) == OK, 62);
    must(journal_count(&kit, "journal.cut.accepted") == 1, 63);
}

static void test_a_cut_journal_is_refused(void **state)
{
    (void)state;
    assert_int_equal(in_child(anchored), 0);
    scratch_remove(kit.folder);
    assert_int_equal(mkdir(kit.folder, 0700), 0);
    assert_int_equal(in_child(is_cut), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_committed_not_appended),
        CASE(test_half_appended),
        CASE(test_appended_not_synced),
        CASE(test_synced_not_dropped),
        CASE(test_dropped),
        CASE(test_torn_at_each_place),
        CASE(test_killed_under_load),
        CASE(test_rows_show_nothing),
        CASE(test_an_altered_row_is_refused),
        CASE(test_a_row_in_clear_is_refused),
        CASE(test_an_old_store_is_refused),
        CASE(test_a_cut_journal_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
