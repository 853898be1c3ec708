/* retire: what is old goes, with a word about it; what goes without one is missed. */
#include "house_kit.h"
#include "journal_kit.h"

#include "base/clock.h"
#include "base/faultpoint.h"
#include "core/audit/segment.h"
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONG = 2 << 10, FAULTS_MOST = 2000 };

#define THEN INT64_C(1700000000000)
#define DAY  INT64_C(86400000)

static struct journal_kit kit;

static int up(void **state)
{
    (void)state;
    clock_set_ms(THEN);
    journal_make(&kit);
    return 0;
}

static int down(void **state)
{
    (void)state;
    journal_unmake(&kit);
    clock_set_ms(0);
    return 0;
}

static void append(size_t times)
{
    char text[LONG];
    const int n = snprintf(text, sizeof text, "{\"eventName\":\"%0*d\",\"coffer\":{\"format\":1",
                           LONG / 2, 0);

    for (size_t i = 0; i < times; i++) {
        struct journal_record record = {.text = {(const uint8_t *)text, (size_t)n}};

        assert_ok(journal_append(kit.journal, &record, 1));
    }
}

/* Several segments of long ago, and today's. */
static void fill(void)
{
    clock_set_ms(THEN);
    append(52);
    assert_ok(journal_tick(kit.journal));
    clock_set_ms(THEN + 500 * DAY);
    append(3);
    assert_ok(journal_tick(kit.journal));
}

/* How many there are, and the first sequences of the first two and the last. */
static size_t segments(uint64_t *first, uint64_t *second, uint64_t *last)
{
    struct arena *arena = arena_open(1 << 20);
    const int fd = open(kit.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t *firsts;
    size_t n;

    assert_ok(segment_list(arena, fd, &firsts, &n));
    assert_true(n > 0);
    *first = firsts[0];
    *second = firsts[n > 1 ? 1 : 0];
    *last = firsts[n - 1];
    (void)close(fd);
    arena_close(arena);
    return n;
}

static void remove_segment(uint64_t first)
{
    char path[JOURNAL_PATH];

    journal_path(&kit, first, path);
    assert_int_equal(unlink(path), 0);
}

static void test_what_is_old_goes(void **state)
{
    struct verify_report report;
    uint64_t first, second, last;

    (void)state;
    fill();
    assert_true(segments(&first, &second, &last) > 3);
    assert_ok(journal_retire(kit.journal, THEN)); /* closed at that time, not before */
    assert_true(segments(&first, &second, &last) > 3);
    assert_int_equal(first, 1);
    assert_ok(journal_retire(kit.journal, THEN + 1));
    assert_int_equal(segments(&first, &second, &second), 1);
    assert_int_equal(first, last); /* what is in use stays */
    report = journal_verified(&kit, NULL);
    assert_int_equal(report.verdict, VERIFY_WHOLE);
    assert_int_equal(report.first, last);
    assert_true(report.retired_by > last);
    assert_int_equal(report.retired_ms, THEN);
    journal_reopen(&kit);
    append(40);
    assert_ok(journal_tick(kit.journal));
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    assert_ok(
        journal_retire(kit.journal, THEN + 501 * DAY)); /* the record of the first time goes, too */
    assert_int_equal(segments(&first, &second, &last), 1);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    assert_int_equal(journal_verified(&kit, NULL).first, first);
}

static void test_one_in_use_stays(void **state)
{
    uint64_t first, second, last;

    (void)state;
    append(5);
    assert_ok(journal_tick(kit.journal));
    assert_ok(journal_retire(kit.journal, INT64_MAX));
    assert_int_equal(segments(&first, &second, &last), 1);
    assert_int_equal(journal_verified(&kit, NULL).first, 1);
    assert_int_equal(journal_verified(&kit, NULL).retired_by, 0);
}

static void test_what_is_not_anchored_stays(void **state)
{
    uint64_t first, second, last;

    (void)state;
    append(30); /* the last footer is vouched for by no checkpoint yet */
    assert_true(segments(&first, &second, &last) > 1);
    while (segments(&first, &second, &last) == 2 && last > second)
        append(1);
    assert_ok(journal_retire(kit.journal, INT64_MAX));
    assert_true(segments(&first, &second, &last) >= 2);
    assert_ok(journal_tick(kit.journal));
    assert_ok(journal_retire(kit.journal, INT64_MAX));
    assert_int_equal(segments(&first, &second, &last), 1);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
}

static void test_what_was_cut_is_missed(void **state)
{
    uint64_t first, second, last;

    (void)state;
    fill();
    (void)segments(&first, &second, &last);
    remove_segment(first);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CUT);
    assert_int_equal(journal_verified(&kit, NULL).sequence, second - 1);
    assert_ok(journal_retire(kit.journal, THEN + 1)); /* until its age would have been up */
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    append(30);
    assert_ok(journal_tick(kit.journal));
    (void)segments(&first, &second, &last);
    remove_segment(first);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CUT);
}

