/* What only the embedded engine has: the folder and its lock, the format, a killed process, a full
 * disk, the compacting copy. */
#include "base/faultpoint.h"
#include "support/each_fault.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct kit kit;

/* Stands before the C library's, also for liblmdb: counts, and fails with an errno when told to. */
static int syncs, sync_fails_with;

int fdatasync(int fd)
{
    syncs++;
    if (sync_fails_with != 0) {
        errno = sync_fails_with;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static int setup(void **state)
{
    (void)state;
    kit_open(&kit, &engine_lmdb, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_close(&kit);
    return 0;
}

static const char *inside(const char *name)
{
    static char path[SCRATCH_PATH + 64];

    (void)snprintf(path, sizeof path, "%s/%s", kit.where, name);
    return path;
}

static const struct fault *open_again(struct bytes where)
{
    const struct engine_settings settings = {.where = where, .map_bytes = 1 << 20};
    struct store *store = NULL;
    const struct fault *fault = store_open(&engine_lmdb, &settings, &store);

    if (fault == OK)
        store_close(store);
    return fault;
}

static mode_t mode_of(const char *path)
{
    struct stat found;

    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 0777;
}

static void the_folder_is_ours_alone(void **state)
{
    (void)state;
    assert_ok(open_again(bytes_of(inside("made"))));
    assert_int_equal(mode_of(inside("made")), 0700);
    assert_int_equal(mode_of(inside("data.mdb")), 0600);
    assert_int_equal(mode_of(inside("lock.mdb")), 0600);
    assert_int_equal(mode_of(inside("held")), 0600);
    assert_int_equal(chmod(inside("made"), 0755), 0);
    assert_ok(open_again(bytes_of(inside("made"))));
    assert_int_equal(mode_of(inside("made")), 0700);
    assert_fault(open_again(bytes_of(inside("no/parent"))), STORE_PLACE);
    assert_fault(open_again(bytes_of(inside("data.mdb"))), STORE_PLACE);
    assert_fault(open_again(LIT("/proc/self")), STORE_PLACE);
    assert_fault(open_again(LIT("")), STORE_PLACE);
}

static void a_second_opener_is_refused(void **state)
{
    int status;
    pid_t child;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_fault(open_again(bytes_of(kit.where)), STORE_HELD);
    child = fork();
    if (child == 0)
        _exit(open_again(bytes_of(kit.where)) == STORE_HELD ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ok(kit_put(&kit, "s/a", "2"));
}

static void what_was_committed_is_there_after_reopening(void **state)
{
    struct engine_figures before, after;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_ok(kit_put(&kit, "s/a", "2"));
    assert_ok(store_figures(kit.store, &before));
    kit_reopen(&kit);
    assert_bytes(kit_get(&kit, "s/a"), LIT("2"));
    assert_ok(store_figures(kit.store, &after));
    assert_int_equal(after.number, before.number);
    assert_int_equal(after.number, 2);
    assert_ok(kit_put(&kit, "s/a", "3"));
    assert_ok(store_figures(kit.store, &after));
    assert_int_equal(after.number, 3);
}

/* Writes one byte sequence over another, once, in the data file. */
static void patch(const char *from, const char *to, size_t n)
{
    FILE *file = fopen(inside("data.mdb"), "r+b");
    static uint8_t all[1 << 20];
    const size_t length = fread(all, 1, sizeof all, file);
    int found = 0;

    for (size_t i = 0; i + n <= length; i++) {
        if (memcmp(all + i, from, n) != 0)
            continue;
        (void)fseek(file, (long)i, SEEK_SET);
        (void)fwrite(to, 1, n, file);
        found++;
    }
    assert_true(found > 0);
    assert_int_equal(fclose(file), 0);
}

static void another_format_is_refused(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    store_close(kit.store);
    patch("\0format\0\0\0\0\0\0\0\2", "\0format\0\0\0\0\0\0\0\3", 15);
    assert_fault(open_again(bytes_of(kit.where)), STORE_NEWER);
    patch("\0format\0\0\0\0\0\0\0\3", "\0format\0\0\0\0\0\0\0\1", 15);
    assert_fault(open_again(bytes_of(kit.where)), STORE_OLDER);
    patch("\0format\0\0\0\0\0\0\0\1", "\0format\0\0\0\0\0\0\0\2", 15);
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
}

static void a_foreign_or_cut_file_is_refused(void **state)
{
    struct stat file;

    (void)state;
    for (int i = 0; i < 40; i++) {
        char key[16];

        (void)snprintf(key, sizeof key, "s/%d", i);
        assert_ok(
            kit_put(&kit, key, "................................................................"));
    }
    store_close(kit.store);
    assert_int_equal(stat(inside("data.mdb"), &file), 0);
    assert_int_equal(truncate(inside("data.mdb"), 3 * 4096), 0);
    assert_fault(open_again(bytes_of(kit.where)), STORE_DAMAGED);
    assert_int_equal(truncate(inside("data.mdb"), 0), 0);
    assert_int_equal(truncate(inside("data.mdb"), file.st_size), 0);
    assert_fault(open_again(bytes_of(kit.where)), STORE_FOREIGN);
    assert_int_equal(unlink(inside("data.mdb")), 0);
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
}

/* A child commits one number after another and tells each on a pipe once it is acknowledged. */
static void child_writes(int told)
{
    for (int i = 1;; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "%d", i);
        if (kit_put(&kit, "s/last", text) != OK || write(told, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

static int acknowledged_before_the_kill(void)
{
    int told[2], last = 0, value, status;
    pid_t child;

    assert_int_equal(pipe(told), 0);
    child = fork();
    if (child == 0) {
        kit_reopen(&kit);
        child_writes(told[1]);
    }
    close(told[1]);
    while (last < 20 && read(told[0], &value, sizeof value) == sizeof value)
        last = value;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(told[0], &value, sizeof value) == sizeof value)
        last = value;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    close(told[0]);
    return last;
}

static void a_kill_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct bytes stored;
        int last;

        store_close(kit.store);
        kit.store = NULL;
        last = acknowledged_before_the_kill();
        assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
        assert_ok(store_reader(kit.store, &kit.reader));
        stored = kit_get(&kit, "s/last");
        assert_in_range(atoi((const char *)arena_copy(kit.arena, stored).at), last, last + 1);
        assert_ok(kit_put(&kit, "s/last", "0"));
    }
}

static void a_full_disk_refuses_and_heals(void **state)
{
    const rlim_t least = 1 << 20;
    struct rlimit before, small;
    const struct fault *fault = OK;
    static uint8_t block[100000];

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){least, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 30 && fault == OK; i++) {
        struct txn *txn = kit_begin(&kit);
        char key[16];

        (void)snprintf(key, sizeof key, "s/%d", i);
        assert_ok(txn_put(txn, bytes_of(key), (struct bytes){block, sizeof block}));
        fault = kit_commit(&kit, kit_packed(&kit, txn));
    }
    assert_fault(fault, STORE_FULL);
    assert_fault(kit_put(&kit, "s/x", "x"), STORE_FULL);
    assert_null(kit_get(&kit, "s/x").at); /* reads go on */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_ok(kit_put(&kit, "s/x", "x"));
    assert_bytes(kit_get(&kit, "s/x"), LIT("x"));
}

/* As `cp` and `tar` make it of one that was restored: holes where the space was. */
static void space_that_a_copy_lost_is_taken_again(void **state)
{
    const off_t least = 1 << 20, whole = 64 << 20;
    struct stat file;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    store_close(kit.store);
    assert_int_equal(truncate(inside("data.mdb"), least), 0);
    assert_int_equal(truncate(inside("data.mdb"), whole), 0);
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    assert_ok(kit_put(&kit, "s/a", "2"));
    assert_int_equal(stat(inside("data.mdb"), &file), 0);
    assert_true(file.st_blocks * 512 >= 8 * least);
}

static void each_commit_waits_for_the_disk(void **state)
{
    (void)state;
    syncs = 0;
    assert_ok(kit_put(&kit, "s/a", "1"));
    assert_true(syncs > 0);
    store_close(kit.store);
    kit.settings.unsynced = true;
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    syncs = 0;
    assert_ok(kit_put(&kit, "s/a", "2"));
    assert_int_equal(syncs, 0);
}

static void after_a_failed_sync_nothing_is_acknowledged(void **state)
{
    struct engine_figures figures;
    struct txn *txn;

    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    sync_fails_with = EIO;
    assert_fault(kit_put(&kit, "s/a", "2"), STORE_DOWN);
    sync_fails_with = 0; /* the disk says that it is well again: it is not believed */
    assert_fault(store_begin(kit.reader, kit.arena, &txn), STORE_DOWN);
    assert_fault(kit_commit(&kit, kit_batch(&kit)), STORE_DOWN);
    assert_fault(store_figures(kit.store, &figures), STORE_DOWN); /* which ends the server */
    kit_reopen(&kit);
    assert_bytes(kit_get(&kit, "s/a"), LIT("1"));
    assert_ok(kit_put(&kit, "s/a", "3"));
    assert_bytes(kit_get(&kit, "s/a"), LIT("3"));
}

static void a_disk_full_at_the_sync_is_no_end(void **state)
{
    (void)state;
    assert_ok(kit_put(&kit, "s/a", "1"));
    sync_fails_with = ENOSPC;
    assert_fault(kit_put(&kit, "s/a", "2"), STORE_FULL);
    sync_fails_with = 0;
    assert_bytes(kit_get(&kit, "s/a"), LIT("1"));
    assert_ok(kit_put(&kit, "s/a", "3"));
    kit_reopen(&kit);
    assert_bytes(kit_get(&kit, "s/a"), LIT("3"));
}

static size_t times_in_file(const char *path, const char *mark)
{
    FILE *file = fopen(path, "rb");
    static uint8_t all[32 << 20];
    size_t length, times = 0;

    assert_non_null(file);
    length = fread(all, 1, sizeof all, file);
    (void)fclose(file);
    for (size_t i = 0; i + strlen(mark) <= length; i++)
        times += memcmp(all + i, mark, strlen(mark)) == 0;
    return times;
}

static void a_copy_holds_nothing_that_was_dropped(void **state)
{
    char copied[SCRATCH_PATH + 64];

    (void)state;
    assert_ok(kit_put(&kit, "s/kept", "VALUE-THAT-STAYS"));
    assert_ok(kit_put(&kit, "s/gone", "VALUE-THAT-WENT"));
    assert_ok(kit_drop(&kit, "s/gone"));
    assert_true(times_in_file(inside("data.mdb"), "VALUE-THAT-WENT") > 0);
    assert_int_equal(mkdir(inside("copy"), 0700), 0);
    assert_ok(store_copy(kit.store, bytes_of(inside("copy"))));
    assert_fault(store_copy(kit.store, bytes_of(inside("copy"))), STORE_PLACE);
    assert_int_equal(mode_of(inside("copy/data.mdb")), 0600);
    assert_int_equal(times_in_file(inside("copy/data.mdb"), "VALUE-THAT-WENT"), 0);
    assert_int_equal(times_in_file(inside("copy/data.mdb"), "VALUE-THAT-STAYS"), 1);
    (void)snprintf(copied, sizeof copied, "%s", inside("copy"));
    store_close(kit.store);
    kit.settings.where = bytes_of(copied);
    assert_ok(store_open(&engine_lmdb, &kit.settings, &kit.store));
    assert_ok(store_reader(kit.store, &kit.reader));
    assert_bytes(kit_get(&kit, "s/kept"), LIT("VALUE-THAT-STAYS"));
    assert_ok(kit_put(&kit, "s/more", "x"));
}

static bool open_once(void *ctx)
{
    (void)ctx;
    return open_again(bytes_of(inside("each"))) == OK;
}

static void open_after(void *ctx, bool succeeded)
{
    (void)ctx, (void)succeeded;
    assert_ok(open_again(bytes_of(inside("each")))); /* nothing is still held */
}

static void each_fault_when_opening(void **state)
{
    (void)state;
    assert_true(each_fault("opening lmdb", open_once, open_after, NULL) >= 4);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(the_folder_is_ours_alone),
        CASE(a_second_opener_is_refused),
        CASE(what_was_committed_is_there_after_reopening),
        CASE(another_format_is_refused),
        CASE(a_foreign_or_cut_file_is_refused),
        CASE(a_kill_loses_nothing_acknowledged),
        CASE(a_full_disk_refuses_and_heals),
        CASE(space_that_a_copy_lost_is_taken_again),
        CASE(each_commit_waits_for_the_disk),
        CASE(after_a_failed_sync_nothing_is_acknowledged),
        CASE(a_disk_full_at_the_sync_is_no_end),
        CASE(a_copy_holds_nothing_that_was_dropped),
        CASE(each_fault_when_opening),
    };

    return cmocka_run_group_tests_name("lmdb", tests, NULL, NULL);
}
