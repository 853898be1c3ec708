/* uuid: identifiers as text (RFC 9562): 36 characters, lower case. */
#pragma once

#include "base/bytes.h"

enum { UUID_TEXT = 36 };

void uuid_v4(const uint8_t random[16], uint8_t to[UUID_TEXT]);
/* Ordered by time: later ms, later text. */
void uuid_v7(int64_t ms, const uint8_t random[10], uint8_t to[UUID_TEXT]);
bool uuid_is(struct bytes); /* that shape, either case, any version */
