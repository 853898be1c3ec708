/* local: the keeper as a struct in this process. What it holds lies in the keys region. */
#pragma once

#include "keeper/keeper.h"

enum { KEEPER_ROOT = 32, KEEPER_ROOTS = 4 };

struct keeper_root {
    uint32_t generation; /* 1, 2, ...; each once */
    struct sensitive_view
        key; /* KEEPER_ROOT bytes; not needed any more once keeper_local has returned */
};

/* The highest generation is used for what is new, the others open what is old; 1 to KEEPER_ROOTS of
 * them. The root itself is not kept: only the keys derived from it. After sensitive_start and
 * crypto_start. */
fallible keeper_local(const struct keeper_root *, size_t count, struct keeper **);

/* Another keeper that has the same roots and one more, newer than all of them (else
 * KEEPER_MISUSED): what it rewraps goes from the one to the other. */
fallible keeper_local_beside(struct keeper *, const struct keeper_root *, struct keeper **);
