/* Delete an access key. */
#include "core/identity/operations.h"
#include "core/resource.h"

static fallible let_go(struct call *c, const struct access_key *key)
{
    struct account *account;
    struct user *user;

    if (key->user.n == 0) {
        TRY(account_load(c, key->account, &account));
        key_ids_drop(&account->keys, key->id);
        return account_save(c, account);
    }
    TRY(user_load(c, key->account, key->user, &user));
    key_ids_drop(&user->keys, key->id);
    return user_save(c, key->account, user);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    struct access_key *key;

    (void)out;
    TRY(access_key_of(c, in_, &key));
    TRY(let_go(c, key));
    TRY(access_key_drop(c, key->id));
    return generation_bump(c, key->account);
}

const struct operation access_key_delete = {
    .name = "access_key.delete",
    .action = "iam:DeleteAccessKey",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(access_key_in, user, "userName"),
                                      AUDITED(access_key_in, id, "accessKeyId"),
                                      {0}},
    .locate = access_key_locate,
    .run = run,
};
