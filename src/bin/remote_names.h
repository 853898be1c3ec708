/* remote_names: which secret may have been meant by a name that is not there. */
#pragma once

#include "bin/remote.h"

/* "did you mean 'prod/db'?", in the arena, from a list of the names that begin alike; NULL: none is
 * near, or the caller may not list. */
const char *remote_nearest_name(struct remote *);
