/* tour: over the secrets of an account and region in one order, by the index's rows alone: nothing
 * is opened. Filters that the index can answer narrow it: by name the beginning of the names, by
 * creation the tags (all that have one of a filter's texts, for each filter). What it passes are
 * those that may hold; whoever goes judges each. For this folder alone. */
#pragma once

#include "core/secrets/index.h"

enum { TOUR_LISTS_MOST = 16, TOUR_TEXTS_MOST = 1000 };

struct tour;

struct way {
    enum order order;
    bool down;
    struct secret_filters filters; /* none: not narrowed */
};

/* Can the filters narrow a tour of this order? Of tags up to TOUR_TEXTS_MOST different texts of the
 * account are looked at, and up to TOUR_LISTS_MOST may begin as a filter says: else that filter
 * narrows nothing. */
bool tour_narrows(enum order, struct secret_filters);

/* Begins behind `from`, or (NULL) at the first. */
fallible tour_open(struct call *, const struct way *, const struct spot *from, struct tour **);

/* The next one; false in *any: no more, or `looks` rows (of the whole tour) have been looked at:
 * tour_spent. The tail lies in the arena. */
fallible tour_next(struct tour *, size_t looks, struct spot *, bool *any);
bool tour_spent(const struct tour *);
struct spot tour_at(const struct tour *); /* all up to here, and with it, has been passed */

/* Which comes first on the way: like memcmp. */
int way_order(const struct way *, const struct spot *, const struct spot *);
