/* quota: how much of the store an account may have, so that one does not fill it for all others:
 * its secrets (of each region), its records and their bytes, as the committer counts them with each
 * change (store/usage.h). What the house has to keep for itself counts for nobody: the journal's
 * rows, due times, last-used marks. */
#pragma once

#include "base/fault.h"
#include "store/engine.h"

struct house;

extern const struct fault QUOTA_FULL[1]; /* records or bytes; of secrets it is SECRET_QUOTA */

struct quotas { /* 0: no bound */
    uint64_t secrets, records, bytes;
};

enum { QUOTA_SECRETS = 500000 }; /* AWS's, of a region */

/* What a store is opened with so that it counts, and heeds these quotas. They outlive the store. */
struct owners quota_owners(const struct quotas *);

/* What the house's account has. */
struct quota_use {
    uint64_t secrets; /* of the region that has the most */
    struct used all;
    unsigned percent; /* of whichever quota is the fullest; 0: there is none */
};
void quota_use(const struct house *, struct quota_use *);
