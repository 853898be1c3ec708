/* records: members are numbered once and for all; no number is used again for something else. */
#include "core/identity/records.h"

#include "core/fields.h"
#include "core/record.h"

enum { NAME = 1, CREATED, VALUES, MACS, ROOT_KEYS, NOT_BEFORE }; /* an account's */
enum {
    USER_NAMED = 1,
    PATH,
    ID,
    USER_CREATED,
    KEYS,
    POLICIES,
    USER_NOT_BEFORE,
    USER_TAGS
}; /* a user's */
enum { POLICY_NAME = 1, DOCUMENT };
enum { ACCOUNT = 1, USER, USER_ID, ACTIVE, BLOB, KEY_CREATED }; /* an access key's */

#define KNOWN(last) ((UINT64_C(2) << (last)) - 2)

FAULT(ACCOUNT_ABSENT, FAULT_ABSENT, "account.absent", "There is no such account.");
FAULT(USER_ABSENT, FAULT_ABSENT, "user.absent", "The user with name {} cannot be found.");
FAULT(ACCESS_KEY_ABSENT, FAULT_ABSENT, "access_key.absent", "The access key {} cannot be found.");
FAULT(ACCESS_KEY_LIMIT, FAULT_LIMIT, "access_key.limit", "A user has at most two access keys.");

enum { BODY = 1024 };

fallible key_ids_add(struct key_ids *ids, struct bytes id)
{
    ENSURE(ids->n < USER_KEYS_MOST, ACCESS_KEY_LIMIT);
    ids->at[ids->n++] = id;
    return OK;
}

void key_ids_drop(struct key_ids *ids, struct bytes id)
{
    size_t kept = 0;

    for (size_t i = 0; i < ids->n; i++)
        if (!bytes_same(ids->at[i], id))
            ids->at[kept++] = ids->at[i];
    ids->n = kept;
}

static void key_ids_read(struct fields *f, uint64_t key, struct key_ids *ids)
{
    struct bytes list = fields_list(f, key, &ids->n);

    f->damaged = f->damaged || ids->n > USER_KEYS_MOST;
    if (f->damaged)
        ids->n = 0;
    for (size_t i = 0; i < ids->n; i++)
        ids->at[i] = fields_next_text(f, &list);
}

static void key_ids_write(struct buf *b, const struct key_ids *ids)
{
    cbor_put_array(b, ids->n);
    for (size_t i = 0; i < ids->n; i++)
        cbor_put_text(b, ids->at[i]);
}

static fallible load(struct call *c, struct bytes account, struct bytes key,
                     const struct fault *absent, struct bytes *body)
{
    const struct fault *fault = record_load(c, account, key, body);

    return fault == STORE_ABSENT ? absent : fault;
}

/* --- accounts --- */

static fallible account_key(struct arena *arena, struct bytes id, struct bytes *key)
{
    return record_key(arena, TABLE_ACCOUNT, &id, 1, key);
}

fallible account_parse(struct call *c, struct bytes id, struct bytes body, struct account **out)
{
    struct account *account = arena_new(c->arena, struct account);
    struct fields f = fields_of(body);

    ENSURE(account != NULL, ARENA_SPENT);
    account->old = body;
    account->id = id;
    account->name = fields_text(&f, NAME);
    account->created = fields_int(&f, CREATED);
    account->values_blob = fields_bytes(&f, VALUES);
    account->macs_blob = fields_bytes(&f, MACS);
    key_ids_read(&f, ROOT_KEYS, &account->keys);
    account->not_before = fields_int(&f, NOT_BEFORE);
    *out = account;
    return fields_end(&f);
}

fallible account_load(struct call *c, struct bytes id, struct account **out)
{
    struct bytes key, body;

    TRY(account_key(c->arena, id, &key));
    TRY(load(c, id, key, ACCOUNT_ABSENT, &body));
    return account_parse(c, id, body, out);
}

fallible account_write(struct call *c, const struct account *account, struct bytes *body)
{
    struct buf b = buf_open(c->arena, BODY);
    struct cbor_map map = cbor_map_over(&b, account->old, KNOWN(NOT_BEFORE));

    cbor_put_text(cbor_map_key(&map, NAME), account->name);
    cbor_put_int(cbor_map_key(&map, CREATED), account->created);
    cbor_put_bytes(cbor_map_key(&map, VALUES), account->values_blob);
    cbor_put_bytes(cbor_map_key(&map, MACS), account->macs_blob);
    key_ids_write(cbor_map_key(&map, ROOT_KEYS), &account->keys);
    cbor_put_int(cbor_map_key(&map, NOT_BEFORE), account->not_before);
    cbor_map_close(&map);
    return buf_done(&b, body);
}