/* The word alone is not enough: a signature has to stand behind it. */
static void test_a_word_without_signature(void **state)
{
    static char all[SEGMENT_SMALL];
    char path[JOURNAL_PATH], *at;
    uint64_t first, second, last;
    FILE *file;
    size_t n;

    (void)state;
    fill();
    assert_ok(journal_retire(kit.journal, THEN + 1));
    journal_close(kit.journal);
    kit.journal = NULL;
    (void)segments(&first, &second, &last);
    journal_path(&kit, last, path);
    file = fopen(path, "re");
    assert_non_null(file);
    n = fread(all, 1, sizeof all - 1, file);
    (void)fclose(file);
    all[n] = '\0';
    at = all;
    for (char *next = all; (next = strstr(next, "journal.retired")) != NULL; next++)
        at = next;
    assert_true(at > all);
    assert_int_equal(truncate(path, strchr(at, '\n') + 1 - all), 0);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CUT);
}

static void test_checkpoints_of_what_went(void **state)
{
    struct verify_since since = {0};
    struct journal_anchor anchor;
    struct verify_report report;

    (void)state;
    append(5);
    assert_ok(journal_tick(kit.journal));
    assert_true(journal_take_anchor(kit.journal, &anchor));
    since.sequence = anchor.sequence;
    memcpy(since.chain, anchor.chain, sizeof since.chain);
    assert_int_equal(journal_verified(&kit, &since).verdict, VERIFY_WHOLE);
    fill();
    assert_ok(journal_retire(kit.journal, THEN + 1));
    report = journal_verified(&kit, &since);
    assert_int_equal(report.verdict, VERIFY_WHOLE);
    assert_true(report.first > since.sequence + 1);
    since.sequence = report.first - 1; /* what the first that is there follows is known still */
    assert_int_equal(journal_verified(&kit, &since).verdict, VERIFY_CUT);
}

/* Evidence stays: a segment whose footer is not ours is not taken away, nor those behind it. */
static void test_what_was_changed_stays(void **state)
{
    char path[JOURNAL_PATH];
    uint64_t first, second, last;
    struct stat facts;
    char digit;
    int fd;

    (void)state;
    fill();
    (void)segments(&first, &second, &last);
    journal_path(&kit, first, path);
    assert_int_equal(stat(path, &facts), 0);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &digit, 1, facts.st_size - 120), 1);
    digit = digit == '0' ? '1' : '0'; /* of the signature */
    assert_int_equal(pwrite(fd, &digit, 1, facts.st_size - 120), 1);
    (void)close(fd);
    assert_ok(journal_retire(kit.journal, THEN + 1));
    (void)segments(&first, &second, &last);
    assert_int_equal(first, 1);
    assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_CHANGED);
}

/* Wherever it stops, there is no gap without a word, and the next call ends what was begun. */
static void test_each_fault(void **state)
{
    const struct fault *fault = OK;
    uint64_t first, second, last;
    bool met = true; /* a point was; one in a signature only puts it off */
    int nth = 0;

    while (met && nth < FAULTS_MOST) {
        if (nth > 0) {
            assert_int_equal(down(state), 0);
            assert_int_equal(up(state), 0);
        }
        fill();
        fault_point_arm(++nth);
        fault = journal_retire(kit.journal, THEN + 1);
        met = fault_point_left == 0;
        fault_point_arm(0);
        assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
        journal_reopen(&kit);
        assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
        assert_ok(journal_tick(kit.journal));
        assert_ok(journal_retire(kit.journal, THEN + 1));
        assert_int_equal(segments(&first, &second, &last), 1);
        assert_int_equal(journal_verified(&kit, NULL).verdict, VERIFY_WHOLE);
    }
    assert_ok(fault);
    printf("EACH_FAULT journal_retire: %d points walked\n", nth - 1);
    assert_true(nth > 5 && nth < FAULTS_MOST);
}

static void test_the_group_may_read(void **state)
{
    const gid_t group = geteuid() == 0 ? 4711 : getegid();
    const mode_t before = umask(0077);
    char path[JOURNAL_PATH];
    uint64_t first, second, last;
    struct stat facts;

    (void)state;
    append(5);
    kit.settings.group = &group;
    journal_reopen(&kit);
    append(30);
    assert_true(segments(&first, &second, &last) > 1);
    (void)umask(before);
    assert_int_equal(stat(kit.folder, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0750);
    for (int i = 0; i < 2; i++) {
        journal_path(&kit, i == 0 ? first : last, path);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0640);
        assert_int_equal(facts.st_gid, group);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_old_goes),           CASE(test_one_in_use_stays),
        CASE(test_what_is_not_anchored_stays), CASE(test_what_was_cut_is_missed),
        CASE(test_a_word_without_signature),   CASE(test_checkpoints_of_what_went),
        CASE(test_what_was_changed_stays),     CASE(test_each_fault),
        CASE(test_the_group_may_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
