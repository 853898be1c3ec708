/* segment: the journal's files: named, allocated ahead, written, synced. */
#include "core/audit/segment.h"

#include "base/faultpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".journal"
#define NEXT   "next" SUFFIX

enum { DIGITS = 20, FIRSTS_AT_ONCE = 256, FILE_MODE = 0640 };

FAULT(JOURNAL_FULL, FAULT_AGAIN, "journal.full",
      "There is no space left to record what happens: nothing happens.");
FAULT(JOURNAL_DOWN, FAULT_INTERNAL, "journal.down", "The journal cannot be written.");
FAULT(JOURNAL_GROUP, FAULT_STATE, "journal.group",
      "The journal cannot be given to audit_group: the server's user has to be a member of it.");

static const struct fault *fault_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? JOURNAL_FULL : JOURNAL_DOWN;
}

void segment_name(uint64_t first, char name[SEGMENT_NAME])
{
    (void)snprintf(name, SEGMENT_NAME, "%020llu" SUFFIX, (unsigned long long)first);
}

static bool is_segment(const char *name, uint64_t *first)
{
    char again[SEGMENT_NAME];

    if (strlen(name) != SEGMENT_NAME - 1 || strspn(name, "0123456789") != DIGITS)
        return false;
    *first = strtoull(name, NULL, 10);
    segment_name(*first, again);
    return strcmp(name, again) == 0;
}

static int rising(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static fallible keep_first(struct arena *arena, uint64_t **firsts, size_t *n, uint64_t first)
{
    if (*n % FIRSTS_AT_ONCE == 0) {
        uint64_t *more = arena_get(arena, (*n + FIRSTS_AT_ONCE) * sizeof(uint64_t));

        ENSURE(more != NULL, ARENA_SPENT);
        if (*n > 0)
            memcpy(more, *firsts, *n * sizeof(uint64_t));
        *firsts = more;
    }
    (*firsts)[(*n)++] = first;
    return OK;
}

static fallible list_all(struct arena *arena, DIR *dir, uint64_t **firsts, size_t *n)
{
    struct dirent *entry;
    uint64_t first;

    *n = 0;
    *firsts = NULL;
    while ((entry = readdir(dir)) != NULL)
        if (is_segment(entry->d_name, &first))
            TRY(keep_first(arena, firsts, n, first));
    if (*n > 0)
        qsort(*firsts, *n, sizeof(uint64_t), rising);
    return OK;
}

fallible segment_list(struct arena *arena, int folder, uint64_t **firsts, size_t *n)
{
    const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct fault *fault;

    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return JOURNAL_DOWN;
    }
    fault = list_all(arena, dir, firsts, n);
    (void)closedir(dir);
    return fault;
}

/* Not every file system can; then there is no reserve, and a full disk is met when writing. */
static fallible allocate(int fd, int64_t size)
{
    ENSURE(!fault_point(), JOURNAL_FULL);
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0)
        return OK;
    return errno == EOPNOTSUPP || errno == ENOSYS ? OK : fault_of_errno();
}

fallible segment_give(int fd, gid_t group)
{
    const bool given = fchown(fd, (uid_t)-1, group) == 0 && fchmod(fd, FILE_MODE) == 0;

    return given ? OK : JOURNAL_GROUP;
}

fallible segment_reserve(int folder, int64_t size, const gid_t *group)
{
    const int fd = openat(folder, NEXT, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    const struct fault *fault;

    ENSURE(fd >= 0, fault_of_errno());
    /* What a crash left in it was never in the journal. */
    fault = ftruncate(fd, 0) != 0 ? fault_of_errno() : allocate(fd, size);
    if (fault == OK && group != NULL)
        fault = segment_give(fd, *group);
    (void)close(fd);
    if (fault != OK)
        (void)unlinkat(folder, NEXT, 0);
    return fault;
}

fallible segment_begin(int folder, uint64_t first, int *fd)
{
    char name[SEGMENT_NAME];
    const int next = openat(folder, NEXT, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    ENSURE(next >= 0, JOURNAL_FULL);
    segment_name(first, name);
    if (fault_point() || renameat(folder, NEXT, folder, name) != 0) {
        (void)close(next);
        return JOURNAL_DOWN;
    }
    *fd = next;
    return OK;
}

fallible segment_open(int folder, uint64_t first, int *fd, int64_t *size)
{
    char name[SEGMENT_NAME];
    struct stat is;
    int file;

    segment_name(first, name);
    file = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    ENSURE(file >= 0, JOURNAL_DOWN);
    if (fstat(file, &is) != 0 || !S_ISREG(is.st_mode)) {
        (void)close(file);
        return JOURNAL_DOWN;
    }
    *fd = file;
    *size = is.st_size;
    return OK;
}

static fallible write_all(int fd, int64_t at, struct bytes rest)
{
    while (rest.n > 0) {
        const ssize_t n = pwrite(fd, rest.at, rest.n, at);

        if (n < 0 && errno == EINTR)
            continue;
        ENSURE(n > 0, fault_of_errno());
        rest = bytes_after(rest, (size_t)n);
        at += n;
    }
    return OK;
}

fallible segment_write(int fd, int64_t at, struct bytes whole)
{
    const struct fault *fault = fault_point() ? JOURNAL_FULL : write_all(fd, at, whole);
    struct stat is;

    /* Cut only what was written in part: a cut gives the allocated rest back, too. */
    if (fault != OK && (fstat(fd, &is) != 0 || (is.st_size > at && ftruncate(fd, at) != 0)))
        return JOURNAL_DOWN;
    return fault;
}

fallible segment_sync(int fd)
{
    ENSURE(!fault_point() && fdatasync(fd) == 0, JOURNAL_DOWN);
    return OK;
}

fallible segment_cut(int fd, int64_t size)
{
    ENSURE(ftruncate(fd, size) == 0, JOURNAL_DOWN);
    return OK;
}

fallible segment_tail(int folder, uint64_t first, uint8_t *to, size_t room, struct bytes *tail)
{
    ssize_t got = -1;
    int64_t size;
    int fd;

    TRY(segment_open(folder, first, &fd, &size));
    if (!fault_point())
        got = pread(fd, to, room, size > (int64_t)room ? size - (int64_t)room : 0);
    (void)close(fd);
    ENSURE(got >= 0, JOURNAL_DOWN);
    *tail = (struct bytes){to, (size_t)got};
    return OK;
}

fallible segment_remove(int folder, uint64_t first)
{
    char name[SEGMENT_NAME];

    segment_name(first, name);
    ENSURE(!fault_point() && unlinkat(folder, name, 0) == 0, JOURNAL_DOWN);
    return OK;
}
