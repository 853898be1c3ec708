/* backup_restore: looks through a backup, or makes a data folder of it; and says what came back. */
#include "bin/backup.h"

#include "admin/restore.h"
#include "admin/seal.h"
#include "base/blame.h"
#include "base/file.h"
#include "bin/commands.h"
#include "bin/opener.h"
#include "cli/print.h"
#include "codec/date.h"
#include "codec/hex.h"
#include "core/backup/replay.h"
#include "core/record.h"
#include "crypto/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { ID_TEXT = 2 * BACKUP_ID };

/* What of it is told when it came back. */
struct came_back {
    struct backup_progress progress;
    uint64_t seen, secrets, users, keys;
};

struct restored_in {
    struct bytes backup; /* its id, in hex */
    int64_t commit;
};
static const struct audited restored_of[] = {
    AUDITED(restored_in, backup, "backup"), AUDITED(restored_in, commit, "commit"), {0}};
static const struct operation backup_restored = {.name = "backup.restore",
                                                 .action = "coffer:Restore",
                                                 .mode = OPERATION_WRITES,
                                                 .in_size = sizeof(struct restored_in),
                                                 .audit = restored_of,
                                                 .local = true};

static FAULT(
    NO_SEAL, FAULT_DENIED, "backup.sealless",
    "The seal is not inside: say --seal FILE, a copy of the file seal of the folder that it was "
    "made of (and what opens that), or --recipient-key FILE.");

static fallible open_file(const char *file, int *fd)
{
    *fd = open(file, O_RDONLY | O_CLOEXEC);
    if (*fd >= 0)
        return OK;
    return errno == ENOENT ? FILE_ABSENT : FILE_SYSTEM;
}

/* Nobody is asked for a passphrase that would open nothing. */
static fallible take_seal(struct arena *arena, int fd, const char *file,
                          struct restore_opener *from)
{
    struct backup_head head;

    if (file != NULL)
        return blame(file, file_read(arena, file, ROOT_FILE_MOST, &from->seal));
    TRY(backup_look(arena, fd, &head));
    return head.seal.n > 0 ? OK : NO_SEAL;
}

static fallible take_recipient_key(struct arena *arena, const char *file,
                                   struct restore_opener *from)
{
    struct sensitive *key;

    TRY(blame(file, file_read_secret(arena, file, KEEPER_ROOT, &key)));
    from->recipient = key;
    return sensitive_view(key).n == KEEPER_ROOT ? OK : blame(file, ROOT_KEY_FILE);
}

static fallible find_opener(struct arena *arena, const struct options *options, int fd,
                            struct restore_opener *from)
{
    const char *recipient = options_value(options, "recipient-key");

    if (recipient != NULL)
        return take_recipient_key(arena, recipient, from);
    TRY(take_seal(arena, fd, options_value(options, "seal"), from));
    return opener_find(arena, options, false, &from->opener);
}

static const char *kind_of(uint8_t table)
{
    return table == TABLE_USER         ? "user"
           : table == TABLE_ROLE       ? "role"
           : table == TABLE_ACCESS_KEY ? "access-key"
                                       : NULL;
}

/* Who may ask again: "user ci", "access-key AKIA...", a line each. A key's parts end with a NUL. */
static void list(const struct carried *carried)
{
    const uint8_t table = carried->key.at[0];
    struct bytes rest = bytes_after(carried->key, 1), part;

    if (kind_of(table) == NULL)
        return;
    if (table != TABLE_ACCESS_KEY)
        (void)bytes_cut(&rest, 0, &part); /* the account */
    if (!bytes_cut(&rest, 0, &part))
        return;
    printf("%s ", kind_of(table));
    print_shown(stdout, part);
    printf("\n");
}

static void count_one(void *ctx, const struct carried *carried, bool writing)
{
    struct came_back *back = ctx;

    back->progress.doing = writing ? "Writing" : "Reading through";
    backup_tell(&back->progress, ++back->seen);
    if (!writing)
        return;
    list(carried);
    back->secrets += carried->key.at[0] == TABLE_SECRET;
    back->users += carried->key.at[0] == TABLE_USER;
    back->keys += carried->key.at[0] == TABLE_ACCESS_KEY;
}

static void tell_backup(const char *file, const struct restore_report *report)
{
    uint8_t time[DATE_ISO];

    date_iso(report->head.time, time);
    fprintf(stderr, "%s is whole: %llu items of account %.*s, as of commit %llu, begun at %.*s.\n",
            file, (unsigned long long)report->tail.items, (int)report->head.account.n,
            (const char *)report->head.account.at, (unsigned long long)report->tail.commit,
            DATE_ISO, (const char *)time);
}

static fallible prepare(struct arena *arena, const struct options *options, int fd,
                        struct restore_opener *from)
{
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    return find_opener(arena, options, fd, from);
}

static int conclude(const char *command, const char *file, int fd, const struct fault *fault)
{
    if (fd >= 0)
        close(fd);
    return fault == OK ? EXIT_FINE : command_failed(command, file, fault);
}

