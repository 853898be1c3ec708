/* clock: the only door to the time. Tests set it; nobody else calls clock_gettime. */
#pragma once

#include <stdint.h>

int64_t clock_now_ms(void);       /* wall time, milliseconds since 1970 */
int64_t clock_monotonic_ns(void); /* never jumps; counts while suspended (CLOCK_BOOTTIME) */

/* For tests: wall time stands still at `ms` until set again; 0 gives the real clock back. */
void clock_set_ms(int64_t ms);
