/* journal: what is appended stands there, whole and in order, or nobody can say that it does. */
#include "house_kit.h"
#include "journal_kit.h"

#include "base/faultpoint.h"
#include "core/audit/segment.h"
#include "core/audit/syncer.h"
#include "keeper/local.h"
#include "support/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct journal_kit kit;

static int up(void **state)
{
    (void)state;
    journal_make(&kit);
    return 0;
}

static int down(void **state)
{
    (void)state;
    journal_unmake(&kit);
    return 0;
}

static const struct fault *append(uint64_t number, uint64_t commit)
{
    char text[96];
    const int n = snprintf(text, sizeof text, "{\"eventName\":\"e%llu\",\"coffer\":{\"format\":1",
                           (unsigned long long)number);
    struct journal_record record = {.text = {(const uint8_t *)text, (size_t)n}, .commit = commit};

    return journal_append(kit.journal, &record, 1);
}

static size_t read_segment(uint64_t first, char *out, size_t room)
{
    char path[JOURNAL_PATH];
    FILE *file;
    size_t n;

    journal_path(&kit, first, path);
    file = fopen(path, "re");
    assert_non_null(file);
    n = fread(out, 1, room, file);
    (void)fclose(file);
    return n;
}

static void write_segment(uint64_t first, const char *at, size_t n)
{
    char path[JOURNAL_PATH];
    FILE *file;

    journal_path(&kit, first, path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(at, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void test_whole_over_segments(void **state)
{
    struct verify_report report;

    (void)state;
    for (uint64_t i = 1; i <= 500; i++) {
        assert_ok(append(i, i % 3 == 0 ? i : 0));
        if (i % 100 == 0)
            assert_ok(journal_tick(kit.journal));
    }
    journal_close(kit.journal);
    kit.journal = NULL;
    report = journal_verified(&kit, NULL);
    assert_int_equal(report.verdict, VERIFY_WHOLE);
    assert_int_equal(report.first, 1);
    assert_int_equal(report.commit, 498);
    assert_true(report.records > 500);
    assert_int_equal(report.anchored, report.sequence - 1); /* the last record is the checkpoint */
}

static void test_goes_on_where_it_was(void **state)
{
    uint64_t commit, records;
    struct journal_state before, after;

    (void)state;
    for (uint64_t i = 1; i <= 200; i++)
        assert_ok(append(i, 7));
    journal_state(kit.journal, &before);
    journal_reopen(&kit);
    journal_state(kit.journal, &after);
    assert_int_equal(after.sequence, before.sequence + 1); /* and the checkpoint of the end */
    journal_last_commit(kit.journal, &commit, &records);
    assert_int_equal(commit, 7);
    assert_int_equal(records, 200); /* counted on over segments */
    assert_ok(append(201, 8));
    journal_reopen(&kit);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
}

static void test_what_is_no_record(void **state)
{
    struct journal_record lines = {.text = LIT("{\"a\":\"x\ny\",\"coffer\":{\"format\":1")};
    struct journal_record empty = {0};

    (void)state;
    assert_fault(journal_append(kit.journal, &lines, 1), JOURNAL_TEXT);
    assert_fault(journal_append(kit.journal, &empty, 1), JOURNAL_TEXT);
    assert_ok(append(1, 0));
}

static void test_held(void **state)
{
    struct journal *other = NULL;

    (void)state;
    assert_fault(journal_open(&kit.settings, kit_keeper, &other), JOURNAL_HELD);
}

/* A crash of the process: all that was written is there, without any tick or close. The child is
 * made before this program has keys, since a child has none of its parent's. */
static char killed_folder[SCRATCH_PATH];

static void append_and_die(void)
{
    kit_start();
    kit.settings =
        (struct journal_settings){.folder = bytes_of(killed_folder), .segment_size = SEGMENT_SMALL};
    if (journal_open(&kit.settings, kit_keeper, &kit.journal) != OK)
        _exit(1);
    for (uint64_t i = 1; i <= 200; i++)
        if (append(i, i) != OK)
            _exit(2);
    _exit(0);
}

static bool killed_before_all(void)
{
    int status;
    pid_t child;

    scratch_make(killed_folder);
    child = fork();
    if (child == 0)
        append_and_die();
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_survives_a_kill(void **state)
{
    uint64_t commit, records;

    (void)state;
    kit.settings.folder = bytes_of(killed_folder);
    journal_reopen(&kit);
    journal_last_commit(kit.journal, &commit, &records);
    assert_int_equal(commit, 200);
    kit.settings.folder = bytes_of(kit.folder);
    journal_reopen(&kit);
    scratch_remove(killed_folder);
}

static void test_torn_tail(void **state)
{
    static char all[SEGMENT_SMALL];
    size_t n;
    struct verify_report report;

    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        assert_ok(append(i, i));
    journal_close(kit.journal);
    kit.journal = NULL;
    n = read_segment(1, all, sizeof all);
    /* The last record is the checkpoint: torn, together with half of the one before. */
    for (int newlines = 0; newlines < 2; n--)
        newlines += all[n - 1] == '\n';
    write_segment(1, all, n - 20);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_TORN);
    assert_ok(journal_open(&kit.settings, kit_keeper, &kit.journal));
    {
        uint64_t commit, records;

        journal_last_commit(kit.journal, &commit, &records);
        assert_int_equal(commit, 9);
    }
    assert_ok(append(11, 10));
    journal_reopen(&kit);
    report = journal_verified(&kit, NULL);
    assert_int_equal(report.verdict, VERIFY_WHOLE);
    assert_int_equal(report.commit, 10);
    n = read_segment(1, all, sizeof all - 1);
    all[n] = '\0';
    assert_non_null(strstr(all, "journal.torn"));
}

/* A break before a signed checkpoint is no power cut. */
static void test_damage_is_not_torn(void **state)
{
    static char all[SEGMENT_SMALL];
    char *at;
    size_t n;

    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        assert_ok(append(i, i));
    journal_close(kit.journal);
    kit.journal = NULL;
    n = read_segment(1, all, sizeof all);
    at = strstr(all, "\"e5\"");
    at[1] = 'f';
    write_segment(1, all, n);
    assert_fault(journal_open(&kit.settings, kit_keeper, &kit.journal), JOURNAL_DAMAGED);
    at[1] = 'e';
    write_segment(1, all, n);
    assert_ok(journal_open(&kit.settings, kit_keeper, &kit.journal));
}

/* --- every change is found --- */

static void split(char *all, size_t n, char *lines[], size_t *count)
{
    *count = 0;
    for (char *at = all; at < all + n; at = strchr(at, '\n') + 1)
        lines[(*count)++] = at;
    lines[*count] = all + n;
}

static void test_each_flipped_byte(void **state)
{
    static char all[SEGMENT_SMALL], changed[SEGMENT_SMALL];
    size_t n;

    (void)state;
    for (uint64_t i = 1; i <= 6; i++)
        assert_ok(append(i, i % 2 == 0 ? i : 0));
    journal_close(kit.journal);
    kit.journal = NULL;
    n = read_segment(1, all, sizeof all);
    for (size_t i = 0; i < n; i++) {
        memcpy(changed, all, n);
        changed[i] ^= 1;
        write_segment(1, changed, n);
        assert_int_not_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    }
    write_segment(1, all, n);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
}

static void test_each_dropped_doubled_or_moved_record(void **state)
{
    static char all[SEGMENT_SMALL + 1], changed[2 * SEGMENT_SMALL];
    char *lines[64];
    size_t n, count;

    (void)state;
    for (uint64_t i = 1; i <= 12; i++)
        assert_ok(append(i, 0));
    journal_close(kit.journal);
    kit.journal = NULL;
    n = read_segment(1, all, SEGMENT_SMALL);
    split(all, n, lines, &count);
    for (size_t i = 0; i + 1 < count;
         i++) { /* the last is the checkpoint: cutting that is the next test's */
        const size_t before = (size_t)(lines[i] - all), line = (size_t)(lines[i + 1] - lines[i]),
                     after = n - before - line, next = (size_t)(lines[i + 2] - lines[i + 1]);
        struct verify_report report;

        memcpy(changed, all, before);
        memcpy(changed + before, lines[i + 1], after);
        write_segment(1, changed, n - line);
        report = journal_verified(&kit, NULL);
        assert_int_equal(report.verdict, VERIFY_CHANGED);
        assert_int_equal(report.sequence, i + 1); /* named */

        memcpy(changed, all, before + line);
        memcpy(changed + before + line, lines[i], line + after);
        write_segment(1, changed, n + line);
        assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CHANGED);

        memcpy(changed, all, n);
        memcpy(changed + before, lines[i + 1], next);
        memcpy(changed + before + next, lines[i], line);
        write_segment(1, changed, n);
        assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CHANGED);
    }
}

/* What nothing in the folder can tell, a checkpoint kept elsewhere does. */
static void test_cut_off_cleanly(void **state)
{
    static char all[SEGMENT_SMALL + 1];
    char *lines[64];
    struct verify_since since = {0};
    struct journal_anchor anchor;
    size_t n, count;

    (void)state;
    for (uint64_t i = 1; i <= 12; i++)
        assert_ok(append(i, 0));
    assert_ok(journal_tick(kit.journal));
    assert_true(journal_take_anchor(kit.journal, &anchor));
    assert_false(journal_take_anchor(kit.journal, &anchor));
    since.sequence = anchor.sequence;
    memcpy(since.chain, anchor.chain, sizeof since.chain);
    assert_int_equal(journal_verified(&kit, &since).verdict, VERIFY_WHOLE);
    journal_close(kit.journal);
    kit.journal = NULL;
    n = read_segment(1, all, SEGMENT_SMALL);
    split(all, n, lines, &count);
    write_segment(1, all, (size_t)(lines[5] - all));
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    assert_int_equal(journal_verified(&kit, NULL).anchored, 0);
    assert_int_equal(journal_verified(&kit, &since).verdict, VERIFY_CUT);
    write_segment(1, all, (size_t)(lines[5] - all) - 9); /* nor if it looks like a power cut's */
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_TORN);
    assert_int_equal(journal_verified(&kit, &since).verdict, VERIFY_CUT);
}

