/* hex: bytes as two lower-case digits each. */
#pragma once

#include "base/bytes.h"

void hex_encode(struct bytes, uint8_t *to); /* writes 2 n characters; no NUL */
/* Writes text.n / 2 bytes; false: odd length, or anything but digits (either case). May be in
 * place. */
bool hex_decode(struct bytes text, uint8_t *to);