fallible account_save(struct call *c, const struct account *account)
{
    struct bytes key, body;

    TRY(account_write(c, account, &body));
    TRY(account_key(c->arena, account->id, &key));
    return record_save(c, account->id, key, body);
}

struct account_keys account_keys_of(const struct account *account)
{
    return (struct account_keys){
        .values = {.is = {.account = account->id,
                          .id = LIT("values"),
                          .version = ACCOUNT_KEY_VERSION,
                          .kind = KEY_AES_256,
                          .use = KEY_FOR_VALUES},
                   .blob = account->values_blob},
        .macs = {.is = {.account = account->id,
                        .id = LIT("macs"),
                        .version = ACCOUNT_KEY_VERSION,
                        .kind = KEY_HMAC_256,
                        .use = KEY_FOR_MACS},
                 .blob = account->macs_blob},
    };
}

/* --- users --- */

static fallible user_key(struct arena *arena, struct bytes account, struct bytes name,
                         struct bytes *key)
{
    const struct bytes parts[] = {account, name};

    return record_key(arena, TABLE_USER, parts, 2, key);
}

void identity_policies_read(struct fields *f, uint64_t key, struct user_policy *policies, size_t *n)
{
    struct bytes list = fields_list(f, key, n);

    f->damaged = f->damaged || *n > USER_POLICIES_MOST;
    if (f->damaged)
        *n = 0;
    for (size_t i = 0; i < *n; i++) {
        struct fields policy = fields_of(list);

        policies[i].name = fields_text(&policy, POLICY_NAME);
        policies[i].document = fields_text(&policy, DOCUMENT);
        f->damaged = f->damaged || fields_leave(&policy, &list) != OK;
    }
}

void identity_policies_write(struct buf *b, const struct user_policy *policies, size_t n)
{
    cbor_put_array(b, n);
    for (size_t i = 0; i < n; i++) {
        struct cbor_map map = cbor_map_open(b);

        cbor_put_text(cbor_map_key(&map, POLICY_NAME), policies[i].name);
        cbor_put_text(cbor_map_key(&map, DOCUMENT), policies[i].document);
        cbor_map_close(&map);
    }
}

/* A name and a value, one behind the other. */
fallible identity_tags_read(struct call *c, struct fields *f, uint64_t key, struct pairs *out)
{
    size_t n;
    struct bytes list = fields_list(f, key, &n);
    struct pair *tags;

    f->damaged = f->damaged || n % 2 != 0 || n > (size_t)2 * USER_TAGS_MOST;
    n = f->damaged ? 0 : n / 2;
    tags = arena_get(c->arena, n * sizeof *tags + 1);
    ENSURE(tags != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        tags[i].name = fields_next_text(f, &list);
        tags[i].value = fields_next_text(f, &list);
    }
    *out = (struct pairs){tags, n};
    return OK;
}

void identity_tags_write(struct buf *b, struct pairs tags)
{
    cbor_put_array(b, 2 * tags.n);
    for (size_t i = 0; i < tags.n; i++) {
        cbor_put_text(b, tags.at[i].name);
        cbor_put_text(b, tags.at[i].value);
    }
}

fallible user_parse(struct call *c, struct bytes body, struct user **out)
{
    struct user *user = arena_new(c->arena, struct user);
    struct fields f = fields_of(body);

    ENSURE(user != NULL, ARENA_SPENT);
    user->old = body;
    user->name = fields_text(&f, USER_NAMED);
    user->path = fields_text(&f, PATH);
    user->id = fields_text(&f, ID);
    user->created = fields_int(&f, USER_CREATED);
    key_ids_read(&f, KEYS, &user->keys);
    identity_policies_read(&f, POLICIES, user->policies, &user->policy_count);
    user->not_before = fields_int(&f, USER_NOT_BEFORE);
    TRY(identity_tags_read(c, &f, USER_TAGS, &user->tags));
    *out = user;
    return fields_end(&f);
}

