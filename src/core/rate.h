/* rate: how many requests a second one principal, and one account, may ask of one worker: a token
 * bucket each, that holds a second's worth (SECURITY 15). The house's rates are the server's; each
 * of its loops gives out an equal part. 0: no bound. Coffer itself and whoever came over the admin
 * socket are not counted. Memory is bounded: of those who share a place, the one longest away is
 * forgotten, which is to his advantage. */
#pragma once

#include "core/operation.h"

struct rates;

extern const struct fault THROTTLED[1];

fallible rates_new(struct arena *, struct rates **);

/* Right after authentication: takes a token of call->who and one of his account, at call->now;
 * THROTTLED when one of them has none left. */
fallible rate_take(const struct call *);
