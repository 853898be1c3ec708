/* shim: preloaded into a server, writes down when it wrote, synced, read from and sent to whom,
 * into the file that COFFER_SHIM names. With COFFER_SHIM_UNSYNCED set, a sync does nothing, says
 * that it was done, and is not written down: the check has to notice. */
#include "shim.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 65536 };

static struct shim_log *noted;
static int unsynced;
static _Atomic uint8_t kinds[FILES]; /* by descriptor: enum shim_file, SHIM_DSYNC */

/* clang-format off */
static int (*next_open)(const char *, int, ...);
static int (*next_openat)(int, const char *, int, ...);
static int (*next_close)(int);
static int (*next_dup)(int);
static ssize_t (*next_write)(int, const void *, size_t);
static ssize_t (*next_writev)(int, const struct iovec *, int);
static ssize_t (*next_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*next_pwritev)(int, const struct iovec *, int, off_t);
static int (*next_fdatasync)(int);
static int (*next_fsync)(int);
static ssize_t (*next_recv)(int, void *, size_t, int);
static ssize_t (*next_send)(int, const void *, size_t, int);
static ssize_t (*next_sendmsg)(int, const struct msghdr *, int);
/* clang-format on */

/* ISO C has no cast from an object pointer to a function pointer. */
static void find(const char *name, void *function)
{
    void *at = dlsym(RTLD_NEXT, name);

    memcpy(function, &at, sizeof at);
}

static void find_all(void)
{
    find("open", &next_open);
    find("openat", &next_openat);
    find("close", &next_close);
    find("dup", &next_dup);
    find("write", &next_write);
    find("writev", &next_writev);
    find("pwrite", &next_pwrite);
    find("pwritev", &next_pwritev);
    find("fdatasync", &next_fdatasync);
    find("fsync", &next_fsync);
    find("recv", &next_recv);
    find("send", &next_send);
    find("sendmsg", &next_sendmsg);
}

/* Before the program and its libraries open anything; other libraries' own beginnings may have been
 * before us, so every call looks for itself too. */
__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("COFFER_SHIM");
    void *at;
    int fd;

    find_all();
    unsynced = getenv("COFFER_SHIM_UNSYNCED") != NULL;
    fd = name == NULL ? -1 : next_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *noted) != 0)
        return;
    at = mmap(NULL, sizeof *noted, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    noted = at == MAP_FAILED ? NULL : at;
    (void)next_close(fd);
}

static uint64_t now(void)
{
    return noted == NULL ? 0 : atomic_fetch_add(&noted->clock, 1) + 1;
}

static void note(enum shim_kind kind, int fd, uint64_t begun, uint16_t port)
{
    const uint64_t at = noted == NULL ? SHIM_ROOM : atomic_fetch_add(&noted->count, 1);
    const uint8_t file = fd >= 0 && fd < FILES ? atomic_load(&kinds[fd]) : 0;

    if (at >= SHIM_ROOM)
        return;
    noted->events[at] = (struct shim_event){
        .begun = begun, .ended = now(), .kind = (uint8_t)kind, .file = file, .port = port};
}

static bool is_ours(int fd)
{
    return fd >= 0 && fd < FILES && atomic_load(&kinds[fd]) != 0;
}

static uint8_t kind_of(const char *path, int flags)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const size_t n = strlen(name), end = strlen(".journal");
    uint8_t kind = 0;

    if (strcmp(name, "data.mdb") == 0)
        kind = SHIM_STORE;
    else if (strcmp(name, "next") == 0 || (n > end && strcmp(name + n - end, ".journal") == 0))
        kind = SHIM_JOURNAL;
    return kind != 0 && (flags & O_DSYNC) == O_DSYNC ? kind | SHIM_DSYNC : kind;
}

static int opened(int fd, const char *path, int flags)
{
    if (fd >= 0 && fd < FILES)
        atomic_store(&kinds[fd], kind_of(path, flags));
    return fd;
}

static mode_t mode_of(int flags, va_list values)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(values, mode_t) : 0;
}

