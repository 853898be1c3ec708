/* account: made by `coffer init`, looked up by whatever seals values. */
#include "core/identity/account.h"

#include "core/identity/cache.h"
#include "core/identity/records.h"
#include "core/worker.h"

FAULT(ACCOUNT_EXISTS, FAULT_STATE, "account.exists", "There is such an account already.");

static fallible make_keys(struct call *c, struct account *account)
{
    struct account_keys keys = account_keys_of(account);

    TRY(keeper_make(c->worker->house->keeper, c->arena, &keys.values.is, &keys.values));
    TRY(keeper_make(c->worker->house->keeper, c->arena, &keys.macs.is, &keys.macs));
    account->values_blob = keys.values.blob;
    account->macs_blob = keys.macs.blob;
    return OK;
}

fallible identity_create_account(struct call *c, struct bytes id, struct bytes name)
{
    struct account *account = NULL;
    const struct fault *found = account_load(c, id, &account);

    ENSURE(found != OK, ACCOUNT_EXISTS);
    if (found != ACCOUNT_ABSENT)
        return found;
    account = arena_new(c->arena, struct account);
    ENSURE(account != NULL, ARENA_SPENT);
    *account = (struct account){.id = id, .name = name, .created = c->now};
    TRY(make_keys(c, account));
    TRY(account_save(c, account));
    return generation_bump(c, id);
}

fallible account_keys(struct call *c, const struct account_keys **out)
{
    struct account_keys *keys;
    struct account *account;

    *out = identity_cached_keys(c);
    if (*out != NULL)
        return OK;
    keys = arena_new(c->arena, struct account_keys);
    ENSURE(keys != NULL, ARENA_SPENT);
    TRY(account_load(c, c->account, &account));
    *keys = account_keys_of(account);
    *out = keys;
    return OK;
}
