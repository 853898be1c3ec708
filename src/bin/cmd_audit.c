/* coffer audit: follow the journal, or verify it; both read the files, and need no server. */
#include "bin/ask.h"
#include "bin/audit_show.h"
#include "bin/commands.h"

#include "base/blame.h"
#include "base/file.h"
#include "codec/date.h"
#include "codec/hex.h"
#include "core/audit/verify.h"
#include "crypto/start.h"

#include <stdio.h>
#include <string.h>

enum { MEMORY = 512 * 1024 * 1024, LINE_MEMORY = 16 * 1024 * 1024, KEY_MOST = 256 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"},
    {"last", "N", "tail: how many records to begin with; 10 if not said"},
    {"follow", NULL, "tail: go on as records come, until interrupted"},
    AUDIT_ROWS,
    FORM_ROW,
    {"public-key", "FILE",
     "verify: 64 hex digits, kept elsewhere; else the one beside the journal"},
    {0},
};

static FAULT(
    SINCE, FAULT_CALLER, "audit.since",
    "A checkpoint is a number, a colon and 64 hex digits, as coffer audit verify says it.");

static const char *const verdicts[] = {
    [VERIFY_WHOLE] = "whole: every record stands where it was written",
    [VERIFY_TORN] =
        "torn: the last record is incomplete, as after a power cut; nothing anchored is missing",
    [VERIFY_CHANGED] = "CHANGED: a record was changed, dropped, moved or added",
    [VERIFY_CUT] = "CUT: records are missing from the beginning, or a known checkpoint is",
    [VERIFY_UNSIGNED] = "FORGED: a checkpoint's signature is not this journal's key",
    [VERIFY_EMPTY] = "empty: there is no record yet",
};

static int usage(FILE *to)
{
    (void)fprintf(to, "usage: coffer audit tail|verify [OPTIONS]%s\n",
                  to == stdout ? "\n" : "; see coffer audit --help");
    if (to == stdout)
        options_help(rows);
    return to == stdout ? EXIT_FINE : EXIT_USAGE;
}

/* To be kept elsewhere: with it, nobody can cut the journal off before it. */
static void print_checkpoint(const struct verify_report *report)
{
    uint8_t hex[2 * sizeof report->anchored_chain], time[DATE_ISO];

    if (report->anchored == 0)
        return;
    hex_encode((struct bytes){report->anchored_chain, sizeof report->anchored_chain}, hex);
    date_iso(report->anchored_ms, time);
    printf("checkpoint: %llu:%.*s of %.*s\n", (unsigned long long)report->anchored, (int)sizeof hex,
           (const char *)hex, DATE_ISO, (const char *)time);
}

static void print_retired(const struct verify_report *report)
{
    uint8_t time[DATE_ISO];

    date_iso(report->retired_ms, time);
    printf("retired: to record %llu, closed on %.*s, their age was up; record %llu says so\n",
           (unsigned long long)(report->first - 1), 10, (const char *)time,
           (unsigned long long)report->retired_by);
}

static int report_verdict(const struct verify_report *report)
{
    bool right = report->verdict == VERIFY_WHOLE || report->verdict == VERIFY_TORN ||
                 report->verdict == VERIFY_EMPTY;

    printf("journal: %s\n", verdicts[report->verdict]);
    printf("records: %llu, from %llu\n", (unsigned long long)report->records,
           (unsigned long long)report->first);
    if (report->retired_by != 0)
        print_retired(report);
    if (right) {
        print_checkpoint(report);
        printf("anchored: to record %llu; %llu after it are chained, but not yet signed\n",
               (unsigned long long)report->anchored,
               (unsigned long long)(report->sequence - report->anchored));
        return EXIT_FINE;
    }
    printf("first wrong record: %llu, in %.*s, line %llu\n", (unsigned long long)report->sequence,
           (int)report->file.n, (const char *)report->file.at, (unsigned long long)report->line);
    return EXIT_CONFLICT;
}

