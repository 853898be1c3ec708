/* random: getrandom(2), and the test's own source in its stead. */
#include "crypto/random.h"

#include "base/faultpoint.h"

#include <sys/random.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { PAGE = 4096, NAME_MOST = 64 };

FAULT(RANDOM_ABSENT, FAULT_INTERNAL, "random.absent", "The system gave no random bytes.");

static void (*test_source)(uint8_t *out, size_t n);

/* Up to 256 bytes come whole or not at all; more may be cut by a signal. */
static fallible from_system(uint8_t *out, size_t n)
{
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        ENSURE(got > 0, RANDOM_ABSENT);
        out += got;
        n -= (size_t)got;
    }
    return OK;
}

fallible random_fill(uint8_t *out, size_t n)
{
    ENSURE(!fault_point(), RANDOM_ABSENT);
    if (test_source == NULL)
        return from_system(out, n);
    test_source(out, n);
    return OK;
}

fallible random_name(uint8_t *out, size_t n)
{
    static _Thread_local uint8_t page[PAGE];
    static _Thread_local size_t left;

    ENSURE(n <= NAME_MOST && !fault_point(), RANDOM_ABSENT);
    if (test_source != NULL)
        return random_fill(out, n);
    if (left < n) {
        TRY(random_fill(page, PAGE));
        left = PAGE;
    }
    left -= n;
    memcpy(out, page + left, n);
    explicit_bzero(page + left, n);
    return OK;
}

void random_set(void (*source)(uint8_t *out, size_t n))
{
    test_source = source;
}
