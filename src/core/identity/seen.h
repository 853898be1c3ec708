/* seen: signatures of changes that were made, so that a request which was captured is not carried
 * out a second time (SECURITY 22). Only of changes that nothing else tells from their repetition:
 * without a ClientRequestToken. One for the house, for all threads; a restart forgets it.
 *
 * Clients do send the same signature twice: its date has seconds, so a retry after a lost reply, or
 * deleting again what was made anew in between, is the same request within that second. So it is
 * refused only when it comes a while after the first, which no client does (doc/decisions/0030). */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

struct seen;

/* How long after the first the same may still come; how many are remembered, the newest: for as
 * long as one can be sent again, five minutes either side of its date, but when more than so many
 * come in that time. 12 bytes each, taken as they are needed. */
enum { SEEN_GRACE_MS = 15000, SEEN_MOST = 1 << 20 };

fallible seen_open(int64_t grace_ms, struct seen **);
void seen_close(struct seen *);

/* Of a monotonic clock. NULL for a house that remembers none: then nothing was before. */
bool seen_before(struct seen *, struct bytes signature, int64_t now_ms);
void seen_add(struct seen *, struct bytes signature, int64_t now_ms); /* the first counts */
