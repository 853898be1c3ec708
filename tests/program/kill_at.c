/* kill_at: preloaded, ends the process (as kill -9 would) right before its COFFER_KILL_AT-th call
 * that changes the file system. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

/* ISO C has no cast from an object pointer to a function pointer. */
static void find(const char *name, void *function)
{
    void *at = dlsym(RTLD_NEXT, name);

    memcpy(function, &at, sizeof at);
}

static void step(void)
{
    const char *at = getenv("COFFER_KILL_AT");

    if (atomic_fetch_add(&calls, 1) + 1 == (at == NULL ? 0 : atol(at)))
        (void)kill(getpid(), SIGKILL);
}

static mode_t mode_of(int flags, va_list values)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(values, mode_t) : 0;
}

#define OPEN(name)                              \
    int name(const char *path, int flags, ...)  \
    {                                           \
        int (*next)(const char *, int, ...);    \
        va_list values;                         \
        mode_t mode;                            \
                                                \
        va_start(values, flags);                \
        mode = mode_of(flags, values);          \
        va_end(values);                         \
        find(#name, &next);                     \
        if ((flags & (O_CREAT | O_TRUNC)) != 0) \
            step();                             \
        return next(path, flags, mode);         \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
    int name(int folder, const char *path, int flags, ...) \
    {                                                      \
        int (*next)(int, const char *, int, ...);          \
        va_list values;                                    \
        mode_t mode;                                       \
                                                           \
        va_start(values, flags);                           \
        mode = mode_of(flags, values);                     \
        va_end(values);                                    \
        find(#name, &next);                                \
        if ((flags & (O_CREAT | O_TRUNC)) != 0)            \
            step();                                        \
        return next(folder, path, flags, mode);            \
    }
OPENAT(openat)
OPENAT(openat64)

#define STEP(result, name, parameters, ...) \
    result name parameters                  \
    {                                       \
        result(*next) parameters;           \
                                            \
        find(#name, &next);                 \
        step();                             \
        return next(__VA_ARGS__);           \
    }
STEP(int, fsync, (int fd), fd)
STEP(int, fdatasync, (int fd), fd)
STEP(int, rename, (const char *from, const char *to), from, to)
STEP(int, renameat, (int a, const char *from, int b, const char *to), a, from, b, to)
STEP(int, unlink, (const char *path), path)
STEP(int, unlinkat, (int folder, const char *path, int flags), folder, path, flags)
STEP(int, mkdir, (const char *path, mode_t mode), path, mode)
STEP(int, rmdir, (const char *path), path)
STEP(int, ftruncate, (int fd, off_t size), fd, size)
STEP(int, ftruncate64, (int fd, off_t size), fd, size)

static int is_file(int fd)
{
    struct stat facts;

    return fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* Only what goes to a file. */
#define WRITE(name, parameters, ...) \
    ssize_t name parameters          \
    {                                \
        ssize_t(*next) parameters;   \
                                     \
        find(#name, &next);          \
        if (is_file(fd))             \
            step();                  \
        return next(__VA_ARGS__);    \
    }
WRITE(write, (int fd, const void *from, size_t size), fd, from, size)
WRITE(writev, (int fd, const struct iovec *from, int count), fd, from, count)
WRITE(pwrite, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
WRITE(pwrite64, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
WRITE(pwritev, (int fd, const struct iovec *from, int count, off_t at), fd, from, count, at)
WRITE(pwritev64, (int fd, const struct iovec *from, int count, off_t at), fd, from, count, at)
