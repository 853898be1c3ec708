/* role: members are numbered once and for all; no number is used again for something else. */
#include "core/identity/role.h"

#include "core/fields.h"
#include "core/record.h"
#include "core/resource.h"

enum {
    NAME = 1,
    PATH,
    ID,
    CREATED,
    DESCRIPTION,
    TRUST,
    PACKED,
    MAX_SESSION,
    POLICIES,
    TAGS,
};
enum { BODY = 2048 };

#define KNOWN ((UINT64_C(2) << TAGS) - 2)

FAULT(ROLE_ABSENT, FAULT_ABSENT, "role.absent", "The role with name {} cannot be found.");

static fallible role_key(struct arena *arena, struct bytes account, struct bytes name,
                         struct bytes *key)
{
    const struct bytes parts[] = {account, name};

    return record_key(arena, TABLE_ROLE, parts, 2, key);
}

fallible role_parse(struct call *c, struct bytes body, struct role **out)
{
    struct role *role = arena_new(c->arena, struct role);
    struct fields f = fields_of(body);

    ENSURE(role != NULL, ARENA_SPENT);
    role->old = body;
    role->name = fields_text(&f, NAME);
    role->path = fields_text(&f, PATH);
    role->id = fields_text(&f, ID);
    role->created = fields_int(&f, CREATED);
    role->description = fields_text(&f, DESCRIPTION);
    role->trust = fields_text(&f, TRUST);
    role->packed = fields_bytes(&f, PACKED);
    role->max_session = fields_int(&f, MAX_SESSION);
    identity_policies_read(&f, POLICIES, role->policies, &role->policy_count);
    TRY(identity_tags_read(c, &f, TAGS, &role->tags));
    *out = role;
    return fields_end(&f);
}

fallible role_load(struct call *c, struct bytes account, struct bytes name, struct role **out)
{
    struct bytes key, body;
    const struct fault *fault;

    TRY(role_key(c->arena, account, name, &key));
    fault = record_load(c, account, key, &body);
    if (fault == STORE_ABSENT)
        return why(c, ROLE_ABSENT, name);
    TRY(fault);
    return role_parse(c, body, out);
}

fallible role_save(struct call *c, struct bytes account, const struct role *role)
{
    struct buf b = buf_open(c->arena, BODY);
    struct cbor_map map = cbor_map_over(&b, role->old, KNOWN);
    struct bytes key, body;

    cbor_put_text(cbor_map_key(&map, NAME), role->name);
    cbor_put_text(cbor_map_key(&map, PATH), role->path);
    cbor_put_text(cbor_map_key(&map, ID), role->id);
    cbor_put_int(cbor_map_key(&map, CREATED), role->created);
    cbor_put_text(cbor_map_key(&map, DESCRIPTION), role->description);
    cbor_put_text(cbor_map_key(&map, TRUST), role->trust);
    cbor_put_bytes(cbor_map_key(&map, PACKED), role->packed);
    cbor_put_int(cbor_map_key(&map, MAX_SESSION), role->max_session);
    identity_policies_write(cbor_map_key(&map, POLICIES), role->policies, role->policy_count);
    identity_tags_write(cbor_map_key(&map, TAGS), role->tags);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(role_key(c->arena, account, role->name, &key));
    return record_save(c, account, key, body);
}

fallible role_drop(struct call *c, struct bytes account, struct bytes name)
{
    struct bytes key;

    TRY(role_key(c->arena, account, name, &key));
    return record_drop(c, key);
}

static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    struct bytes arn;
    const struct fault *found = identity_id_of(ctx, named, id, &arn);

    (void)raw;
    return found == USER_ABSENT ? POLICY_PRINCIPAL : found;
}

/* Services and providers of identities ask for nothing here: their names stand for themselves. */
static fallible other_id_of(void *ctx, struct bytes kind, struct bytes named, struct bytes *id)
{
    (void)ctx;
    (void)kind;
    *id = named;
    return OK;
}

fallible role_trust(struct call *c, struct role *role, struct bytes document)
{
    const struct policy_whom whom = {
        .id_of = id_of, .ctx = c, .other_id_of = other_id_of, .of_role = true};
    const struct policy *policy;
    struct bytes reason = {0};
    const struct fault *fault =
        policy_compile_of_thing(c->arena, document, &whom, &policy, &reason);

    if (fault == POLICY_MALFORMED || fault == POLICY_BEYOND || fault == POLICY_PRINCIPAL)
        return why_said(c, fault, reason);
    TRY(fault);
    role->trust = document;
    return policy_pack(c->arena, policy, &role->packed);
}

static fallible say_role(struct call *c, struct bytes name, struct bytes *said)
{
    struct buf b = buf_open(c->arena, 80);

    buf_add(&b, LIT("role "));
    buf_add(&b, name);
    return buf_done(&b, said);
}

fallible role_locate(struct call *c, struct bytes name, struct resource *resource)
{
    const struct bytes account = identity_account(c);
    struct role none = {.path = LIT("/")}, *role = &none;
    const struct fault *found = role_load(c, account, name, &role);

    if (found != OK)
        role = &none;
    resource->type = LIT("AWS::IAM::Role");
    resource->tags = role->tags;
    TRY(identity_role_arn(c, account, role->path, name, &resource->arn));
    TRY(say_role(c, name, &resource->asked));
    return found;
}

fallible role_item_of(struct call *c, const struct role *role, struct role_item *out)
{
    *out = (struct role_item){.name = role->name,
                              .path = role->path,
                              .id = role->id,
                              .trust = role->trust,
                              .created = {role->created},
                              .max_session = role->max_session,
                              .tags = role->tags};
    if (role->description.n != 0)
        out->description = role->description;
    return identity_role_arn(c, identity_account(c), role->path, role->name, &out->arn);
}
