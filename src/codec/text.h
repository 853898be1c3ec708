/* text: small questions about texts. */
#pragma once

#include "base/bytes.h"

/* Well-formed UTF-8 (RFC 3629): no surrogates, no longer forms than needed, nothing past
 * U+10FFFF. */
bool text_utf8(struct bytes);
/* Bytes of the well-formed character at the front; 0: there is none. */
size_t text_utf8_step(struct bytes);
/* The same; 0 also for a control: below 0x20, 0x7F, and U+0080 to U+009F, which terminals take for
 * the beginning of commands as they take ESC. */
size_t text_shown_step(struct bytes);
size_t text_characters(struct bytes); /* of well-formed UTF-8: code points */
/* How many bytes at the front JSON takes as they are: no control below 0x20, quote, backslash, and
 * ASCII. Sixteen at a time. */
size_t text_plain(struct bytes);

uint8_t text_lower(uint8_t);                             /* ASCII only, as all here */
bool text_same_caseless(struct bytes a, struct bytes b); /* for header names */
struct bytes text_trim(struct bytes);                    /* without blanks and tabs around it */

/* Decimal digits, with a '-' perhaps; no '+', no blanks; leading zeros allowed. False: something
 * else, or it does not fit. */
bool text_int(struct bytes, int64_t *);
