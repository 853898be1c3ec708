/* filter: which secrets a list shows. All filters have to hold; of one filter's values any, and
 * none of those that begin with `!`. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

/* SECRET_BEYOND: a key that is not served. */
fallible filters_fit(struct call *, struct secret_filters);
bool filters_hold(struct secret_filters, const struct secret *);

/* The same filters are spelt the same: for page_seal's `asked`. */
fallible filters_spell(struct call *, struct secret_filters, struct bytes *spelled);
