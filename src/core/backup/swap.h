/* swap: which store a data folder has, when its root changes. The new one is made beside the old,
 * as "store.<generation>"; the seal, which names its generation, is what decides: from the moment
 * that it says so, the new one is the store, whatever it is called yet. */
#pragma once

#include "base/arena.h"

extern const struct fault SWAP_PLACE[1]; /* it cannot be renamed or removed */

/* "folder/store.<generation>"; NULL when memory is spent. */
const char *swap_beside(struct arena *, const char *folder, uint32_t generation);

/* Finishes what a seal of this generation decided: the store beside, if there is one of this
 * generation, takes the place of the old one, which is removed. For whoever opens the folder,
 * before the store. On the disk when OK; nothing to do: OK. */
fallible swap_settle(struct arena *, const char *folder, uint32_t generation);

/* Removes a store's folder and its files; absent is fine. */
fallible swap_remove(const char *store);
