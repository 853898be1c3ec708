/* List an account's users, by name. */
#include "base/buf.h"
#include "core/identity/operations.h"
#include "core/identity/page.h"
#include "core/record.h"
#include "core/resource.h"

enum { LOOKED_AT_MOST = 5000 }; /* in one request: then the page is as long as it is */

struct listing {
    struct call *call;
    struct bytes prefix, last; /* last: the name that was looked at last */
    struct user_item *items;
    size_t n, most, looked;
    bool more;
};

static fallible take(struct listing *l, const struct user *user)
{
    l->looked++;
    l->last = user->name;
    if (!bytes_begins(user->path, l->prefix))
        return OK;
    return user_item_of(l->call, user, &l->items[l->n++]);
}

static fallible each(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct listing *l = ctx;
    const struct bytes sealed = arena_copy(l->call->arena, value),
                       name = arena_copy(l->call->arena, key);
    struct bytes body;
    struct user *user;

    l->more = *stop = l->n == l->most || l->looked == LOOKED_AT_MOST;
    if (*stop)
        return OK;
    ENSURE(sealed.at != NULL && name.at != NULL, ARENA_SPENT);
    TRY(record_open(l->call, identity_account(l->call), name, sealed, &body));
    TRY(user_parse(l->call, body, &user));
    return take(l, user);
}

/* As AWS names it: the users, by the path that is asked for. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct user_list_in *in = in_;
    struct bytes root;
    struct buf b = buf_open(c->arena, 128);

    TRY(identity_arn(c, identity_account(c), (struct bytes){0}, (struct bytes){0}, &root));
    root.n -= sizeof("root") - 1;
    buf_add(&b, root);
    buf_add(&b, LIT("user"));
    buf_add(&b, in->prefix.n != 0 ? in->prefix : LIT("/"));
    TRY(buf_done(&b, &resource->arn));
    resource->asked = resource->arn;
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct user_list_in *in = in_;
    struct user_list_out *out = out_;
    const struct bytes parts[] = {identity_account(c), in->page.after};
    struct listing l = {.call = c, .prefix = in->prefix, .most = page_size(&in->page)};
    struct bytes prefix, after = {0};

    l.items = arena_get(c->arena, l.most * sizeof(struct user_item));
    ENSURE(l.items != NULL, ARENA_SPENT);
    TRY(record_key(c->arena, TABLE_USER, parts, 1, &prefix));
    if (in->page.after.n != 0)
        TRY(record_key(c->arena, TABLE_USER, parts, 2, &after));
    TRY(txn_scan(c->txn, prefix, after, each, &l));
    out->users.at = l.items;
    out->users.n = l.n;
    if (l.more)
        out->more = (struct identity_more){l.last, true};
    return OK;
}

const struct operation user_list = {
    .name = "user.list",
    .action = "iam:ListUsers",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct user_list_in),
    .out_size = sizeof(struct user_list_out),
    .audit = (const struct audited[]){AUDITED(user_list_in, prefix, "pathPrefix"),
                                      AUDITED(user_list_in, page.max, "maxItems"),
                                      {0}},
    .locate = locate,
    .run = run,
};
