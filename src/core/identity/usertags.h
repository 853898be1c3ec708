/* usertags: what the tags of a user may be, and how they change. Keys are told apart without regard
 * to case, as IAM does, and kept as they were written. For this folder alone. */
#pragma once

#include "core/identity/records.h"

/* USER_TAG: one key twice, or it begins with "aws:". */
fallible user_tags_fit(struct call *, struct pairs);

/* Adds, or replaces those of the same key. USER_TAG: one key twice, or it begins with "aws:";
 * USER_TAGS_LIMIT. */
fallible user_tags_put(struct call *, struct user *, struct pairs);

/* Is there one of this key, in whatever case? */
bool user_tags_have(struct pairs, struct bytes key);

/* Those that are not there are none. */
fallible user_tags_drop(struct call *, struct user *, struct texts keys);
