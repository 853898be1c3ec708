/* turn: the notes of one turn of a worker's loop, until they are written together. core/worker.c
 * makes it. */
#pragma once

#include "core/audit/audit.h"
#include "core/worker.h"

fallible turn_open(struct turn **);
void turn_close(struct turn *);

/* Counted door refusals of past minutes, as records of this turn. */
void turn_add_sums(struct worker *, int64_t now);
