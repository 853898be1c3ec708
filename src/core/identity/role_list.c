/* List an account's roles, by name. */
#include "base/buf.h"
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/identity/role.h"
#include "core/record.h"
#include "core/resource.h"

enum { LOOKED_AT_MOST = 5000 }; /* in one request: then the page is as long as it is */

struct listing {
    struct call *call;
    struct bytes prefix, last; /* last: the name that was looked at last */
    struct role_item *items;
    size_t n, most, looked;
    bool more;
};

static fallible take(struct listing *l, const struct role *role)
{
    l->looked++;
    l->last = role->name;
    if (!bytes_begins(role->path, l->prefix))
        return OK;
    return role_item_of(l->call, role, &l->items[l->n++]);
}

static fallible each(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct listing *l = ctx;
    const struct bytes sealed = arena_copy(l->call->arena, value),
                       name = arena_copy(l->call->arena, key);
    struct bytes body;
    struct role *role;

    l->more = *stop = l->n == l->most || l->looked == LOOKED_AT_MOST;
    if (*stop)
        return OK;
    ENSURE(sealed.at != NULL && name.at != NULL, ARENA_SPENT);
    TRY(record_open(l->call, identity_account(l->call), name, sealed, &body));
    TRY(role_parse(l->call, body, &role));
    return take(l, role);
}

/* As AWS names it: the roles, by the path that is asked for. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct role_list_in *in = in_;
    struct bytes root;
    struct buf b = buf_open(c->arena, 128);

    TRY(identity_arn(c, identity_account(c), (struct bytes){0}, (struct bytes){0}, &root));
    root.n -= sizeof("root") - 1;
    buf_add(&b, root);
    buf_add(&b, LIT("role"));
    buf_add(&b, in->prefix.n != 0 ? in->prefix : LIT("/"));
    TRY(buf_done(&b, &resource->arn));
    resource->asked = resource->arn;
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct role_list_in *in = in_;
    struct role_list_out *out = out_;
    const struct bytes parts[] = {identity_account(c), in->page.after};
    struct listing l = {.call = c, .prefix = in->prefix, .most = page_size(&in->page)};
    struct bytes prefix, after = {0};

    l.items = arena_get(c->arena, l.most * sizeof(struct role_item));
    ENSURE(l.items != NULL, ARENA_SPENT);
    TRY(record_key(c->arena, TABLE_ROLE, parts, 1, &prefix));
    if (in->page.after.n != 0)
        TRY(record_key(c->arena, TABLE_ROLE, parts, 2, &after));
    TRY(txn_scan(c->txn, prefix, after, each, &l));
    out->roles.at = l.items;
    out->roles.n = l.n;
    if (l.more)
        out->more = (struct identity_more){l.last, true};
    return OK;
}

const struct operation role_list = {
    .name = "role.list",
    .action = "iam:ListRoles",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct role_list_in),
    .out_size = sizeof(struct role_list_out),
    .audit = (const struct audited[]){AUDITED(role_list_in, prefix, "pathPrefix"),
                                      AUDITED(role_list_in, page.max, "maxItems"),
                                      {0}},
    .locate = locate,
    .run = run,
};
