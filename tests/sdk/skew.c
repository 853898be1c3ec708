/* skew: preloaded into a client, lets its wall clock go wrong by the seconds in COFFER_SKEW. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead(void)
{
    const char *seconds = getenv("COFFER_SKEW");

    return seconds == NULL ? 0 : strtol(seconds, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *to)
{
    const int rc = (int)syscall(SYS_clock_gettime, id, to);

    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        to->tv_sec += ahead();
    return rc;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    *to = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *to)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (to != NULL)
        *to = now.tv_sec;
    return now.tv_sec;
}
