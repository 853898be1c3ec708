/* bound: the place that a sealed thing is tied to. It is authenticated with it, not stored, and has
 * to be given again, the same to the byte, to open it. One function writes it, so that no two
 * places look alike. */
#pragma once

#include "base/arena.h"

/* What a sealed thing is for. Its word stands first in what is authenticated: nothing sealed for
 * one purpose opens for another. Words never change once data has been written; new ones are
 * added. */
enum purpose {
    FOR_NOTHING, /* refused, so that a forgotten purpose is not a purpose */
    FOR_RECORD,
    FOR_VALUE,
    FOR_DATA_KEY, /* the key of one value, under an account's or a customer's key */
    FOR_KEY,      /* any other key, under the wrapping key */
    FOR_SESSION,
    FOR_PAGE,
    FOR_GRANT,
    FOR_IMPORT,
    FOR_DECISION,
    FOR_BACKUP,
    FOR_KMS,
    FOR_SEAL,   /* the root key, under what the operator holds */
    FOR_DIGEST, /* nothing sealed: a code over a value, to know it again */
    PURPOSES,
};

struct bound {
    enum purpose purpose;
    const struct bytes *parts; /* the order is part of the place; an empty part counts too */
    size_t count;              /* at most 32 */
};

/* BOUND(FOR_VALUE, account, region, id): a pointer to a bound that lives as long as the block. */
#define BOUND(purpose_, ...)                                                \
    (&(const struct bound){(purpose_), (const struct bytes[]){__VA_ARGS__}, \
                           sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes)})

/* A number as a part: eight bytes, big end first, in `room`, which outlives the bound. */
struct bytes bound_number(uint8_t room[8], uint64_t number);

extern const struct fault BOUND_WRONG[1]; /* no purpose, or too many parts: ours */

/* purpose word, then the count of parts, then each part: every one after its length as four
 * bytes. */
fallible bound_write(struct arena *, const struct bound *, struct bytes *out);