static void test_another_key(void **state)
{
    struct arena *arena = arena_open(1 << 20);
    uint8_t key[32] = {9};
    struct verify_report report;

    (void)state;
    assert_ok(append(1, 0));
    journal_close(kit.journal);
    kit.journal = NULL;
    assert_ok(journal_verify(arena, bytes_of(kit.folder), (struct bytes){key, 32}, NULL, &report));
    assert_int_equal(report.verdict, VERIFY_UNSIGNED);
    assert_ok(keeper_journal_public(kit_keeper, 1, key));
    assert_ok(journal_verify(arena, bytes_of(kit.folder), (struct bytes){key, 32}, NULL, &report));
    assert_int_equal(report.verdict, VERIFY_WHOLE);
    arena_close(arena);
}

/* --- another root --- */

static uint8_t old_key[32], new_key[32];

static struct keeper *keeper_beside(uint8_t first)
{
    static uint8_t root[32];
    struct keeper *both;

    root[0] = first;
    assert_ok(
        keeper_local_beside(kit_keeper, &(struct keeper_root){2, {root, sizeof root}}, &both));
    assert_ok(keeper_journal_public(kit_keeper, 1, old_key));
    assert_ok(keeper_journal_public(both, 2, new_key));
    return both;
}

static enum verify_verdict by(const uint8_t key[32])
{
    struct arena *arena = arena_open(1 << 20);
    struct verify_report report;

