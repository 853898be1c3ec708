/* hex: bytes as hexadecimal digits, written in lower case, read in either. */
#pragma once

#include "base/buf.h"

void hex_write(struct buf *, struct bytes);
void hex_digits(struct bytes, uint8_t *to); /* 2n digits, no NUL */

/* Into n/2 bytes; false (nothing sensible written) when n is odd or something is no digit. */
bool hex_read(struct bytes digits, uint8_t *to);
