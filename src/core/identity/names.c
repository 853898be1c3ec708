/* names: ARNs, ids, generations: what all of identity's operations need. */
#include "core/fields.h"
#include "core/identity/records.h"
#include "core/record.h"
#include "core/resource.h"
#include "core/worker.h"
#include "crypto/random.h"

#include <string.h>

FAULT(USER_UNSAID, FAULT_CALLER, "user.unsaid",
      "Must specify userName when calling with non-User credentials");

enum { NUMBER = 1, GENERATION_BODY = 16, DRAWN_MOST = 32 };

fallible generation_key(struct arena *arena, struct bytes account, struct bytes *key)
{
    return record_key(arena, TABLE_GENERATION, &account, 1, key);
}

/* Sealed afresh, the record differs in its bytes even if the number should not: caches compare the
 * bytes. */
fallible generation_bump(struct call *c, struct bytes account)
{
    struct buf b = buf_open(c->arena, GENERATION_BODY);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes key, body = {0};
    const struct fault *fault;
    struct fields f;

    TRY(generation_key(c->arena, account, &key));
    fault = record_load(c, account, key, &body);
    if (fault != STORE_ABSENT)
        TRY(fault);
    f = fields_of(body);
    cbor_put_int(cbor_map_key(&map, NUMBER), fault == OK ? fields_int(&f, NUMBER) + 1 : 1);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    return record_save(c, account, key, body);
}

fallible last_use_key(struct arena *arena, struct bytes account, struct bytes access_key_id,
                      struct bytes *key)
{
    const struct bytes parts[] = {account, LIT("key"), access_key_id};

    return record_key(arena, TABLE_LAST_USE, parts, 3, key);
}

fallible identity_arn(struct call *c, struct bytes account, struct bytes path, struct bytes name,
                      struct bytes *arn)
{
    struct buf b = buf_open(c->arena, 128);

    buf_add(&b, LIT("arn:"));
    buf_add(&b, c->partition.n != 0 ? c->partition : LIT("aws"));
    buf_add(&b, LIT(":iam::"));
    buf_add(&b, account);
    buf_add(&b, name.n != 0 ? LIT(":user") : LIT(":root"));
    if (name.n != 0)
        buf_add(&b, path.n != 0 ? path : LIT("/"));
    buf_add(&b, name);
    return buf_done(&b, arn);
}

static fallible arn_of(struct call *c, const char *service, const struct bytes parts[], size_t n,
                       struct bytes *arn)
{
    struct buf b = buf_open(c->arena, 128);

    buf_add(&b, LIT("arn:"));
    buf_add(&b, c->partition.n != 0 ? c->partition : LIT("aws"));
    buf_add_text(&b, service);
    for (size_t i = 0; i < n; i++)
        buf_add(&b, parts[i]);
    return buf_done(&b, arn);
}

fallible identity_federated_arn(struct call *c, struct bytes account, struct bytes name,
                                struct bytes *arn)
{
    const struct bytes parts[] = {account, LIT(":federated-user/"), name};

    return arn_of(c, ":sts::", parts, 3, arn);
}

fallible identity_role_arn(struct call *c, struct bytes account, struct bytes path,
                           struct bytes name, struct bytes *arn)
{
    const struct bytes parts[] = {account, LIT(":role"), path, name};

    return arn_of(c, ":iam::", parts, 4, arn);
}

fallible identity_assumed_arn(struct call *c, struct bytes account, struct bytes role,
                              struct bytes session, struct bytes *arn)
{
    const struct bytes parts[] = {account, LIT(":assumed-role/"), role, LIT("/"), session};

    return arn_of(c, ":sts::", parts, 5, arn);
}

/* 32 characters: five bits of each byte, so none is likelier than another. */
fallible identity_draw_id(struct call *c, struct bytes prefix, size_t n, struct bytes *id)
{
    uint8_t drawn[DRAWN_MOST];
    struct buf b = buf_open(c->arena, prefix.n + n);

    ENSURE(n <= DRAWN_MOST, ARENA_SPENT);
    TRY(random_fill(drawn, n));
    buf_add(&b, prefix);
    for (size_t i = 0; i < n; i++)
        buf_add_byte(&b, (uint8_t) "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[drawn[i] & 31]);
    return buf_done(&b, id);
}

static bool name_character(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("_+=,.@-", c) != NULL);
}

bool identity_name_fits(struct bytes name, size_t most)
{
    for (size_t i = 0; i < name.n; i++)
        if (!name_character(name.at[i]))
            return false;
    return name.n != 0 && name.n <= most;
}

struct bytes identity_account(const struct call *c)
{
    return c->account.n != 0 ? c->account : c->worker->house->account;
}

fallible identity_whose(const struct call *c, struct bytes named, struct bytes *name)
{
    const enum principal_type type = c->who->type;

    *name = named;
    if (named.n != 0 || type == PRINCIPAL_ROOT || type == PRINCIPAL_LOCAL)
        return OK;
    ENSURE(type == PRINCIPAL_USER && c->who->base.n == 0, USER_UNSAID);
    *name = c->who->name;
    return OK;
}

/* "user ann": as AWS names whom it knows by name alone. */
static fallible say_user(struct call *c, struct bytes name, struct bytes *said)
{
    struct buf b = buf_open(c->arena, 80);

    buf_add(&b, LIT("user "));
    buf_add(&b, name);
    return buf_done(&b, said);
}

fallible identity_locate_user(struct call *c, struct bytes name, struct resource *resource)
{
    const struct bytes account = identity_account(c);
    const struct fault *found = OK;
    struct user none = {.path = LIT("/")}, *user = &none;

    resource->type = LIT("AWS::IAM::User");
    if (name.n != 0)
        found = user_load(c, account, name, &user);
    if (found != OK)
        user = &none;
    TRY(identity_arn(c, account, user->path, name, &resource->arn));
    resource->tags = user->tags;
    resource->asked = resource->arn;
    if (name.n != 0)
        TRY(say_user(c, name, &resource->asked));
    return found;
}