    assert_ok(journal_verify(arena, bytes_of(kit.folder), (struct bytes){key, 32}, NULL, &report));
    arena_close(arena);
    return report.verdict;
}

static void test_another_root_signs(void **state)
{
    static const uint8_t strange[32] = {9};
    struct keeper *both;

    (void)state;
    assert_ok(append(1, 0));
    assert_ok(journal_tick(kit.journal));
    both = keeper_beside(5);
    assert_int_equal(by(old_key), VERIFY_WHOLE);
    assert_int_equal(by(new_key), VERIFY_UNSIGNED); /* it has signed nothing yet */
    assert_ok(journal_endorse(kit.journal, both));
    assert_int_equal(by(old_key), VERIFY_WHOLE);
    assert_int_equal(by(new_key), VERIFY_WHOLE);
    assert_ok(append(2, 0));
    journal_close(kit.journal);
    kit.journal = NULL;
    keeper_close(both);
    assert_int_equal(by(old_key), VERIFY_WHOLE);
    assert_int_equal(by(new_key), VERIFY_WHOLE);
    assert_int_equal(by(strange), VERIFY_UNSIGNED);
}

/* Killed before the new root came: the old one goes on, and another tries again. */
static void test_a_root_that_never_came(void **state)
{
    struct keeper *both = keeper_beside(5);

    (void)state;
    assert_ok(journal_endorse(kit.journal, both));
    journal_reopen(&kit); /* under the old one */
    keeper_close(both);
    assert_ok(append(1, 0));
    assert_ok(journal_tick(kit.journal));
    assert_int_equal(by(old_key), VERIFY_WHOLE);
    assert_int_equal(by(new_key), VERIFY_UNSIGNED); /* of nobody: what came after is not its */
    both = keeper_beside(6);
    assert_ok(journal_endorse(kit.journal, both));
    assert_int_equal(by(old_key), VERIFY_WHOLE);
    assert_int_equal(by(new_key), VERIFY_WHOLE);
    journal_close(kit.journal);
    kit.journal = NULL;
    keeper_close(both);
}

