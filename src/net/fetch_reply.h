/* fetch_reply: takes a reply as it comes, piece by piece, through llhttp. */
#pragma once

#include "net/fetch.h"

struct reply_reader;

fallible reply_reader_open(struct arena *, const struct fetch *, struct fetch_reply *,
                           struct reply_reader **out);

/* The next bytes of the connection; *whole once the reply is. FETCH_ODD, SENSITIVE_FULL,
 * ARENA_SPENT. */
fallible reply_reader_take(struct reply_reader *, struct sensitive_view, bool *whole);

/* The connection has ended: OK if the reply was one that ends so. */
fallible reply_reader_end(struct reply_reader *);
