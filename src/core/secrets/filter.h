/* filter: which secrets a list shows. All filters have to hold; of one filter's values any, and
 * none of those that begin with `!`. Names, tag keys and tag values hold by their beginning, to the
 * letter. "description" and "all" go by words, without regard to case: each word asked for has to
 * be the beginning of one in the text ("all": in any one of name, description, tag keys and
 * values). Words end where letters, digits and others meet, and where capitals begin: "credsDB#892"
 * has three. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

/* SECRET_FILTER_KEY, SECRET_FILTER_VALUES: not said. SECRET_BEYOND: a key that is not served. */
fallible filters_fit(struct call *, struct secret_filters);
bool filters_hold(struct secret_filters, const struct secret *);

/* False: they do not hold, as the tail of a record's key tells (core/secrets/index.h). */
bool filters_may_hold(struct secret_filters, struct bytes tail);

/* The same filters are spelt the same: for page_seal's `asked`. */
fallible filters_spell(struct call *, struct secret_filters, struct bytes *spelled);
