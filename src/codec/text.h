/* text: small questions about texts: valid UTF-8, ASCII case, whole numbers, characters. */
#pragma once

#include "base/bytes.h"

bool text_utf8(struct bytes);          /* RFC 3629: no surrogates, no overlong forms, at most U+10FFFF */
size_t text_characters(struct bytes);  /* of valid UTF-8: code points, as AWS counts lengths */

uint8_t text_lower(uint8_t ascii);
bool text_same_folded(struct bytes a, struct bytes b); /* ASCII case does not matter */
bool text_begins_folded(struct bytes whole, struct bytes head);

struct bytes text_trim(struct bytes); /* without blanks and tabs at both ends */

bool text_int(struct bytes digits, int64_t *out);   /* [-]digits, nothing else; false on overflow */
bool text_is_digits(struct bytes);                  /* one or more, nothing else */
