/* journal_open: a journal's beginning and end in a process. */
#include "base/log.h"
#include "codec/hex.h"
#include "core/audit/journal.h"
#include "core/audit/journal_own.h"
#include "keeper/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SEGMENT_LEAST = 16 << 10,
    FOLDER_MODE = 0750,
    KEY_MODE = 0640,
    ARENA_MOST = 16 << 20,
};

FAULT(JOURNAL_HELD, FAULT_STATE, "journal.held", "Another process has this journal open.");

static fallible open_folder(struct journal *j, struct bytes folder)
{
    char path[4096];

    ENSURE(folder.n > 0 && folder.n < sizeof path, JOURNAL_DOWN);
    memcpy(path, folder.at, folder.n);
    path[folder.n] = '\0';
    ENSURE(mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST, JOURNAL_DOWN);
    j->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(j->folder >= 0, JOURNAL_DOWN);
    ENSURE(flock(j->folder, LOCK_EX | LOCK_NB) == 0, JOURNAL_HELD);
    return OK;
}

static fallible give_file(int folder, const char *name, gid_t group)
{
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const struct fault *fault = OK;
    struct stat facts;

    ENSURE(fd >= 0, JOURNAL_GROUP);
    if (fstat(fd, &facts) != 0)
        fault = JOURNAL_GROUP;
    else if (S_ISREG(facts.st_mode))
        fault = segment_give(fd, group);
    (void)close(fd);
    return fault;
}

/* What is there already. No set-group-ID on the folder instead: sandboxes forbid it. */
static fallible give_files(DIR *dir, gid_t group)
{
    struct dirent *entry;

    ENSURE(fchown(dirfd(dir), (uid_t)-1, group) == 0 && fchmod(dirfd(dir), FOLDER_MODE) == 0,
           JOURNAL_GROUP);
    while ((entry = readdir(dir)) != NULL)
        TRY(give_file(dirfd(dir), entry->d_name, group));
    return OK;
}

static fallible give(const struct journal *j)
{
    const int fd = openat(j->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct fault *fault;

    if (dir == NULL && fd >= 0)
        (void)close(fd);
    ENSURE(dir != NULL, JOURNAL_DOWN);
    fault = give_files(dir, *j->group);
    (void)closedir(dir);
    return fault;
}

static void public_name(uint32_t generation, char name[32])
{
    (void)snprintf(name, 32, "public-%u.key", generation);
}

bool journal_public(const struct journal *j, uint32_t generation, uint8_t key[PUBLIC_SIZE])
{
    uint8_t text[2 * PUBLIC_SIZE];
    char name[32];
    bool read_all;
    int fd;

    if (keeper_journal_public(j->keeper, generation, key) == OK)
        return true;
    public_name(generation, name);
    fd = openat(j->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    read_all = read(fd, text, sizeof text) == (ssize_t)sizeof text;
    (void)close(fd);
    return read_all && hex_decode((struct bytes){text, sizeof text}, key);
}

/* "public-1.key": 64 hex digits and a newline, for whoever verifies without the keeper. */
fallible journal_write_public(const struct journal *j)
{
    uint8_t key[PUBLIC_SIZE], text[2 * PUBLIC_SIZE + 1];
    char name[32];
    bool written;
    int fd;

    TRY(keeper_journal_public(j->keeper, j->keeper->generation, key));
    hex_encode((struct bytes){key, PUBLIC_SIZE}, text);
    text[sizeof text - 1] = '\n';
    public_name(j->keeper->generation, name);
    fd = openat(j->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, KEY_MODE);
    ENSURE(fd >= 0, JOURNAL_DOWN);
    written = write(fd, text, sizeof text) == (ssize_t)sizeof text;
    (void)close(fd);
    return written ? OK : JOURNAL_FULL;
}

static fallible load(struct journal *j)
{
    struct arena *arena = arena_open(ARENA_MOST);
    const struct fault *fault = arena == NULL ? ARENA_SPENT : journal_load(j, arena);

    arena_close(arena);
    return fault;
}

static fallible begin(struct journal *j, const struct journal_settings *settings)
{
    TRY(open_folder(j, settings->folder));
    TRY(load(j));
    TRY(journal_write_public(j));
    journal_reserve(j);
    return j->group == NULL ? OK : give(j);
}

static void journal_free(struct journal *j)
{
    const int fds[] = {j->fd, j->before, j->folder};

    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    pthread_mutex_destroy(&j->lock);
    pthread_mutex_destroy(&j->syncing);
    free(j->staging);
    free(j);
}

fallible journal_open(const struct journal_settings *settings, struct keeper *keeper,
                      struct journal **out)
{
    struct journal *j = calloc(1, sizeof *j);
    const struct fault *fault;

    ENSURE(j != NULL, JOURNAL_DOWN);
    j->keeper = keeper;
    j->strict = settings->strict;
    j->group = settings->group;
    j->segment_size = settings->segment_size == 0 ? JOURNAL_SEGMENT : settings->segment_size;
    if (j->segment_size < SEGMENT_LEAST)
        j->segment_size = SEGMENT_LEAST;
    j->folder = j->fd = j->before = -1;
    j->anchor_taken = true;
    pthread_mutex_init(&j->lock, NULL);
    pthread_mutex_init(&j->syncing, NULL);
    j->staging = calloc(1, STAGING);
    fault = j->staging == NULL ? JOURNAL_DOWN : begin(j, settings);
    if (fault != OK) {
        journal_free(j);
        return fault;
    }
    *out = j;
    return OK;
}

void journal_close(struct journal *j)
{
    uint64_t last;
    const struct fault *fault;

    if (j == NULL)
        return;
    fault = journal_checkpoint(j, &last);
    if (fault == OK)
        fault = journal_sync(j, last);
    if (fault != OK)
        LOG(LOG_ERROR, "journal.close", F("fault", fault));
    journal_free(j);
}