/* What a stranger says of the key to come counts for nothing. */
static void test_a_stranger_endorses_nobody(void **state)
{
    static uint8_t root[32] = {8};
    struct keeper *stranger, *both = keeper_beside(5);

    (void)state;
    assert_ok(append(1, 0));
    assert_ok(journal_tick(kit.journal));
    journal_close(kit.journal);
    assert_ok(keeper_local(&(struct keeper_root){1, {root, sizeof root}}, 1, &stranger));
    assert_ok(journal_open(&kit.settings, stranger, &kit.journal));
    assert_ok(journal_endorse(kit.journal, both));
    journal_close(kit.journal);
    kit.journal = NULL;
    assert_int_equal(by(old_key), VERIFY_UNSIGNED);
    keeper_close(stranger);
    keeper_close(both);
}

static void test_a_missing_segment(void **state)
{
    char path[JOURNAL_PATH];
    struct arena *arena = arena_open(1 << 20);
    uint64_t *firsts;
    size_t n;
    int fd;

    (void)state;
    for (uint64_t i = 1; i <= 600; i++)
        assert_ok(append(i, 0));
    journal_close(kit.journal);
    kit.journal = NULL;
    fd = open(kit.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_ok(segment_list(arena, fd, &firsts, &n));
    assert_true(n >= 4);
    journal_path(&kit, firsts[1], path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CHANGED);
    assert_int_equal(journal_verified(&kit, NULL).sequence, firsts[1]);
    journal_path(&kit, firsts[0],
                 path); /* nothing says that it was retired: tests/unit/core/retire.c */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CUT);
    assert_int_equal(journal_verified(&kit, NULL).sequence, firsts[2] - 1);
    (void)close(fd);
    arena_close(arena);
}

/* --- no space --- */

