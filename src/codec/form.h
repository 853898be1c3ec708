/* form: one bounded look into application/x-www-form-urlencoded. */
#pragma once

#include "base/arena.h"

extern const struct fault FORM_MALFORMED[1]; /* a '%' without two digits, or the name twice */

/* The decoded value of `name` among the first `most` bytes; value.at stays NULL when it is not there. */
fallible form_look(struct arena *, struct bytes form, struct bytes name, size_t most, struct bytes *value);
