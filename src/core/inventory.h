/* inventory: is what lies in the store what was put there? The scales weigh each item for the
 * store's sum, under a key of their own; the inventory holds all items against that sum and opens
 * each record in its place. */
#pragma once

#include "core/record.h"

struct house;
struct keeper;
struct scales;
struct weigher;

/* One for a process; keeps its key until it is closed, after the store. NULL is fine to close. */
fallible scales_open(struct keeper *, struct scales **);
void scales_close(struct scales *);
const struct weigher *scales_weigher(const struct scales *);

/* False: what lies in this table is no sealed record. Else which record key: the account that the
 * key begins with, or empty, the house's own. */
bool inventory_is_sealed(struct bytes key, struct bytes *account);

struct inventory {
    uint64_t items, records; /* all that there are (but the outbox), and those that are sealed */
    uint64_t commit;         /* the last one */
    bool fits;               /* false: an item was put back, moved, dropped or added */
    uint64_t wrong;          /* records that do not open where they lie: altered or moved */
    uint8_t table;           /* of the first of these: the letter, the length of its whole key, */
    size_t key_bytes;        /* and the commit that its row names */
    uint64_t revision;
    bool listed; /* false: the index of secrets is not what their records say */
};

/* On a store that was opened with the scales. STORE_UNWEIGHED: it was not. Needs no journal. */
fallible inventory_take(struct arena *, const struct house *, struct inventory *);
