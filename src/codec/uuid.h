/* uuid: RFC 9562 as text, 36 characters. Randomness is the caller's. */
#pragma once

#include "base/bytes.h"

enum { UUID_TEXT = 36 };

void uuid_random(const uint8_t random[static 16], uint8_t to[static UUID_TEXT]);             /* version 4 */
void uuid_timed(int64_t ms, const uint8_t random[static 10], uint8_t to[static UUID_TEXT]); /* version 7 */
bool uuid_time(struct bytes text, int64_t *ms); /* of a version 7 */
