/* inside: an allocator that takes from the keys region while its thread says so. */
#include "base/inside.h"

#include "base/faultpoint.h"
#include "base/regions.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_LIMIT = 256 * 1024 };

static _Thread_local unsigned depth;

void inside_begin(void)
{
    depth++;
}

void inside_end(void)
{
    depth--;
}

void *inside_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    if (depth == 0)
        return malloc(n);
    return n > PIECE_LIMIT || fault_point() ? NULL : region_take(&region_keys, n, 0);
}

/* A key moves within the region whatever the thread is doing just now. */
static void *grow_inside(void *piece, size_t n)
{
    size_t had = region_piece_size(&region_keys, piece);
    void *fresh = n > PIECE_LIMIT ? NULL : region_take(&region_keys, n, 0);

    if (fresh == NULL)
        return NULL;
    memcpy(fresh, piece, had < n ? had : n);
    region_give(&region_keys, piece);
    return fresh;
}

void *inside_realloc(void *piece, size_t n, const char *file, int line)
{
    if (piece == NULL)
        return inside_malloc(n, file, line);
    if (n == 0) {
        inside_free(piece, file, line);
        return NULL;
    }
    return region_owns(&region_keys, piece) ? grow_inside(piece, n) : realloc(piece, n);
}

void inside_free(void *piece, const char *file, int line)
{
    (void)file;
    (void)line;
    if (piece != NULL && region_owns(&region_keys, piece))
        region_give(&region_keys, piece);
    else
        free(piece);
}
