/* carry: what a store holds, taken from under one root and put under another, an item at a time: by
 * a backup, a restore, and the rotation of the root. Values stay as they are sealed: the key that
 * they hang on is what is wrapped anew. */
#pragma once

#include "core/operation.h"
#include "store/engine.h"

struct carried {
    struct bytes key, body;
    bool sealed; /* a record: its body, which is sealed where it lies; else the row's own value */
};

/* Opens one item of a store, and wraps the keys that it keeps by the keeper's newest root. The call
 * needs arena and worker, no transaction. RECORD_DAMAGED: it does not open where it lies. */
fallible carry_out(struct call *, const struct item *, struct carried *);

/* The same, and back: as a row of a store under the keeper's newest root. */
fallible carry_in(struct call *, const struct carried *, struct change *);
