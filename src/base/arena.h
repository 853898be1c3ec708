/* arena: all memory of one request. Taken piece by piece, given back (and zeroed) at one stroke. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

struct arena;

extern const struct fault ARENA_SPENT[1];

struct arena *arena_open(size_t limit); /* NULL: no memory */
void arena_close(struct arena *);       /* NULL is fine; runs the parting calls, zeroes, frees */

/* Zeroed memory, or NULL once the limit is spent; never anything else. */
void *arena_get(struct arena *, size_t n) __attribute__((malloc));
#define arena_new(arena, type) ((type *)arena_get((arena), sizeof(type)))

/* The end of a piece that was taken last goes back, when less was needed: `needed` of `had` bytes
 * stay. The caller has not written to the rest. Of an older piece nothing goes back. */
void arena_trim(struct arena *, const void *piece, size_t had, size_t needed);

struct bytes arena_copy(struct arena *, struct bytes);

/* Call fn(what) when the arena is rewound or closed: newest first. */
fallible arena_part(struct arena *, void (*fn)(void *), void *what);

/* A retry rewinds to a mark: everything taken since is parted with and zeroed. */
struct arena_mark {
    size_t used, parting;
};
struct arena_mark arena_mark(const struct arena *);
void arena_rewind(struct arena *, struct arena_mark);

/* Whom the arena's sensitive memory is charged to (sensitive_new); 0, as at first: nobody. */
void arena_bill(struct arena *, uint64_t payer);
uint64_t arena_payer(const struct arena *);

/* Chunks are kept per thread for the next arena; a thread that ends gives them back. */
void arena_forget_kept(void);
