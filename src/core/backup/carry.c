/* carry: opened, wrapped anew, sealed. */
#include "core/backup/carry.h"

#include "core/identity/account.h"
#include "core/inventory.h"
#include "core/secrets/index.h"

fallible carry_out(struct call *c, const struct item *item, struct carried *out)
{
    struct bytes account, body;

    *out = (struct carried){.key = item->key, .body = item->value};
    out->sealed = inventory_is_sealed(item->key, &account);
    if (!out->sealed)
        return OK;
    TRY(record_open(c, account, item->key, item->value, &body));
    return identity_carry(c, item->key, body, &out->body);
}

fallible carry_in(struct call *c, const struct carried *carried, struct change *change)
{
    struct bytes body;

    *change = (struct change){carried->key, carried->body};
    if (!carried->sealed)
        return OK;
    (void)inventory_is_sealed(carried->key, &c->account);
    TRY(identity_carry(c, carried->key, carried->body, &body));
    TRY(index_carry(c, carried->key, body, &change->key));
    return record_seal(c, c->account, change->key, body, &change->value);
}
