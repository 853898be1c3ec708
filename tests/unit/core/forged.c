/* forged: a journal's record replaced by another that is spelt as it should be. Whoever can write
 * the file can compute the chain, too; what he cannot do is to make the records behind it, or the
 * signature, agree. */
#include "house_kit.h"

#include "core/audit/line.h"
#include "core/audit/segment.h"
#include "core/audit/verify.h"
#include "crypto/digest.h"
#include "support/test.h"

#include <stdio.h>

enum { ROOM = 64 << 10, RECORDS = 5, FORGED = 3 /* the head of the segment is the first */ };

static char folder[SCRATCH_PATH], path[SCRATCH_PATH + SEGMENT_NAME + 1];
static uint8_t before[ROOM], after[ROOM];

static int up(void **state)
{
    struct journal_settings settings = {.segment_size = ROOM};
    struct journal *journal;
    char name[SEGMENT_NAME];

    (void)state;
    kit_start();
    scratch_make(folder);
    settings.folder = bytes_of(folder);
    if (journal_open(&settings, kit_keeper, &journal) != OK)
        return -1;
    for (int i = 0; i < RECORDS; i++) {
        struct journal_record record = {
            .text = LIT("{\"eventName\":\"here\",\"coffer\":{\"format\":1")};

        if (journal_append(journal, &record, 1) != OK)
            return -1;
    }
    journal_close(journal); /* which signs the end */
    segment_name(1, name);
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return 0;
}

static int down(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static struct bytes load(void)
{
    FILE *file = fopen(path, "re");
    size_t n;

    assert_non_null(file);
    n = fread(before, 1, sizeof(before), file);
    (void)fclose(file);
    return (struct bytes){before, n};
}

static void save(size_t n)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(after, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* Replaces one record; from it on, `all` or it alone, the chain is computed anew. */
static void forge(bool all)
{
    struct bytes rest = load(), whole;
    uint8_t chain[CHAIN_SIZE] = {0}, digest[CHAIN_SIZE];
    size_t n = 0;

    while (bytes_cut(&rest, '\n', &whole)) {
        struct line line;

        assert_true(line_read(whole, &line));
        if (line.sequence == FORGED)
            line.text = LIT("{\"eventName\":\"gone\",\"coffer\":{\"format\":1");
        if (line.sequence == FORGED || (all && line.sequence > FORGED)) {
            digest_sha256(line.text, digest);
            line_chain(&line, chain, digest);
        }
        memcpy(chain, line.chain, CHAIN_SIZE);
        n += line_write(&line, after + n);
    }
    save(n);
}

static struct verify_report verified(void)
{
    struct arena *arena = arena_open(1 << 20);
    struct verify_report report;

    assert_non_null(arena);
    assert_ok(journal_verify(arena, bytes_of(folder), (struct bytes){0}, NULL, &report));
    arena_close(arena);
    return report;
}

static void test_the_next_record_tells(void **state)
{
    (void)state;
    assert_int_equal(verified().verdict, VERIFY_WHOLE);
    forge(false);
    assert_int_equal(verified().verdict, VERIFY_CHANGED);
    assert_int_equal(verified().sequence, FORGED + 1);
}

static void test_the_signature_tells(void **state)
{
    const uint64_t last = RECORDS + 1; /* the head and the records, then what is signed */
    struct verify_report report;

    (void)state;
    forge(true);
    report = verified();
    assert_true(report.verdict == VERIFY_CHANGED || report.verdict == VERIFY_UNSIGNED);
    assert_int_equal(report.sequence, last + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_next_record_tells, up, down),
        cmocka_unit_test_setup_teardown(test_the_signature_tells, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
