/* base64: RFC 4648, standard alphabet with padding, strict. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

/* Another alphabet, a blank, wrong padding, or bits set behind the end. */
extern const struct fault BASE64_MALFORMED[1];

size_t base64_size(size_t n);      /* characters that n bytes become */
size_t base64_room(size_t length); /* bytes that `length` characters become at most */

/* The character of the lower six bits, without an index or a branch that hangs on them: for
 * characters that are a secret's. */
uint8_t base64_character(uint8_t bits);

/* Writes base64_size(n) characters; no NUL. */
void base64_encode(struct bytes, uint8_t *to);
/* `to` has base64_room(text.n) bytes and may be text.at itself; *n is how many were written. On a
 * fault `to` may hold something of it. */
fallible base64_decode(struct bytes text, uint8_t *to, size_t *n);
