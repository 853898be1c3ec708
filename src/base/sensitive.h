/* sensitive: bytes that must not be heard. They live in locked, undumpable, guarded pages, are
 * zeroed when their arena ends, and have no way into a log, an audit record or a format string:
 * those take `struct bytes`, and nothing converts a sensitive value to bytes but
 * sensitive_reveal(). */
#pragma once

#include "base/arena.h"

struct sensitive; /* owned by its arena */

/* What a function that needs key bytes takes: a sensitive value, seen. Deliberately not a `struct
 * bytes`. */
struct sensitive_view {
    const uint8_t *at;
    size_t n;
};

extern const struct fault SENSITIVE_FULL[1];   /* no room, or the payer has its share: try again */
extern const struct fault SENSITIVE_DENIED[1]; /* no locked memory to be had: the start ends */

/* Two regions: one for keys, one for values, so that values cannot starve keys. 0 means: as usual
 * (keys 1 MiB; values 16 MiB, or what RLIMIT_MEMLOCK leaves; less under valgrind). */
struct sensitive_plan {
    size_t keys, values;
    bool fallback; /* do not use memfd_secret(2); COFFER_SENSITIVE=fallback in the environment says
                      so too */
};

/* Maps the regions, once per process, before there are threads; NULL: as usual. Calling it again
 * does nothing and succeeds. A child of fork() has neither region (memfd_secret) or finds it empty
 * (fallback). */
fallible sensitive_start(const struct sensitive_plan *);
const char *
sensitive_form(void); /* what holds, in words: "memfd_secret", "locked memory", "none" */

struct sensitive_usage {
    size_t keys, values;             /* bytes taken now, overhead included */
    size_t keys_whole, values_whole; /* of so many */
};
struct sensitive_usage sensitive_usage(void);

/* n zeroed bytes, wiped and given back when the arena is rewound or closed. From the values region;
 * it is charged to the arena's payer (arena_bill), who gets at most an eighth of the region. Any
 * thread. Before sensitive_start: SENSITIVE_FULL. A write beyond n is found when the piece goes
 * back: the process ends with one line in the log. */
fallible sensitive_new(struct arena *, size_t n, struct sensitive **out);
fallible sensitive_new_key(struct arena *, size_t n,
                           struct sensitive **out); /* from the keys region */

uint8_t *sensitive_fill(struct sensitive *); /* where a producer (decoder, cipher, rng) writes */
struct sensitive_view sensitive_view(const struct sensitive *);
void sensitive_wipe(
    struct sensitive *); /* sooner than the arena would; it has 0 bytes from then on */
void sensitive_trim(struct sensitive *, size_t n); /* a producer wrote less than it had asked for */

/* For the constant-time test, which runs under valgrind: concealed bytes count as undefined there,
 * so that a branch or an index that hangs on one is reported. Elsewhere both do nothing. */
void sensitive_conceal(struct sensitive_view);
void sensitive_declassify(const void *at,
                          size_t n); /* what is public by nature: a tag, a ciphertext */

/* The one door out. tools/check-walls keeps the list of the files that may use it. */
struct bytes sensitive_reveal(const struct sensitive *);
