/* take: one value into one member: the only way on which a customer's value leaves the request's
 * buffer. */
#pragma once

#include "codec/json.h"
#include "wire/protocol.h"

/* A text as it stands in JSON, into a TEXT, SENSITIVE or CHOICE (an unknown word becomes
 * TAKE_NO_WORD). WIRE_TYPE for other kinds and broken base64; SENSITIVE_FULL; ARENA_SPENT. */
fallible take_text(struct call *, const struct field *, struct json_text, void *of);
fallible take_number(const struct field *, struct bytes number,
                     void *of); /* INT, MAYBE_INT, TIME */
/* The same of JSON, whose integers lose what is behind the point, and may have an exponent. */
fallible take_whole(const struct field *, struct bytes number, void *of);
fallible take_bool(const struct field *, bool, void *of); /* BOOL, MAYBE_BOOL */

enum { TAKE_NO_WORD = -1 }; /* judge refuses it */
