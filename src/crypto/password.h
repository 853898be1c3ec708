/* password: a key from a passphrase, by Argon2id (RFC 9106), dear on purpose. */
#pragma once

#include "base/sensitive.h"

/* What it costs to try one passphrase. It is stored beside what the key seals and judged again when
 * read: below the floor it protects nothing, above the ceiling it is an attack on whoever opens
 * it. */
struct password_cost {
    uint32_t memory_kib; /* 262,144 (256 MiB) to 4,194,304 */
    uint32_t passes;     /* 3 to 64 */
    uint32_t lanes;      /* 1 to 16 */
};

extern const struct password_cost
    PASSWORD_USUAL[1];                        /* 256 MiB, 3 passes, 4 lanes: about a second */
extern const struct fault PASSWORD_COST[1];   /* outside floor and ceiling */
extern const struct fault PASSWORD_MEMORY[1]; /* the machine cannot give that much */

/* 32 bytes in the keys region. Passphrase: 1 to 4,096 bytes; salt: 16 to 64 random bytes. It
 * blocks. */
fallible password_stretch(struct arena *, struct sensitive_view passphrase, struct bytes salt,
                          const struct password_cost *, struct sensitive **key);

/* For tests alone: lowers the floor (8 KiB a lane and 1 pass are what Argon2 itself demands). */
void password_floor_for_tests(uint32_t memory_kib, uint32_t passes);