/* Files may not grow past a limit: writes fail in the middle of a record, as on a full disk. */
static void test_full_then_healed(void **state)
{
    struct rlimit before, low;
    const struct fault *fault = OK;
    struct journal_state at_full;
    uint64_t kept = 0;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){5000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    for (uint64_t i = 1; i <= 100 && fault == OK; i++) {
        fault = append(i, 0);
        kept += fault == OK;
    }
    assert_fault(fault, JOURNAL_FULL);
    journal_state(kit.journal, &at_full);
    assert_fault(append(101, 0), JOURNAL_FULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_ok(append(102, 0));
    journal_reopen(&kit);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    assert_int_equal(journal_verified(&kit, NULL).records,
                     kept + 3); /* head, the one more, the checkpoint */
}

/* Ticks with each fault point failing in turn, on fresh records, until one leaves the journal as
 * wanted. */
static bool tick_until(bool (*wanted)(const struct journal_state *), const struct fault **fault)
{
    struct journal_state is = {0};
    char next[JOURNAL_PATH];

    (void)snprintf(next, sizeof next, "%s/next.journal", kit.folder);
    for (int point = 1; point < 100 && !wanted(&is); point++) {
        journal_reopen(&kit);
        assert_ok(append(1, 0));
        (void)unlink(next); /* so that one has to be made */
        fault_point_arm(point);
        *fault = journal_tick(kit.journal);
        fault_point_arm(0);
        journal_state(kit.journal, &is);
    }
    return wanted(&is);
}

static bool is_degraded(const struct journal_state *is)
{
    return is->degraded;
}

static bool is_down(const struct journal_state *is)
{
    return is->down != OK;
}

static void test_no_next_segment(void **state)
{
    const struct fault *fault = OK;
    struct journal_state is;

    (void)state;
    assert_true(tick_until(is_degraded, &fault));
    assert_ok(fault); /* what was written is synced all the same */
    assert_fault(journal_writable(kit.journal), JOURNAL_FULL);
    assert_ok(append(2, 0)); /* reads go on */
    assert_ok(journal_tick(kit.journal));
    journal_state(kit.journal, &is);
    assert_false(is.degraded);
    assert_ok(journal_writable(kit.journal));
}

/* After a failed sync nobody knows what the disk holds. */
static void test_failed_sync_is_the_end(void **state)
{
    const struct fault *fault = OK;

    (void)state;
    assert_true(tick_until(is_down, &fault));
    assert_fault(fault, JOURNAL_DOWN);
    assert_fault(append(2, 0), JOURNAL_DOWN);
    assert_fault(journal_writable(kit.journal), JOURNAL_DOWN);
}

static void test_strict_is_synced(void **state)
{
    (void)state;
    kit.settings.strict = true;
    journal_reopen(&kit);
    assert_ok(append(1, 5));
    assert_int_equal(journal_synced_commit(kit.journal), 5);
    kit.settings.strict = false;
    journal_reopen(&kit);
    assert_ok(append(2, 6));
    assert_int_equal(journal_synced_commit(kit.journal), 0);
    assert_ok(journal_tick(kit.journal));
    assert_int_equal(journal_synced_commit(kit.journal), 6);
}

/* What a loop does: it goes on, and is woken when its records are on the disk. */
static void test_syncer_waits_for_the_disk(void **state)
{
    char text[] = "{\"coffer\":{\"format\":1";
    struct journal_record record = {.text = {(const uint8_t *)text, sizeof text - 1}};
    struct syncer *syncer;
    struct mailbox *homes[2];
    uint64_t last[2], synced;

    (void)state;
    kit.settings.strict = true;
    journal_reopen(&kit);
    assert_ok(journal_write(kit.journal, &record, 1, &last[0]));
    assert_ok(journal_synced(kit.journal, &synced));
    assert_true(synced < last[0]);
    assert_ok(syncer_start(kit.journal, &syncer));
    for (int i = 0; i < 2; i++)
        assert_ok(mailbox_open(&homes[i]));
    syncer_ask(syncer, last[0], homes[0]);
    for (int i = 0; i < 200; i++) {
        assert_ok(journal_write(kit.journal, &record, 1, &last[i % 2]));
        syncer_ask(syncer, last[i % 2], homes[i % 2]);
        if (i % 2 == 1)
            continue;
        do {
            assert_null(mailbox_wait(homes[0]));
            assert_ok(journal_synced(kit.journal, &synced));
        } while (synced < last[0]);
    }
    syncer_ask(syncer, last[1], homes[1]);
    syncer_forget(syncer, homes[1]);
    syncer_stop(syncer);
    for (int i = 0; i < 2; i++)
        mailbox_close(homes[i]);
}

/* --- threads --- */

static void *appender(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < 500; i++)
        assert_ok(append(i, 0));
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, appender, NULL), 0);
    for (int i = 0; i < 20; i++)
        assert_ok(journal_tick(kit.journal));
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    journal_reopen(&kit);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    assert_true(journal_verified(&kit, NULL).records > 1500);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_whole_over_segments),
        CASE(test_goes_on_where_it_was),
        CASE(test_what_is_no_record),
        CASE(test_held),
        CASE(test_survives_a_kill),
        CASE(test_torn_tail),
        CASE(test_damage_is_not_torn),
        CASE(test_each_flipped_byte),
        CASE(test_each_dropped_doubled_or_moved_record),
        CASE(test_cut_off_cleanly),
        CASE(test_another_key),
        CASE(test_a_missing_segment),
        CASE(test_full_then_healed),
        CASE(test_another_root_signs),
        CASE(test_a_root_that_never_came),
        CASE(test_a_stranger_endorses_nobody),
        CASE(test_no_next_segment),
        CASE(test_failed_sync_is_the_end),
        CASE(test_strict_is_synced),
        CASE(test_syncer_waits_for_the_disk),
        CASE(test_threads),
    };

    if (!killed_before_all())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
