/* account: the keys that an account has of its own: one that wraps the data keys of its values, one
 * for MACs. Both are blobs under the keeper's wrapping key, kept in the account's record. */
#pragma once

#include "core/operation.h"
#include "keeper/keeper.h"

struct account_keys {
    struct wrapped values; /* KEY_FOR_VALUES */
    struct wrapped macs;   /* KEY_FOR_MACS */
};

/* The keys of call->account: from the worker's cache when `who` belongs to it (no look at the
 * store), else from the account's record. ACCOUNT_ABSENT (identity.h): there is no such account.
 * Valid as long as the call runs here. */
fallible account_keys(struct call *, const struct account_keys **);

/* The body of an account's or an access key's record (by its table), its keys wrapped by the newest
 * root of the keeper that the call's house has; of any other record, the body as it is. */
fallible identity_carry(struct call *, struct bytes key, struct bytes body, struct bytes *fresh);
