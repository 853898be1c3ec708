/* change: one transaction on a data folder's store while no server runs: what `coffer init` and
 * `coffer dev` put there. */
#pragma once

#include "core/operation.h"
#include "keeper/keeper.h"

struct change_plan {
    const char *folder;
    struct keeper *keeper;
    struct bytes account, region;
};

/* Runs `fn` in an open transaction, as Coffer itself, and commits; STORE_HELD while a server runs.
 */
fallible change_folder(struct arena *, const struct change_plan *,
                       fallible (*fn)(struct call *, void *ctx), void *ctx);
