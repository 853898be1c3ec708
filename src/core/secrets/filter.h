/* filter: which secrets a list shows. All filters have to hold; of one filter's values any, and
 * none of those that begin with `!`. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

/* SECRET_BEYOND: a key that is not served. */
fallible filters_fit(struct call *, const struct secret_list_in *);
bool filters_hold(const struct secret_list_in *, const struct secret *);
