/* locked: memory that is not swapped, not dumped and not inherited, between two guard pages. */
#pragma once

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOCKED_PAGE = 4096 };

struct locked {
    uint8_t *at; /* zeroed; a touch of the page before or the page after ends the process */
    size_t n;
    bool secret; /* memfd_secret: not even the kernel's own mapping shows it */
};

extern const struct fault LOCKED_DENIED[1];

/* n: whole pages. memfd_secret(2), unless `ordinary`, or the kernel lacks it, or valgrind runs;
 * then private memory with mlock. Never given back. Every system call's answer is looked at. */
fallible locked_map(size_t n, bool ordinary, struct locked *);

bool locked_under_valgrind(void);
