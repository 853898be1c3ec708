/* near: which known word may have been meant by one that is not known. */
#pragma once

#include "base/bytes.h"

enum { NEAR_LONGEST = 64, NEAR_NONE = 1000 };

/* How many letters have to be changed, added, dropped or swapped to make one of the other; a word
 * that the other only begins counts as one off. NEAR_NONE: too many to be a slip (over a third of
 * the longer one), or a word over NEAR_LONGEST bytes. */
unsigned near_distance(struct bytes typed, struct bytes known);
