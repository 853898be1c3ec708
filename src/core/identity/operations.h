/* operations: what several of identity's operations share. For this folder alone. */
#pragma once

#include "core/identity/records.h"

/* A user as a reply shows him. */
fallible user_item_of(struct call *, const struct user *, struct user_item *);

/* locate, for rows about struct access_key_in and struct user_policy_in: the user. */
fallible access_key_locate(struct call *, const void *in, struct resource *);
fallible user_policy_locate(struct call *, const void *in, struct resource *);

/* The key that `in` names, if it is this user's; ACCESS_KEY_ABSENT else. */
fallible access_key_of(struct call *, const struct access_key_in *, struct access_key **);

struct user_policy *user_policy_find(struct user *, struct bytes name); /* NULL: it has none */
/* The same, and the user; USER_POLICY_ABSENT when he has none of that name. */
fallible user_policy_of(struct call *, const struct user_policy_in *, struct user **,
                        struct user_policy **);

/* Nobody has that name: USER_EXISTS else. */
fallible user_vacant(struct call *, struct bytes name);

/* Begins and ends with a slash, of printable ASCII but for wildcards, up to 512 characters. */
bool identity_path_fits(struct bytes path);

/* A policy of somebody's own that can be judged; else POLICY_MALFORMED or POLICY_BEYOND, and why.
 */
fallible identity_policy_fits(struct call *, struct bytes document);
