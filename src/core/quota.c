/* quota: whose a key is, and how much is too much. */
#include "core/quota.h"

#include "core/record.h"
#include "core/secrets/index.h"
#include "core/secrets/secrets.h"
#include "core/worker.h"
#include "store/drive.h"

#include <string.h>

enum { REGION_MOST = 64 };

FAULT(QUOTA_FULL, FAULT_LIMIT, "quota.full",
      "The account has as much stored as it may have: delete what is not needed any more.");

/* Due times and the like have no account, marks come by themselves; the key's first part is the
 * account in all others. */
static bool is_somebodys(struct bytes key)
{
    switch (key.at[0]) {
    case TABLE_ACCOUNT:
    case TABLE_GENERATION:
    case TABLE_USER:
    case TABLE_ROLE:
    case TABLE_SECRET:
    case TABLE_POLICY:
    case TABLE_INVITED:
    case TABLE_VALUE:
        return true;
    case TABLE_LISTED:
        return !index_is_last_access(key);
    default:
        return false;
    }
}

/* The account; of a secret's record, which there is once for each, also account and region. */
static size_t owners_of(struct bytes key, struct bytes owners[OWNERS_MOST])
{
    const struct bytes whole = bytes_after(key, 1);
    struct bytes rest = whole, region;

    if (!is_somebodys(key) || !bytes_cut(&rest, 0, &owners[0]) || owners[0].n == 0)
        return 0;
    if (key.at[0] != TABLE_SECRET || !bytes_cut(&rest, 0, &region))
        return 1;
    owners[1] = (struct bytes){whole.at, owners[0].n + 1 + region.n};
    return 2;
}

static bool passes(uint64_t before, uint64_t after, uint64_t most)
{
    return most != 0 && after > before && after > most;
}

static const struct fault *allows(void *ctx, struct bytes owner, const struct used *before,
                                  const struct used *after)
{
    const struct quotas *quotas = ctx;

    if (memchr(owner.at, 0, owner.n) != NULL)
        return passes(before->items, after->items, quotas->secrets) ? SECRET_QUOTA : OK;
    if (passes(before->items, after->items, quotas->records) ||
        passes(before->bytes, after->bytes, quotas->bytes))
        return QUOTA_FULL;
    return OK;
}

struct owners quota_owners(const struct quotas *quotas)
{
    return (struct owners){(void *)(uintptr_t)quotas, owners_of, allows};
}

/* --- how much it is --- */

static uint64_t secrets_in(const struct house *house, struct bytes region)
{
    uint8_t owner[REGION_MOST + REGION_MOST];
    const struct bytes account = house->account;

    if (account.n >= REGION_MOST || region.n > REGION_MOST)
        return 0;
    memcpy(owner, account.at, account.n);
    owner[account.n] = 0;
    memcpy(owner + account.n + 1, region.at, region.n);
    return store_used(house->store, (struct bytes){owner, account.n + 1 + region.n}).items;
}

static void fill(unsigned *percent, uint64_t has, uint64_t most)
{
    const uint64_t share = most == 0 ? 0 : has / (most / 100 + 1) > 999 ? 999 : has * 100 / most;

    if (share > *percent)
        *percent = (unsigned)share;
}

void quota_use(const struct house *house, struct quota_use *use)
{
    *use = (struct quota_use){.secrets = secrets_in(house, house->region),
                              .all = store_used(house->store, house->account)};
    for (size_t i = 0; i < house->region_count; i++) {
        const uint64_t secrets = secrets_in(house, house->regions[i]);

        use->secrets = secrets > use->secrets ? secrets : use->secrets;
    }
    fill(&use->percent, use->secrets, house->quotas.secrets);
    fill(&use->percent, use->all.items, house->quotas.records);
    fill(&use->percent, use->all.bytes, house->quotas.bytes);
}
