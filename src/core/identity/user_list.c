/* List an account's users, by name. */
#include "core/identity/operations.h"
#include "core/record.h"
#include "core/resource.h"

enum { PAGE_USUAL = 100, PAGE_MOST = 1000 };

struct listing {
    struct call *call;
    struct user_item *items;
    size_t n, most;
    bool more;
};

static fallible each(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct listing *l = ctx;
    const struct bytes sealed = arena_copy(l->call->arena, value),
                       name = arena_copy(l->call->arena, key);
    struct bytes body;
    struct user *user;

    l->more = *stop = l->n == l->most;
    if (*stop)
        return OK;
    ENSURE(sealed.at != NULL && name.at != NULL, ARENA_SPENT);
    TRY(record_open(l->call, identity_account(l->call), name, sealed, &body));
    TRY(user_parse(l->call, body, &user));
    return user_item_of(l->call, user, &l->items[l->n++]);
}

static size_t page(struct maybe_int max)
{
    return !max.said || max.value < 1 ? PAGE_USUAL
           : max.value > PAGE_MOST    ? PAGE_MOST
                                      : (size_t)max.value;
}

static fallible locate(struct call *c, const void *in, struct resource *resource)
{
    (void)in;
    resource->asked = LIT("*");
    return identity_arn(c, identity_account(c), LIT("/"), LIT("*"), &resource->arn);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct user_list_in *in = in_;
    struct user_list_out *out = out_;
    const struct bytes parts[] = {identity_account(c), in->after};
    struct listing l = {.call = c, .most = page(in->max)};
    struct bytes prefix, after = {0};

    l.items = arena_get(c->arena, l.most * sizeof(struct user_item));
    ENSURE(l.items != NULL, ARENA_SPENT);
    TRY(record_key(c->arena, TABLE_USER, parts, 1, &prefix));
    if (in->after.n != 0)
        TRY(record_key(c->arena, TABLE_USER, parts, 2, &after));
    TRY(txn_scan(c->txn, prefix, after, each, &l));
    out->users.at = l.items;
    out->users.n = l.n;
    if (l.more)
        out->next = l.items[l.n - 1].name;
    return OK;
}

const struct operation user_list = {
    .name = "user.list",
    .action = "iam:ListUsers",
    .mode = OPERATION_READS,
    .local = true,
    .in_size = sizeof(struct user_list_in),
    .out_size = sizeof(struct user_list_out),
    .audit = (const struct audited[]){AUDITED(user_list_in, max, "maxItems"), {0}},
    .locate = locate,
    .run = run,
};
