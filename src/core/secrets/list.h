/* list: a page of the secrets that a request asks for, in its order. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

struct listed {
    const struct secret **at; /* as they are stored, each with its ARN; never more than asked for */
    size_t n;
    struct bytes next; /* the token of the next page; at NULL: no more */
};

/* `operation` is the name of the one that lists: a token is good for it alone. The token of the
 * page before is in->next, `most` the page's size (1 to 100). A page looks at 2,000 records at most
 * and may be short or empty where none of the request's filters narrows the walk: it then has a
 * token. Secrets that do not open are left out (and logged). SECRET_PAGE, SECRET_BEYOND. */
fallible secrets_list(struct call *, const struct secret_list_in *, struct bytes operation,
                      size_t most, struct listed *);
