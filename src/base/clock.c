/* clock: the two system clocks, and the one that tests hold. */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t held_ms;

static int64_t read_ns(clockid_t which)
{
    struct timespec t;

    (void)clock_gettime(which, &t); /* cannot fail for these two clocks */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_now_ms(void)
{
    int64_t held = atomic_load_explicit(&held_ms, memory_order_relaxed);

    return held != 0 ? held : read_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_BOOTTIME);
}

void clock_set_ms(int64_t ms)
{
    atomic_store(&held_ms, ms);
}
