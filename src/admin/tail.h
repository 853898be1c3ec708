/* tail: the journal's last records, one line of JSON each, on standard output or to whoever shows
 * them otherwise; and those that come after. */
#pragma once

#include "base/arena.h"

extern const struct fault TAIL_FOLDER[1]; /* no journal there, or it may not be read */

struct tail_plan {
    size_t last; /* records to begin with */
    bool follow; /* returns only when standard output is closed or the process is told to end */
    /* Which lines count; NULL: all. Without one, only the end of the journal is read. */
    bool (*wanted)(void *ctx, struct bytes line);
    /* What becomes of a line, which has no line end; NULL: it goes to standard output as it is. */
    void (*show)(void *ctx, struct bytes line);
    void *ctx;
};

fallible journal_tail(struct arena *, const char *folder, const struct tail_plan *);
