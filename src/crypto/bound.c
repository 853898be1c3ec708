/* bound: the one writer of places. */
#include "crypto/bound.h"

#include <endian.h>
#include <string.h>

FAULT(BOUND_WRONG, FAULT_INTERNAL, "bound.wrong",
      "A sealed thing was to be tied to no proper place.");

enum { PARTS_MOST = 32 };

/* Stored for ever inside what is authenticated: a word that changes orphans what was sealed with
 * it. */
static const char *const words[PURPOSES] = {
    [FOR_RECORD] = "record", [FOR_VALUE] = "value",     [FOR_DATA_KEY] = "data-key",
    [FOR_KEY] = "key",       [FOR_SESSION] = "session", [FOR_PAGE] = "page",
    [FOR_GRANT] = "grant",   [FOR_IMPORT] = "import",   [FOR_DECISION] = "decision",
    [FOR_BACKUP] = "backup", [FOR_KMS] = "kms",         [FOR_SEAL] = "seal",
    [FOR_DIGEST] = "digest",
};

struct bytes bound_number(uint8_t room[8], uint64_t number)
{
    const uint64_t big = htobe64(number);

    memcpy(room, &big, sizeof(big));
    return (struct bytes){room, sizeof(big)};
}

static uint8_t *write_u32(uint8_t *to, size_t n)
{
    const uint32_t big = htobe32((uint32_t)n);

    memcpy(to, &big, sizeof(big));
    return to + sizeof(big);
}

static inline uint8_t *write_part(uint8_t *to, struct bytes part)
{
    to = write_u32(to, part.n);
    if (part.n != 0)
        memcpy(to, part.at, part.n);
    return to + part.n;
}

fallible bound_write(struct arena *arena, const struct bound *bound, struct bytes *out)
{
    bool known = bound->purpose > FOR_NOTHING && bound->purpose < PURPOSES;
    struct bytes word = bytes_of(known ? words[bound->purpose] : NULL);
    size_t n = 8 + word.n;
    uint8_t *at, *to;

    ENSURE(word.n != 0 && bound->count <= PARTS_MOST, BOUND_WRONG);
    for (size_t i = 0; i < bound->count; i++) {
        ENSURE(bound->parts[i].n <= UINT32_MAX, BOUND_WRONG);
        n += 4 + bound->parts[i].n;
    }
    at = arena_get(arena, n);
    ENSURE(at != NULL, ARENA_SPENT);
    to = write_u32(write_part(at, word), bound->count);
    for (size_t i = 0; i < bound->count; i++)
        to = write_part(to, bound->parts[i]);
    *out = (struct bytes){at, n};
    return OK;
}