fallible user_load(struct call *c, struct bytes account, struct bytes name, struct user **out)
{
    struct bytes key, body;
    const struct fault *fault;

    TRY(user_key(c->arena, account, name, &key));
    fault = load(c, account, key, USER_ABSENT, &body);
    if (fault == USER_ABSENT)
        return why(c, USER_ABSENT, name);
    TRY(fault);
    return user_parse(c, body, out);
}

fallible user_save(struct call *c, struct bytes account, const struct user *user)
{
    struct buf b = buf_open(c->arena, BODY);
    struct cbor_map map = cbor_map_over(&b, user->old, KNOWN(USER_TAGS));
    struct bytes key, body;

    cbor_put_text(cbor_map_key(&map, USER_NAMED), user->name);
    cbor_put_text(cbor_map_key(&map, PATH), user->path);
    cbor_put_text(cbor_map_key(&map, ID), user->id);
    cbor_put_int(cbor_map_key(&map, USER_CREATED), user->created);
    key_ids_write(cbor_map_key(&map, KEYS), &user->keys);
    identity_policies_write(cbor_map_key(&map, POLICIES), user->policies, user->policy_count);
    cbor_put_int(cbor_map_key(&map, USER_NOT_BEFORE), user->not_before);
    identity_tags_write(cbor_map_key(&map, USER_TAGS), user->tags);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(user_key(c->arena, account, user->name, &key));
    return record_save(c, account, key, body);
}

fallible user_drop(struct call *c, struct bytes account, struct bytes name)
{
    struct bytes key;

    TRY(user_key(c->arena, account, name, &key));
    return record_drop(c, key);
}

/* --- access keys: found before an account is known, so under the house's own record key --- */

static fallible access_key_key(struct arena *arena, struct bytes id, struct bytes *key)
{
    return record_key(arena, TABLE_ACCESS_KEY, &id, 1, key);
}

fallible access_key_parse(struct call *c, struct bytes id, struct bytes body,
                          struct access_key **out)
{
    struct access_key *k = arena_new(c->arena, struct access_key);
    struct fields f = fields_of(body);

    ENSURE(k != NULL, ARENA_SPENT);
    k->old = body;
    k->id = id;
    k->account = fields_text(&f, ACCOUNT);
    k->user = fields_text(&f, USER);
    k->user_id = fields_text(&f, USER_ID);
    k->active = fields_int(&f, ACTIVE) == 1;
    k->blob = fields_bytes(&f, BLOB);
    k->created = fields_int(&f, KEY_CREATED);
    *out = k;
    return fields_end(&f);
}

fallible access_key_load(struct call *c, struct bytes id, struct access_key **out)
{
    struct bytes key, body;

    TRY(access_key_key(c->arena, id, &key));
    TRY(load(c, LIT(""), key, ACCESS_KEY_ABSENT, &body));
    return access_key_parse(c, id, body, out);
}

fallible access_key_write(struct call *c, const struct access_key *k, struct bytes *body)
{
    struct buf b = buf_open(c->arena, BODY);
    struct cbor_map map = cbor_map_over(&b, k->old, KNOWN(KEY_CREATED));

    cbor_put_text(cbor_map_key(&map, ACCOUNT), k->account);
    cbor_put_text(cbor_map_key(&map, USER), k->user);
    cbor_put_text(cbor_map_key(&map, USER_ID), k->user_id);
    cbor_put_int(cbor_map_key(&map, ACTIVE), k->active);
    cbor_put_bytes(cbor_map_key(&map, BLOB), k->blob);
    cbor_put_int(cbor_map_key(&map, KEY_CREATED), k->created);
    cbor_map_close(&map);
    return buf_done(&b, body);
}

fallible access_key_save(struct call *c, const struct access_key *k)
{
    struct bytes key, body;

    TRY(access_key_write(c, k, &body));
    TRY(access_key_key(c->arena, k->id, &key));
    return record_save(c, LIT(""), key, body);
}

fallible access_key_drop(struct call *c, struct bytes id)
{
    struct bytes key;

    TRY(access_key_key(c->arena, id, &key));
    return record_drop(c, key);
}

struct wrapped access_key_wrapped(const struct access_key *k)
{
    return (struct wrapped){.is = {.account = k->account,
                                   .id = k->id,
                                   .version = 1,
                                   .kind = KEY_ACCESS_SECRET,
                                   .use = KEY_FOR_SIGNATURES},
                            .blob = k->blob};
}
