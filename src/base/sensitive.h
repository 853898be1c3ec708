/* sensitive: bytes that must not be heard. They live in locked, undumpable, guarded pages, are zeroed
 * when their arena ends, and have no way into a log, an audit record or a format string: those
 * take `struct bytes`, and nothing converts a sensitive value to bytes but sensitive_reveal(). */
#pragma once

#include "base/arena.h"

struct sensitive; /* owned by its arena */

/* What a function that needs key bytes takes: a sensitive value, seen. Deliberately not a `struct bytes`. */
struct sensitive_view {
    const uint8_t *at;
    size_t n;
};

extern const struct fault SENSITIVE_FULL[1];

fallible sensitive_new(struct arena *, size_t n, struct sensitive **out);
uint8_t *sensitive_fill(struct sensitive *); /* where a producer (decoder, cipher, rng) writes */
struct sensitive_view sensitive_view(const struct sensitive *);
void sensitive_wipe(struct sensitive *); /* sooner than the arena would */
void sensitive_trim(struct sensitive *, size_t n); /* a producer wrote less than it had asked for */

/* The one door out. tools/check-walls keeps the list of the files that may use it. */
struct bytes sensitive_reveal(const struct sensitive *);
