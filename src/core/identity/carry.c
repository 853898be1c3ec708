/* carry: what an account and an access key keep wrapped, handed from root to root. */
#include "core/identity/account.h"
#include "core/identity/records.h"

#include "core/record.h"
#include "core/worker.h"

static fallible rewrap(struct call *c, struct wrapped old, struct bytes *blob)
{
    struct wrapped newest;

    TRY(keeper_rewrap(c->worker->house->keeper, c->arena, &old, &newest));
    *blob = newest.blob;
    return OK;
}

static fallible carry_account(struct call *c, struct bytes id, struct bytes body,
                              struct bytes *fresh)
{
    struct account_keys keys;
    struct account *account;

    TRY(account_parse(c, id, body, &account));
    keys = account_keys_of(account);
    TRY(rewrap(c, keys.values, &account->values_blob));
    TRY(rewrap(c, keys.macs, &account->macs_blob));
    return account_write(c, account, fresh);
}

static fallible carry_access_key(struct call *c, struct bytes id, struct bytes body,
                                 struct bytes *fresh)
{
    struct access_key *key;

    TRY(access_key_parse(c, id, body, &key));
    TRY(rewrap(c, access_key_wrapped(key), &key->blob));
    return access_key_write(c, key, fresh);
}

fallible identity_carry(struct call *c, struct bytes key, struct bytes body, struct bytes *fresh)
{
    struct bytes rest = bytes_after(key, 1), id;

    *fresh = body;
    if (key.at[0] != TABLE_ACCOUNT && key.at[0] != TABLE_ACCESS_KEY)
        return OK;
    ENSURE(bytes_cut(&rest, 0, &id), RECORD_DAMAGED);
    return key.at[0] == TABLE_ACCOUNT ? carry_account(c, id, body, fresh)
                                      : carry_access_key(c, id, body, fresh);
}