int backup_check_main(struct arena *arena, const struct options *options, const char *file)
{
    struct came_back back = {0};
    struct restore_opener from = {0};
    struct restore_plan plan = {.from = &from, .told = count_one, .ctx = &back};
    struct restore_report report;
    const struct fault *fault;

    fault = open_file(file, &plan.fd);
    if (fault == OK)
        fault = prepare(arena, options, plan.fd, &from);
    if (fault == OK)
        fault = restore_check(arena, &plan, &report);
    if (fault == OK)
        tell_backup(file, &report);
    return conclude("backup check", file, plan.fd, fault);
}

/* --- restoring --- */

static void tell_left(void *ctx, struct bytes operation, struct bytes about)
{
    (void)ctx;
    printf("left ");
    print_shown(stdout, operation);
    printf(" ");
    print_shown(stdout, about);
    printf("\n");
}

static fallible replay(struct arena *arena, const struct stopped *stopped, const char *journal,
                       const struct restore_report *report)
{
    const struct replay_plan plan = {.journal = journal,
                                     .public_key = {report->tail.journal, 32},
                                     .after = report->tail.commit,
                                     .house = &stopped->opened.house,
                                     .left = tell_left};
    struct replay_report done;

    if (journal == NULL)
        return OK;
    fprintf(stderr, "Doing again what the journal tells of since...\n");
    TRY(blame(journal, backup_replay(arena, &plan, &done)));
    if (done.commit <= plan.after) {
        fprintf(stderr, "It tells of no change since the backup.\n");
        return OK;
    }
    fprintf(stderr,
            "To commit %llu: %llu changes that took something away done again, %llu left.\n",
            (unsigned long long)done.commit, (unsigned long long)done.done,
            (unsigned long long)done.left);
    return OK;
}

/* Before anything is written. */
static fallible check_journal(struct arena *arena, const struct restore_plan *plan,
                              const char *journal)
{
    struct restore_report report;
    struct replay_plan look = {.journal = journal};
    struct replay_report unused = {0};

    if (journal == NULL)
        return OK;
    TRY(restore_check(arena, plan, &report));
    look.public_key = (struct bytes){report.tail.journal, sizeof report.tail.journal};
    return blame(journal, backup_replay_check(arena, &look, &unused));
}

static fallible record(struct arena *arena, const struct restore_plan *plan, const char *journal,
                       const struct restore_report *report)
{
    uint8_t *id = arena_get(arena, ID_TEXT);
    struct restored_in in = {{id, ID_TEXT}, (int64_t)report->tail.commit};
    struct stopped stopped;
    const struct fault *fault;

    ENSURE(id != NULL, ARENA_SPENT);
    hex_encode(report->head.id, id);
    fault = stopped_enter(arena, plan->folder, &plan->to, true, &stopped);
    if (fault == OK)
        fault = stopped_record(arena, &stopped, &backup_restored, &in);
    if (fault == OK)
        fault = replay(arena, &stopped, journal, report);
    stopped_close(&stopped);
    return fault;
}

static void tell_restored(const char *folder, const struct came_back *back, bool replayed)
{
    fprintf(
        stderr,
        "Made %s: %llu secrets, %llu users, %llu access keys, as they were then.%s Look through "
        "users, keys and policies before clients are let in. It has no certificate yet: coffer "
        "certificate.\n",
        folder, (unsigned long long)back->secrets, (unsigned long long)back->users,
        (unsigned long long)back->keys,
        replayed ? "" : " What was deleted, disabled or forbidden since is back.");
}

/* All but the seal. */
static fallible make(struct arena *arena, const struct options *options, struct restore_plan *plan)
{
    const char *journal = options_value(options, "journal");
    struct restore_report report;

    TRY(opener_choose(arena, options, &plan->to));
    TRY(check_journal(arena, plan, journal));
    TRY(restore_folder(arena, plan, &report));
    return record(arena, plan, journal, &report);
}

static fallible restore(struct arena *arena, const struct options *options,
                        struct restore_plan *plan, struct restore_opener *from)
{
    TRY(prepare(arena, options, plan->fd, from));
    TRY(opener_outside(options_value(options, "to-key-file"), plan->folder));
    TRY(opener_make_file(arena, options, "to-key-file"));
    TRY(opener_settle_file(options, "to-key-file", make(arena, options, plan)));
    TRY(seal_take(arena, plan->folder));
    tell_restored(plan->folder, plan->ctx, options_has(options, "journal"));
    return OK;
}

int backup_restore_main(struct arena *arena, const struct options *options, const char *file)
{
    struct came_back back = {0};
    struct restore_opener from = {0};
    struct restore_plan plan = {
        .from = &from, .folder = options_value(options, "data"), .told = count_one, .ctx = &back};
    const struct fault *fault;

    if (plan.folder == NULL) {
        fprintf(stderr, "coffer backup restore: --data DIR is needed: the folder to make\n");
        return EXIT_USAGE;
    }
    if (!options_has(options, "accept-resurrection") && !options_has(options, "journal")) {
        fprintf(stderr, "coffer backup restore: what was deleted, disabled or forbidden since the "
                        "backup comes back with it: say --journal DIR, the journal of the folder "
                        "that it replaces, "
                        "or --accept-resurrection if that is to be\n");
        return EXIT_USAGE;
    }
    fault = open_file(file, &plan.fd);
    if (fault == OK)
        fault = restore(arena, options, &plan, &from);
    return conclude("backup restore", file, plan.fd, fault);
}
