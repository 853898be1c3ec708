/* page: where the next page of a list begins, as a token that only its caller, in the same account
 * and region, can use. For this folder alone. */
#pragma once

#include "core/operation.h"

struct page {
    struct bytes from; /* the scan goes on after this key of the store; empty: from the first */
    int64_t order;     /* which order the list is in: a token of one order is none of another */
    struct bytes last; /* with `value`: the last one shown of this scan; at NULL: none */
    int64_t value;
};

fallible page_token(struct call *, const struct page *, struct bytes *token);
/* SECRET_PAGE: not ours, of another caller or order. An absent token: the first page. */
fallible page_of(struct call *, struct bytes token, int64_t order, struct page *);
