/* marks_own: the worker's side of marks; for core/worker.c. */
#pragma once

#include "core/marks.h"
#include "core/worker.h"

fallible marks_open(struct marks **);
void marks_close(struct marks *);

/* Hands what has gathered to the store, and the journal's newest checkpoint with it. Never
 * waits. */
void marks_flush(struct worker *, int64_t now);
bool marks_came_home(struct worker *, const struct batch *);
