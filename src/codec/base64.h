/* base64: RFC 4648, the standard alphabet with padding, read strictly: no blanks, no missing padding, no stray bits. */
#pragma once

#include "base/buf.h"

size_t base64_written_size(size_t n);
void base64_write(struct bytes, uint8_t *to); /* base64_written_size bytes, no NUL */

size_t base64_read_most(size_t n); /* no more than this many bytes come out of n digits */

/* False when it is not base64. `to` may be where `text` lies. */
bool base64_read(struct bytes text, uint8_t *to, size_t *n);
