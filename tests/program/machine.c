/* machine: preloaded, it makes the machine look as $MACHINE says: "full", "nfs", "swap", "1985",
 * "2090". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <time.h>

static int is(const char *word)
{
    const char *said = getenv("MACHINE");

    return said != NULL && strcmp(said, word) == 0;
}

int statfs64(const char *path, struct statfs64 *facts)
{
    int (*real)(const char *, struct statfs64 *) = dlsym(RTLD_NEXT, "statfs64");
    int got = real(path, facts);

    facts->f_bavail = is("full") ? 10 : facts->f_bavail;
    facts->f_type = is("nfs") ? 0x6969 : facts->f_type;
    return got;
}

int open64(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    va_list list;
    int mode;

    va_start(list, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(list, int) : 0;
    va_end(list);
    return real(is("swap") && strcmp(path, "/proc/swaps") == 0 ? getenv("SWAPS") : path, flags,
                mode);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int got = real(clock, now);

    if (clock == CLOCK_REALTIME && is("1985"))
        now->tv_sec = 475200000;
    if (clock == CLOCK_REALTIME && is("2090"))
        now->tv_sec = 3786912000;
    return got;
}

/* openssl's clock. */
time_t time(time_t *out)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
