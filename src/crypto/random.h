/* random: bytes nobody can guess, from getrandom(2) and nowhere else: a generator in user space
 * would repeat itself in a cloned machine (SECURITY 2). */
#pragma once

#include "base/fault.h"

#include <stddef.h>
#include <stdint.h>

extern const struct fault RANDOM_ABSENT[1]; /* the system gave none */

/* For keys and nonces; about 0.3 us for 32 bytes. Any thread. */
fallible random_fill(uint8_t *out, size_t n);

/* For names that have to be unlike all others but are no secrets (a request's id), up to 64 bytes:
 * out of a page that this thread drew at once, so that most need no system call; what was given out
 * is wiped there. Never for keys and nonces: a cloned machine repeats the rest of the page. */
fallible random_name(uint8_t *out, size_t n);

/* For tests: bytes come from `source` until NULL is set. A build for production calls this
 * nowhere. */
void random_set(void (*source)(uint8_t *out, size_t n));
