/* page: which part of a list is asked for. For this folder alone. */
#pragma once

#include "core/identity/identity.h"

enum { PAGE_USUAL = 100, PAGE_MOST = 1000 };

/* How many a page holds. */
size_t page_size(const struct identity_page *);

/* Of names that all lie there, in the order that pages go by: from which one, and how many.
 * IDENTITY_PAGE: `after` is none of them. */
fallible page_of(const struct identity_page *, struct texts, size_t *first, size_t *n,
                 struct identity_more *);
