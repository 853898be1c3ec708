/* usage: what each owner has in a store: how many items, and how many bytes they are. Kept by the
 * thread that commits, in the same step as each change, so that no transaction reads, and so
 * guards, a counter that all others write. Every function takes NULL for "nothing is counted". */
#pragma once

#include "store/engine.h"

struct usage;

fallible usage_open(const struct owners *, struct usage **); /* no owners: *out is NULL */
void usage_close(struct usage *);

/* May the batch be applied to what `inside` shows? *refusal is OK, or what an owner's `allows`
 * said. What frees more than it takes is never refused. */
fallible usage_admits(struct usage *, struct reader *inside, const struct batch *,
                      const struct fault **refusal);

/* The change is made; `before` is what was there (revision 0: nothing). */
fallible usage_change(struct usage *, const struct item *before, const struct change *);

/* The group came to be, or it did not: then all is as it was before its first change. */
void usage_settle(struct usage *, bool committed);

/* How it is kept from one process to the next: those that changed since the last settle are shown;
 * put back, they are settled. */
typedef fallible usage_each_fn(void *ctx, struct bytes owner, const struct used *);
fallible usage_changed(struct usage *, usage_each_fn *, void *ctx);
fallible usage_put_back(struct usage *, struct bytes owner, const struct used *);

struct used usage_of(struct usage *, struct bytes owner); /* as committed; any thread */
