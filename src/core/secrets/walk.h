/* walk: over the secrets of an account and region in one order, by the index's rows alone: nothing
 * is opened. Filters that the index can answer narrow it: by name the beginning of the names, by
 * creation the tags (all that have one of a filter's texts, for each filter). What it passes are
 * those that may hold; whoever walks judges each. For this folder alone. */
#pragma once

#include "core/secrets/index.h"

enum { WALK_LISTS_MOST = 16, WALK_TEXTS_MOST = 1000 };

struct walk;

struct way {
    enum order order;
    bool down;
    struct secret_filters filters; /* none: not narrowed */
};

/* Can the filters narrow a walk of this order? Of tags up to WALK_TEXTS_MOST different texts of the
 * account are looked at, and up to WALK_LISTS_MOST may begin as a filter says: else that filter
 * narrows nothing. */
bool walk_narrows(enum order, struct secret_filters);

/* Begins behind `from`, or (NULL) at the first. */
fallible walk_open(struct call *, const struct way *, const struct spot *from, struct walk **);

/* The next one; false in *any: no more, or `looks` rows (of the whole walk) have been looked at:
 * walk_spent. The tail lies in the arena. */
fallible walk_next(struct walk *, size_t looks, struct spot *, bool *any);
bool walk_spent(const struct walk *);
struct spot walk_at(const struct walk *); /* all up to here, and with it, has been passed */

/* Which comes first on the way: like memcmp. */
int way_order(const struct way *, const struct spot *, const struct spot *);
