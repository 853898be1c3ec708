/* reindex: makes the index of a store that has none: one that was filled before there was one. At
 * start-up, before anything is served. */
#pragma once

#include "base/fault.h"

#include <stddef.h>

struct worker;

/* Looks at one record and one row when there is nothing to do. Goes from the last secret to the
 * first, so that one broken off goes on: the first one's row tells that all are there. *made:
 * secrets that got their rows. A record that does not open is passed over. */
fallible secrets_reindex(struct worker *, size_t *made);
