/* locked: the mapping calls, memfd_secret first, mlock where the kernel has no such thing. */
#include "base/locked.h"

#include "base/poison.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fcntl.h>

FAULT(LOCKED_DENIED, FAULT_INTERNAL, "locked.denied",
      "The system gives no locked memory: raise the limit (LimitMEMLOCK, ulimit -l).");

bool locked_under_valgrind(void)
{
    return POISON_VALGRIND;
}

/* Flags of memfd_secret are its own: O_CLOEXEC is the only one it knows. */
static int secret_file(size_t n)
{
    int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);

    if (fd >= 0 && ftruncate(fd, (off_t)n) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* It is locked by nature (mlock would fail) and refuses MADV_WIPEONFORK. */
static bool map_secret(uint8_t *at, size_t n)
{
    int fd = secret_file(n);
    void *got;

    if (fd < 0)
        return false;
    got = mmap(at, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    close(fd);
    return got == at && madvise(at, n, MADV_DONTFORK) == 0 && madvise(at, n, MADV_DONTDUMP) == 0;
}

static bool map_ordinary(uint8_t *at, size_t n)
{
    void *got = mmap(at, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    return got == at && mlock(at, n) == 0 && madvise(at, n, MADV_DONTDUMP) == 0 &&
           madvise(at, n, MADV_WIPEONFORK) == 0;
}

fallible locked_map(size_t n, bool ordinary, struct locked *out)
{
    size_t whole = n + 2 * (size_t)LOCKED_PAGE;
    uint8_t *at = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool secret;

    ENSURE(at != MAP_FAILED, LOCKED_DENIED);
    ordinary = ordinary || locked_under_valgrind();
    secret = !ordinary && map_secret(at + LOCKED_PAGE, n);
    if (!secret && !map_ordinary(at + LOCKED_PAGE, n)) {
        munmap(at, whole);
        return LOCKED_DENIED;
    }
    *out = (struct locked){at + LOCKED_PAGE, n, secret};
    return OK;
}
