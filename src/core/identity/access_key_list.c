/* List a user's access keys. */
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/marks.h"
#include "core/resource.h"

static fallible item(struct call *c, struct bytes id, struct access_key_item *out)
{
    struct access_key *key;
    struct bytes mark;

    TRY(access_key_load(c, id, &key));
    TRY(last_use_key(c->arena, key->account, id, &mark));
    *out = (struct access_key_item){.user = key->user,
                                    .id = id,
                                    .status = key->active ? LIT("Active") : LIT("Inactive"),
                                    .created = {key->created}};
    return mark_read(c, mark, &out->last_used);
}

static fallible ids_of(struct call *c, struct bytes name, const struct key_ids **ids)
{
    struct account *account;
    struct user *user;

    if (name.n == 0) {
        TRY(account_load(c, identity_account(c), &account));
        *ids = &account->keys;
        return OK;
    }
    TRY(user_load(c, identity_account(c), name, &user));
    *ids = &user->keys;
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct access_key_in *in = in_;
    struct access_key_list_out *out = out_;
    struct access_key_item *items =
        arena_get(c->arena, USER_KEYS_MOST * sizeof(struct access_key_item));
    const struct key_ids *ids;
    struct bytes name;
    size_t first;

    ENSURE(items != NULL, ARENA_SPENT);
    TRY(identity_whose(c, in->user, &name));
    TRY(ids_of(c, name, &ids));
    TRY(page_of(&in->page, (struct texts){ids->at, ids->n}, &first, &out->keys.n, &out->more));
    for (size_t i = 0; i < out->keys.n; i++)
        TRY(item(c, ids->at[first + i], &items[i]));
    out->keys.at = items;
    return OK;
}

const struct operation access_key_list = {
    .name = "access_key.list",
    .action = "iam:ListAccessKeys",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct access_key_list_out),
    .audit = (const struct audited[]){AUDITED(access_key_in, user, "userName"), {0}},
    .locate = access_key_locate,
    .run = run,
};
