/* form: one look into application/x-www-form-urlencoded, for what has to be known of a body before
 * it may be parsed (the query protocol's Action). */
#pragma once

#include "base/bytes.h"

enum { FORM_LOOK = 16 * 1024 }; /* bytes of the body that are looked at, at most */

/* The first parameter of that name (names are compared as they stand, not decoded); *value is a
 * slice, not decoded. False: not there, or not within FORM_LOOK bytes. */
bool form_find(struct bytes body, struct bytes name, struct bytes *value);
