/* create_key: an access key, drawn or given, for a user or an account's root. */
#include "codec/base64.h"
#include "core/identity/records.h"
#include "core/worker.h"
#include "crypto/random.h"

enum { ID_DRAWN = 16, SECRET_CHARACTERS = 40 };

static fallible draw_secret(struct call *c, struct sensitive **secret)
{
    uint8_t *at;

    TRY(sensitive_new_key(c->arena, SECRET_CHARACTERS, secret));
    at = sensitive_fill(*secret);
    TRY(random_fill(at, SECRET_CHARACTERS));
    for (size_t i = 0; i < SECRET_CHARACTERS; i++)
        at[i] = base64_character(at[i]);
    return OK;
}

static fallible draw(struct call *c, struct identity_new_key *out)
{
    TRY(identity_draw_id(c, LIT("AKIA"), ID_DRAWN, &out->id));
    return draw_secret(c, &out->secret);
}

static fallible save_key(struct call *c, struct access_key *key, const struct sensitive *secret)
{
    struct wrapped wrapped = access_key_wrapped(key);
    struct access_key *other;
    const struct fault *found = access_key_load(c, key->id, &other);

    ENSURE(found != OK, ACCESS_KEY_LIMIT); /* given twice; a drawn one is never met again */
    if (found != ACCESS_KEY_ABSENT)
        return found;
    TRY(keeper_admit(c->worker->house->keeper, c->arena, &wrapped.is, sensitive_view(secret),
                     &wrapped));
    key->blob = wrapped.blob;
    return access_key_save(c, key);
}

static fallible hold(struct call *c, struct access_key *key)
{
    struct account *account;
    struct user *user;

    if (key->user.n == 0) {
        TRY(account_load(c, key->account, &account));
        TRY(key_ids_add(&account->keys, key->id));
        return account_save(c, account);
    }
    TRY(user_load(c, key->account, key->user, &user));
    TRY(key_ids_add(&user->keys, key->id));
    key->user_id = user->id;
    return user_save(c, key->account, user);
}

fallible identity_create_key(struct call *c, struct bytes account, struct bytes user,
                             const struct identity_new_key *given, struct identity_new_key *out)
{
    struct access_key key = {.account = account, .user = user, .active = true, .created = c->now};

    if (given != NULL)
        *out = *given;
    else
        TRY(draw(c, out));
    key.id = out->id;
    TRY(hold(c, &key));
    TRY(save_key(c, &key, out->secret));
    return generation_bump(c, account);
}
