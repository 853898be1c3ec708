/* change: one transaction on a data folder's store while no server runs: what `coffer init` and
 * `coffer dev` put there. */
#pragma once

#include "core/operation.h"
#include "keeper/keeper.h"

/* Where, with whose keys, and as which account and region. Borrowed. */
struct change_plan {
    const char *folder;
    struct keeper *keeper;
    struct bytes account, region;
};

/* Runs `fn` in an open transaction, as Coffer itself, and commits; when `fn` fails, its fault, and
 * nothing is changed. STORE_HELD while a server runs. The arena is the call's. */
fallible change_folder(struct arena *, const struct change_plan *,
                       fallible (*fn)(struct call *, void *ctx), void *ctx);
