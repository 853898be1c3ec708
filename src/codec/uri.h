/* uri: percent coding (RFC 3986) and what stands behind a '?'. */
#pragma once

#include "base/buf.h"

extern const struct fault URI_MALFORMED[1]; /* a % without two hex digits behind it */
extern const struct fault URI_MANY[1];      /* more parameters than there is room for */

/* All but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case, as SigV4 wants it. */
void uri_encode(struct buf *, struct bytes);
void uri_encode_path(struct buf *, struct bytes); /* leaves '/' too */

/* Writes at most text.n bytes; `to` may be text.at. '+' stays '+'. A decoded zero byte is allowed:
 * who cannot have one says so. */
fallible uri_decode(struct bytes text, uint8_t *to, size_t *n);
/* As in a form: '+' is a blank. */
fallible uri_decode_form(struct bytes text, uint8_t *to, size_t *n);

/* The next name and value of "a=1&b&c=", not decoded, without copying; empty pieces ("&&") are
 * passed over; a name without '=' has value.at NULL. False: no more. */
bool uri_query_next(struct bytes *rest, struct pair *);
/* All of them: at most `room`. */
fallible uri_query(struct bytes query, struct pair *to, size_t room, size_t *n);
