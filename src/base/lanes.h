/* lanes: sixteen bytes side by side, so that one step looks at all of them. Comparing lanes with a
 * number gives 0xFF where it holds and 0 where it does not.
 *
 *     while (n - i >= LANES && !lanes_any(lanes_at(at + i) == ' '))
 *         i += LANES; */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

/* The vector type of gcc and clang, as wide as every processor of x86-64 and arm64 has it. */
#define lanes uint8_t __attribute__((vector_size(16)))

/* From where LANES bytes can be read, at any address. */
static inline lanes lanes_at(const uint8_t *at)
{
    lanes all;

    memcpy(&all, at, sizeof all);
    return all;
}

/* Is one of them not 0? */
static inline bool lanes_any(lanes all)
{
    uint64_t halves[2];

    memcpy(halves, &all, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}
