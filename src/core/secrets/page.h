/* page: where the next page of a list begins, as a token that only its caller can use, in the same
 * account and region, for the same request, for a day. For this folder alone. */
#pragma once

#include "core/operation.h"

enum { PAGE_TOKEN_MOST = 4096, PAGE_AT_MOST = 1024, PAGE_LIVES_MS = 24 * 60 * 60 * 1000 };

/* `asked` is the operation's name and all of the request that its next page has to say again
 * (filters, order, the secret's ARN), spelled in any way that is the same each time: a token opens
 * for nothing else. `at` is the place that the next page begins behind, in the list's own spelling;
 * PAGE_AT_MOST bytes. */
fallible page_seal(struct call *, struct bytes asked, struct bytes at, struct bytes *token);

/* SECRET_PAGE: not ours, cut short, too old, of another caller or another request. A token that was
 * not given (at NULL): `at` is empty, the first page. */
fallible page_open(struct call *, struct bytes asked, struct bytes token, struct bytes *at);
