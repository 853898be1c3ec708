/* tail: the journal's last records, one line of JSON each, on standard output; and those that come
 * after. */
#pragma once

#include "base/arena.h"

extern const struct fault TAIL_FOLDER[1]; /* no journal there, or it may not be read */

/* `follow`: returns only when standard output is closed or the process is told to end. */
fallible journal_tail(struct arena *, const char *folder, size_t last, bool follow);
