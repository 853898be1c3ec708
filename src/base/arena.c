/* arena: chunks in a chain, newest first; one that goes back is zeroed and kept for the next
 * arena. */
#include "base/arena.h"

#include "base/faultpoint.h"
#include "base/poison.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 32 * 1024, KEPT_CHUNKS = 64, ALIGNMENT = 16 };

struct chunk {
    struct chunk *older;
    size_t room, used;
    size_t before; /* used in all older chunks */
};

struct parting {
    struct parting *older;
    void (*fn)(void *);
    void *what;
};

struct arena {
    struct chunk *newest;
    struct parting *partings;
    size_t parting_count, limit;
    uint64_t payer;
};

FAULT(ARENA_SPENT, FAULT_AGAIN, "arena.spent",
      "The request needs more memory than one request may have.");

/* Chunks of the usual size, zeroed, kept per thread: opening an arena costs no system call. */
static _Thread_local struct chunk *kept;
static _Thread_local int kept_count;

static uint8_t *chunk_body(struct chunk *chunk)
{
    return (uint8_t *)chunk + sizeof(struct chunk);
}

static struct chunk *chunk_new(size_t room)
{
    struct chunk *chunk = kept;

    if (room <= CHUNK - sizeof(struct chunk) && chunk != NULL) {
        kept = chunk->older;
        kept_count--;
    } else {
        room = room < CHUNK - sizeof(struct chunk) ? CHUNK - sizeof(struct chunk) : room;
        chunk = calloc(1, sizeof(struct chunk) + room);
        if (chunk == NULL)
            return NULL;
        chunk->room = room;
    }
    chunk->older = NULL;
    POISON(chunk_body(chunk), chunk->room);
    return chunk;
}

static void chunk_give_back(struct chunk *chunk)
{
    UNPOISON(chunk_body(chunk), chunk->room);
    explicit_bzero(chunk_body(chunk), chunk->used);
    chunk->used = 0;
    chunk->before = 0;
    if (chunk->room != CHUNK - sizeof(struct chunk) || kept_count == KEPT_CHUNKS) {
        free(chunk);
        return;
    }
    chunk->older = kept;
    kept = chunk;
    kept_count++;
}

/* This thread's kept chunks go back to the system: when it ends, and for leak checkers. */
void arena_forget_kept(void)
{
    while (kept != NULL) {
        struct chunk *chunk = kept;

        kept = chunk->older;
        free(chunk);
    }
    kept_count = 0;
}

struct arena *arena_open(size_t limit)
{
    struct chunk *chunk;
    struct arena *arena;

    if (fault_point())
        return NULL;
    chunk = chunk_new(sizeof(struct arena));
    if (chunk == NULL)
        return NULL;
    UNPOISON(chunk_body(chunk), sizeof(struct arena));
    arena = (struct arena *)(void *)chunk_body(chunk);
    chunk->used = sizeof(struct arena);
    arena->newest = chunk;
    arena->limit = limit + sizeof(struct arena);
    return arena;
}

static void part(struct arena *arena, size_t down_to)
{
    while (arena->parting_count > down_to) {
        struct parting *parting = arena->partings;

        arena->partings = parting->older;
        arena->parting_count--;
        parting->fn(parting->what);
    }
}

void arena_close(struct arena *arena)
{
    struct chunk *chunk;

    if (arena == NULL)
        return;
    part(arena, 0);
    chunk = arena->newest;
    while (chunk != NULL) {
        struct chunk *older = chunk->older;

        chunk_give_back(chunk);
        chunk = older;
    }
}

static size_t aligned(size_t n)
{
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *arena_get(struct arena *arena, size_t n)
{
    struct chunk *chunk = arena->newest;
    void *piece;

    if (n > arena->limit || fault_point())
        return NULL;
    n = aligned(n);
    if (chunk->before + chunk->used + n > arena->limit)
        return NULL;
    if (n > chunk->room - chunk->used) {
        struct chunk *fresh = chunk_new(n);

        if (fresh == NULL)
            return NULL;
        fresh->older = chunk;
        fresh->before = chunk->before + chunk->used;
        arena->newest = chunk = fresh;
    }
    piece = chunk_body(chunk) + chunk->used;
    UNPOISON(piece, n);
    chunk->used += n;
    return piece;
}

void arena_trim(struct arena *arena, const void *piece, size_t had, size_t needed)
{
    struct chunk *chunk = arena->newest;
    const size_t given = aligned(had) - aligned(needed);

    if ((const uint8_t *)piece + aligned(had) != chunk_body(chunk) + chunk->used)
        return;
    chunk->used -= given;
    POISON(chunk_body(chunk) + chunk->used, given);
}

struct bytes arena_copy(struct arena *arena, struct bytes from)
{
    uint8_t *to;

    if (from.at == NULL)
        return from;
    to = arena_get(arena, from.n + 1); /* one more, so that an empty copy is not a missing one */
    if (to == NULL)
        return (struct bytes){0};
    memcpy(to, from.at, from.n);
    return (struct bytes){to, from.n};
}

fallible arena_part(struct arena *arena, void (*fn)(void *), void *what)
{
    struct parting *parting = arena_new(arena, struct parting);

    ENSURE(parting != NULL, ARENA_SPENT);
    parting->older = arena->partings;
    parting->fn = fn;
    parting->what = what;
    arena->partings = parting;
    arena->parting_count++;
    return OK;
}

void arena_bill(struct arena *arena, uint64_t payer)
{
    arena->payer = payer;
}

uint64_t arena_payer(const struct arena *arena)
{
    return arena->payer;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->newest->before + arena->newest->used, arena->parting_count};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    struct chunk *chunk;
    size_t keep;

    part(arena, mark.parting);
    while (arena->newest->older != NULL && arena->newest->before >= mark.used) {
        chunk = arena->newest;
        arena->newest = chunk->older;
        chunk_give_back(chunk);
    }
    chunk = arena->newest;
    keep = mark.used - chunk->before;
    explicit_bzero(chunk_body(chunk) + keep, chunk->used - keep);
    POISON(chunk_body(chunk) + keep, chunk->used - keep);
    chunk->used = keep;
}
