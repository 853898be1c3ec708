/* coffer rotate-root: another root key for a data folder, and the old one destroyed. */
#include "bin/ask.h"
#include "bin/backup.h"
#include "bin/opener.h"
#include "bin/stopped.h"

#include "admin/rotate.h"
#include "core/audit/journal.h"
#include "core/operation.h"
#include "keeper/keeper.h"

#include <stdio.h>

enum { MEMORY = 64 * 1024 * 1024 };

static const struct option_row rows[] = {
    {"data", "DIR", "the data folder; else $COFFER_DATA, else /var/lib/coffer"}, OPENER_ROWS, {0}};

struct rotated_in {
    int64_t from, to; /* generations */
};
static const struct audited rotated_of[] = {
    AUDITED(rotated_in, from, "from"), AUDITED(rotated_in, to, "to"), {0}};
static const struct operation root_rotate = {.name = "root.rotate",
                                             .action = "coffer:RotateRoot",
                                             .mode = OPERATION_WRITES,
                                             .in_size = sizeof(struct rotated_in),
                                             .audit = rotated_of,
                                             .local = true},
                              root_destroyed = {.name = "root.destroyed",
                                                .action = "coffer:RotateRoot",
                                                .mode = OPERATION_WRITES,
                                                .in_size = sizeof(struct rotated_in),
                                                .audit = rotated_of,
                                                .local = true};

static int usage(void)
{
    printf(
        "usage: coffer rotate-root [--data DIR] [--key-file FILE | --passphrase-fd N]\n\n"
        "Another root key for a data folder, while no server runs: everything is carried into a\n"
        "new store under it, the seal is made anew (the same passphrase or key file opens it),\n"
        "and the old root and store are removed. Needs room for the store once more. Killed at\n"
        "any time, the folder opens, with the one root or the other; run it again. Sessions end.\n"
        "Backups made before do not open with the new seal: copy the old one first, or make new "
        "ones.\n\n");
    options_help(rows);
    return EXIT_FINE;
}

static void tell(void *ctx, uint64_t items)
{
    backup_tell(ctx, items);
}

/* The journal says which key signs it from now on, by the old one, and that the root is about to
 * change, before it does. */
static fallible change(struct arena *arena, const struct rotate_plan *plan, struct stopped *stopped,
                       struct rotate_report *report)
{
    struct rotated_in in = {.from = plan->seal->generation};

    TRY(rotate_prepare(arena, plan, report));
    in.to = report->generation;
    TRY(journal_endorse(plan->house->journal, report->both));
    TRY(stopped_record(arena, stopped, &root_rotate, &in));
    return rotate_take(arena, plan, report);
}

static fallible conclude(struct arena *arena, struct stopped *stopped,
                         const struct rotate_report *report)
{
    const struct rotated_in in = {report->generation - 1, report->generation};
    const struct root_opener opener = stopped->opener;
    struct stopped again;
    const struct fault *fault = stopped_enter(arena, stopped->folder, &opener, false, &again);

    if (fault == OK)
        fault = stopped_record(arena, &again, &root_destroyed, &in);
    stopped_close(&again);
    return fault;
}

static fallible rotate(struct arena *arena, const struct options *options,
                       struct rotate_report *report)
{
    struct backup_progress progress = {.doing = "Carrying to the new root"};
    struct stopped stopped;
    struct rotate_plan plan = {.folder = ask_data(options),
                               .house = &stopped.opened.house,
                               .seal = &stopped.seal,
                               .opener = &stopped.opener,
                               .told = tell,
                               .ctx = &progress};
    const struct fault *fault = stopped_open(arena, options, &stopped);

    if (fault == OK)
        fault = change(arena, &plan, &stopped, report);
    stopped_close(&stopped);
    keeper_close(report->both);
    TRY(fault);
    return conclude(arena, &stopped, report);
}

static int rotate_root_main(int argc, char **argv)
{
    struct rotate_report report = {0};
    struct options options;
    struct arena *arena;
    const struct fault *fault;

    if (!options_read(&options, "rotate-root", rows, argc, argv) ||
        !options_wordless(&options, "rotate-root"))
        return EXIT_USAGE;
    if (options.help)
        return usage();
    arena = arena_open(MEMORY);
    fault = arena == NULL ? ARENA_SPENT : rotate(arena, &options, &report);
    arena_close(arena);
    if (fault != OK)
        return command_failed("rotate-root", ask_data(&options), fault);
    fprintf(
        stderr,
        "%s has root %u now: %llu items carried, the old root destroyed. Backups made before open "
        "with a copy of the old seal or a recipient's key, not with the new seal: make new ones, "
        "and copy the new seal. Old copies of seal and store still open together.\n",
        ask_data(&options), report.generation, (unsigned long long)report.items);
    return EXIT_FINE;
}

const struct command command_rotate_root = {
    .name = "rotate-root",
    .help = "another root key for a data folder, and the old one destroyed",
    .rows = rows,
    .take = rotate_root_main,
};
