/* uri: percent coding (RFC 3986) and queries. */
#pragma once

#include "base/buf.h"

/* Unreserved characters (A-Z a-z 0-9 - . _ ~), and '/' if so said, stay; all others become %XX in capitals. */
void uri_write(struct buf *, struct bytes, bool keep_slash);

/* Decodes %XX, and '+' to a blank if so said, into at most text.n bytes; false on a '%' without two digits. `to` may be
 * where `text` lies. */
bool uri_read(struct bytes text, bool plus, uint8_t *to, size_t *n);

/* The next `name=value` of a query or form, both still coded; a name without '=' has an empty value (at is NULL). False:
 * no more. Empty pieces between '&' are passed over. */
bool uri_next(struct bytes *query, struct pair *out);
