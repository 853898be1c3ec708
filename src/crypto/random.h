/* random: bytes nobody can guess, from getrandom(2) and nowhere else: a generator in user space
 * would repeat itself in a cloned machine (SECURITY 2). */
#pragma once

#include "base/fault.h"

#include <stdint.h>

extern const struct fault RANDOM_ABSENT[1]; /* the system gave none */

/* For keys, nonces and names alike; about 0.3 us for 32 bytes. Any thread. */
fallible random_fill(uint8_t *out, size_t n);

/* For tests: bytes come from `source` until NULL is set. A build for production calls this
 * nowhere. */
void random_set(void (*source)(uint8_t *out, size_t n));