static fallible read_key(struct arena *arena, const char *file, uint8_t key[32], struct bytes *out)
{
    struct bytes text;

    *out = (struct bytes){0};
    if (file == NULL)
        return OK;
    TRY(blame(file, file_read(arena, file, KEY_MOST, &text)));
    while (text.n > 0 && (text.at[text.n - 1] == '\n' || text.at[text.n - 1] == '\r'))
        text.n--;
    ENSURE(text.n == 64 && hex_decode(text, key), VERIFY_KEY);
    *out = (struct bytes){key, 32};
    return OK;
}

static fallible read_since(const char *said, struct verify_since *since)
{
    struct bytes rest = bytes_of(said), number;

    *since = (struct verify_since){0};
    if (said == NULL)
        return OK;
    ENSURE(bytes_cut(&rest, ':', &number) && number.n > 0 && number.n < 20, SINCE);
    for (size_t i = 0; i < number.n; i++) {
        ENSURE(number.at[i] >= '0' && number.at[i] <= '9', SINCE);
        since->sequence = since->sequence * 10 + (uint64_t)(number.at[i] - '0');
    }
    ENSURE(rest.n == 64 && hex_decode(rest, since->chain), SINCE);
    return OK;
}

static int verify(struct arena *arena, const struct options *options, const char *folder)
{
    struct verify_since since;
    struct verify_report report = {0};
    struct bytes key_bytes;
    uint8_t key[32];
    const struct fault *fault = sensitive_start(NULL);

    if (fault == OK)
        fault = crypto_start();
    if (fault == OK)
        fault = read_key(arena, options_value(options, "public-key"), key, &key_bytes);
    if (fault == OK)
        fault = read_since(options_value(options, "since"), &since);
    if (fault == OK)
        fault = journal_verify(arena, bytes_of(folder), key_bytes, &since, &report);
    return fault == OK ? report_verdict(&report) : command_failed("audit verify", folder, fault);
}

/* The lines' own memory is apart from what the journal's reader keeps. */
static int tail(struct arena *arena, const struct options *options, const char *folder)
{
    struct arena *lines = arena_open(LINE_MEMORY);
    struct audit_show show;
    struct tail_plan plan = {
        .follow = options_has(options, "follow"), .show = audit_show_line, .ctx = &show};
    const struct fault *fault = lines == NULL ? ARENA_SPENT : OK;
    long last = 10;
    int exit = EXIT_USAGE;

    if (fault == OK && options_number(options, "last", 0, 1000000, &last) &&
        audit_show_read(&show, options, lines)) {
        plan.last = (size_t)last;
        plan.wanted = audit_show_filters(&show) ? audit_show_wants : NULL;
        fault = journal_tail(arena, folder, &plan);
        exit = EXIT_FINE;
    }
    arena_close(lines);
    return fault == OK ? exit : command_failed("audit tail", folder, fault);
}

static int audit_main(int argc, char **argv)
{
    struct options options;
    struct arena *arena;
    const char *folder;
    int code = EXIT_LOCAL;

    if (!options_read(&options, "audit", rows, argc, argv))
        return EXIT_USAGE;
    if (options.help)
        return usage(stdout);
    if (options.word_count != 1)
        return usage(stderr);
    arena = arena_open(MEMORY);
    folder = arena == NULL ? NULL : file_path(arena, ask_data(&options), "journal");
    if (folder == NULL)
        code = command_failed("audit", "", ARENA_SPENT);
    else if (strcmp(options.words[0], "verify") == 0)
        code = verify(arena, &options, folder);
    else if (strcmp(options.words[0], "tail") == 0)
        code = tail(arena, &options, folder);
    else
        code = usage(stderr);
    arena_close(arena);
    return code;
}

static const char *const verbs_of[] = {"tail", "verify", NULL};

const struct command command_audit = {
    .name = "audit",
    .help = "follow the journal, or verify it",
    .rows = rows,
    .verbs = verbs_of,
    .take = audit_main,
};