#define OPEN(name)                                                \
    int name(const char *path, int flags, ...)                    \
    {                                                             \
        va_list values;                                           \
        mode_t mode;                                              \
                                                                  \
        va_start(values, flags);                                  \
        mode = mode_of(flags, values);                            \
        va_end(values);                                           \
        return opened(next_open(path, flags, mode), path, flags); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                        \
    int name(int folder, const char *path, int flags, ...)                  \
    {                                                                       \
        va_list values;                                                     \
        mode_t mode;                                                        \
                                                                            \
        va_start(values, flags);                                            \
        mode = mode_of(flags, values);                                      \
        va_end(values);                                                     \
        return opened(next_openat(folder, path, flags, mode), path, flags); \
    }
OPENAT(openat)
OPENAT(openat64)

/* The kind is kept: whoever gets the number next by a door that we watch sets it anew, and sockets
 * are not written by these calls. */
int close(int fd)
{
    if (fd >= 0 && fd < FILES)
        atomic_store(&kinds[fd], 0);
    return next_close(fd);
}

int dup(int fd)
{
    const int copy = next_dup(fd);

    if (copy >= 0 && copy < FILES)
        atomic_store(&kinds[copy], is_ours(fd) ? atomic_load(&kinds[fd]) : 0);
    return copy;
}

#define WRITE(name, next, parameters, ...)              \
    ssize_t name parameters                             \
    {                                                   \
        const uint64_t begun = is_ours(fd) ? now() : 0; \
        const ssize_t n = next(__VA_ARGS__);            \
                                                        \
        if (begun != 0 && n > 0)                        \
            note(SHIM_WRITE, fd, begun, 0);             \
        return n;                                       \
    }
WRITE(write, next_write, (int fd, const void *from, size_t size), fd, from, size)
WRITE(writev, next_writev, (int fd, const struct iovec *from, int count), fd, from, count)
WRITE(pwrite, next_pwrite, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
WRITE(pwrite64, next_pwrite, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
WRITE(pwritev, next_pwritev, (int fd, const struct iovec *from, int count, off_t at), fd, from,
      count, at)
WRITE(pwritev64, next_pwritev, (int fd, const struct iovec *from, int count, off_t at), fd, from,
      count, at)

static int synced(int (*sync)(int), int fd)
{
    const uint64_t begun = is_ours(fd) ? now() : 0;
    int rc;

    if (unsynced && begun != 0)
        return 0;
    rc = sync(fd);
    if (begun != 0 && rc == 0)
        note(SHIM_SYNC, fd, begun, 0);
    return rc;
}

int fdatasync(int fd)
{
    return synced(next_fdatasync, fd);
}

int fsync(int fd)
{
    return synced(next_fsync, fd);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in at = {0};
    socklen_t size = sizeof at;

    return getpeername(fd, (struct sockaddr *)&at, &size) == 0 ? ntohs(at.sin_port) : 0;
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
    const uint64_t begun = now();
    const ssize_t n = next_recv(fd, to, size, flags);
    const int error = errno;

    if (n > 0)
        note(SHIM_RECV, fd, begun, port_of(fd));
    errno = error;
    return n;
}

ssize_t __recv_chk(int fd, void *to, size_t size, size_t room, int flags);
ssize_t __recv_chk(int fd, void *to, size_t size, size_t room, int flags)
{
    if (size > room)
        abort();
    return recv(fd, to, size, flags);
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
    const uint16_t port = noted == NULL ? 0 : port_of(fd);
    const uint64_t begun = now();
    const ssize_t n = next_send(fd, from, size, flags);
    const int error = errno;

    if (n > 0)
        note(SHIM_SEND, fd, begun, port);
    errno = error;
    return n;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    const uint16_t port = noted == NULL ? 0 : port_of(fd);
    const uint64_t begun = now();
    const ssize_t n = next_sendmsg(fd, message, flags);
    const int error = errno;

    if (n > 0)
        note(SHIM_SEND, fd, begun, port);
    errno = error;
    return n;
}
