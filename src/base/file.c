/* file: open, look, read or write, close. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
FAULT(FILE_ABSENT, FAULT_ABSENT, "file.absent", "There is no such file.");
FAULT(FILE_EXISTS, FAULT_STATE, "file.exists", "The file exists already; nothing was overwritten.");
FAULT(FILE_REFUSED, FAULT_STATE, "file.refused", "The file must be a plain file of ours that nobody else may read: chmod 600 it.");
FAULT(FILE_LONG, FAULT_LIMIT, "file.long", "The file is longer than it can sensibly be.");
FAULT(FILE_SYSTEM, FAULT_INTERNAL, "file.system", "The file could not be read or written.");
/* clang-format on */

static const struct fault *of_errno(void)
{
    switch (errno) {
    case ENOENT:
        return FILE_ABSENT;
    case EEXIST:
        return FILE_EXISTS;
    case ELOOP:
        return FILE_REFUSED;
    default:
        return FILE_SYSTEM;
    }
}

/* Reads to the end, at most `room` bytes; one more byte than that is FILE_LONG. */
static fallible drain(int fd, uint8_t *to, size_t room, size_t *n)
{
    uint8_t beyond;

    for (*n = 0; *n < room;) {
        ssize_t got = read(fd, to + *n, room - *n);

        if (got < 0 && errno == EINTR)
            continue;
        ENSURE(got >= 0, FILE_SYSTEM);
        if (got == 0)
            return OK;
        *n += (size_t)got;
    }
    ENSURE(read(fd, &beyond, 1) == 0, FILE_LONG);
    return OK;
}

static fallible read_fd(struct arena *arena, int fd, size_t limit, struct bytes *out)
{
    uint8_t *to = arena_get(arena, limit + 1);
    size_t n;

    ENSURE(to != NULL, ARENA_SPENT);
    TRY(drain(fd, to, limit, &n));
    *out = (struct bytes){to, n};
    return OK;
}

fallible file_read(struct arena *arena, const char *path, size_t limit, struct bytes *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const struct fault *fault;

    if (fd < 0)
        return of_errno();
    fault = read_fd(arena, fd, limit, out);
    close(fd);
    return fault;
}

fallible file_drain_secret(struct arena *arena, int fd, size_t limit, struct sensitive **out)
{
    size_t n;

    TRY(sensitive_new_key(arena, limit, out));
    TRY(drain(fd, sensitive_fill(*out), limit, &n));
    sensitive_trim(*out, n);
    return OK;
}

static fallible read_private(struct arena *arena, int fd, size_t limit, struct sensitive **out)
{
    struct stat facts;

    ENSURE(fstat(fd, &facts) == 0, FILE_SYSTEM);
    ENSURE(S_ISREG(facts.st_mode) && (facts.st_mode & 077) == 0, FILE_REFUSED);
    ENSURE(facts.st_uid == geteuid() || facts.st_uid == 0, FILE_REFUSED);
    return file_drain_secret(arena, fd, limit, out);
}

fallible file_read_secret(struct arena *arena, const char *path, size_t limit,
                          struct sensitive **out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const struct fault *fault;

    if (fd < 0)
        return of_errno();
    fault = read_private(arena, fd, limit, out);
    close(fd);
    return fault;
}

static fallible write_all(int fd, const uint8_t *at, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, at, n);

        if (put < 0 && errno == EINTR)
            continue;
        ENSURE(put > 0, FILE_SYSTEM);
        at += put;
        n -= (size_t)put;
    }
    ENSURE(fsync(fd) == 0, FILE_SYSTEM);
    return OK;
}

fallible file_sync(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed;

    if (fd < 0)
        return of_errno();
    failed = fsync(fd);
    close(fd);
    return failed == 0 ? OK : FILE_SYSTEM;
}

/* The entry itself has to be on the disk, not just what it names. */
static fallible sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];
    size_t n = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);

    ENSURE(n < sizeof folder, FILE_SYSTEM);
    memcpy(folder, slash == NULL ? "." : path, n);
    folder[n] = '\0';
    return file_sync(folder) == OK ? OK : FILE_SYSTEM;
}

static fallible create(const char *path, unsigned mode, const uint8_t *at, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    const struct fault *fault;

    if (fd < 0)
        return of_errno();
    fault = write_all(fd, at, n);
    if (close(fd) != 0 && fault == OK)
        fault = FILE_SYSTEM;
    if (fault == OK)
        fault = sync_folder_of(path);
    if (fault != OK)
        (void)unlink(path);
    return fault;
}

fallible file_create(const char *path, unsigned mode, struct bytes content)
{
    return create(path, mode, content.at, content.n);
}

fallible file_create_secret(const char *path, struct sensitive_view content)
{
    return create(path, 0600, content.at, content.n);
}

fallible file_move(const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return of_errno();
    return sync_folder_of(to);
}

const char *file_path(struct arena *arena, const char *folder, const char *name)
{
    size_t a = strlen(folder), b = strlen(name);
    char *path = arena_get(arena, a + b + 2);

    if (path == NULL)
        return NULL;
    memcpy(path, folder, a);
    path[a] = '/';
    memcpy(path + a + 1, name, b);
    return path;
}

const char *file_text(struct arena *arena, struct bytes text)
{
    return (const char *)arena_copy(arena, text).at; /* arena_copy leaves a zero behind */
}
