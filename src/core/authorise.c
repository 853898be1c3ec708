/* authorise: what the policies say, put together; and the sentence of a refusal. */
#include "core/authorise.h"

#include "base/buf.h"
#include "core/identity/identity.h"
#include "core/resource.h"

FAULT(DENIED, FAULT_DENIED, "denied", "You are not allowed to do that.");

enum { SENTENCE_USUAL = 320, ARN_ACCOUNT = 4 /* the fifth part */ };

/* What the admin socket's principal may do: administer, never read a value. */
static const struct bytes local_actions[] = {{(const uint8_t *)"iam:", 4},
                                             {(const uint8_t *)"coffer:", 7}};

static struct bytes arn_account(struct bytes arn)
{
    struct bytes part = {0};

    for (int i = 0; i <= ARN_ACCOUNT; i++)
        if (!bytes_cut(&arn, ':', &part))
            return (struct bytes){0};
    return part;
}

static bool in_own_account(const struct call *c, const struct resource *resource)
{
    struct bytes account = arn_account(resource->arn);

    if (account.n > 0 && !bytes_same(account, c->account))
        return false;
    return c->who->account.n == 0 || bytes_same(c->account, c->who->account);
}

static bool local_may(struct bytes action)
{
    for (size_t i = 0; i < sizeof local_actions / sizeof local_actions[0]; i++)
        if (bytes_begins(action, local_actions[i]))
            return true;
    return false;
}

/* Identity policies and the thing's own policy: a deny of either, else an allow of either. */
static void judge(const struct principal *who, const struct question *q,
                  const struct resource *resource, struct decision *d)
{
    struct finding found = {0};
    const enum verdict own = policy_judge(who->policies, who->policy_count, q, &found);
    const enum verdict theirs =
        resource->policy == NULL ? VERDICT_SILENT : policy_judge(&resource->policy, 1, q, NULL);

    d->allowed = own != VERDICT_DENY && theirs != VERDICT_DENY &&
                 (own == VERDICT_ALLOW || theirs == VERDICT_ALLOW);
    d->explicit_deny = own == VERDICT_DENY;
    if (own != VERDICT_SILENT) {
        d->policy = who->policy_names[found.policy];
        d->statement = found.statement;
    }
}

static void decide(struct call *c, struct bytes action, const struct resource *resource,
                   struct decision *d)
{
    const struct question q = {.principal = c->who->arn,
                               .action = action,
                               .resource = resource->arn.n > 0 ? resource->arn : LIT("*")};

    d->generation = c->who->generation;
    if (!in_own_account(c, resource))
        return;
    switch (c->who->type) {
    case PRINCIPAL_ROOT:
    case PRINCIPAL_COFFER:
        d->allowed = true;
        return;
    case PRINCIPAL_LOCAL:
        d->allowed = local_may(action);
        return;
    case PRINCIPAL_USER:
        judge(c->who, &q, resource, d);
        return;
    }
}

/* To the letter of AWS's, since people search for it; from what was asked, so that it tells
 * nothing. */
static fallible refuse(struct call *c, struct bytes action, const struct resource *resource,
                       const struct decision *d)
{
    struct buf b = buf_open(c->arena, SENTENCE_USUAL);
    struct bytes sentence;

    buf_add(&b, LIT("User: "));
    buf_add(&b, c->who->arn);
    buf_add(&b, LIT(" is not authorized to perform: "));
    buf_add(&b, action);
    if (resource->asked.n > 0) {
        buf_add(&b, LIT(" on resource: "));
        buf_add(&b, resource->asked);
    }
    if (d->explicit_deny)
        buf_add(&b, LIT(" with an explicit deny in an identity-based policy"));
    else {
        buf_add(&b, LIT(" because no identity-based policy allows the "));
        buf_add(&b, action);
        buf_add(&b, LIT(" action"));
    }
    TRY(buf_done(&b, &sentence));
    return why_said(c, DENIED, sentence);
}

fallible authorise(struct call *c, const char *action, const struct resource *resource,
                   struct decision *d)
{
    const struct bytes named = bytes_of(action);

    *d = (struct decision){0};
    ENSURE(c->who != NULL, DENIED);
    decide(c, named, resource, d);
    return d->allowed ? OK : refuse(c, named, resource, d);
}

/* When things have policies of their own (resource->policy), those may allow, too: then this may
 * say no only of accounts without any. */
bool authorise_may_allow(const struct call *c, const char *action, const struct resource *resource)
{
    const struct question q = {
        .action = bytes_of(action), .resource = resource->arn, .unknown = resource->unknown};

    if (c->who == NULL || c->who->type != PRINCIPAL_USER)
        return true;
    return policy_may_allow(c->who->policies, c->who->policy_count, &q);
}
