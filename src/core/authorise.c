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

/* What not even a resource policy takes from root. */
static const struct bytes unlocking = {(const uint8_t *)"secretsmanager:DeleteResourcePolicy", 35};

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

/* What each kind of policy says, before they are put together. */
struct said {
    enum verdict identity, resource;
    struct finding by_identity, by_resource;
};

static void decided_by_identity(const struct principal *who, const struct said *said,
                                struct decision *d)
{
    d->kind = LIT("identity-based policy");
    d->policy = who->policy_names[said->by_identity.policy];
    d->statement = said->by_identity.statement;
}

static void decided_by_resource(const struct said *said, struct decision *d)
{
    d->kind = LIT("resource-based policy");
    d->policy = LIT("default");
    d->statement = said->by_resource.statement;
}

/* A deny of either, else an allow of either. */
static void weigh(const struct principal *who, const struct said *said, struct decision *d)
{
    d->explicit_deny = said->identity == VERDICT_DENY || said->resource == VERDICT_DENY;
    d->allowed =
        !d->explicit_deny && (said->identity == VERDICT_ALLOW || said->resource == VERDICT_ALLOW);
    if (said->identity != VERDICT_SILENT && said->identity >= said->resource)
        decided_by_identity(who, said, d);
    else if (said->resource != VERDICT_SILENT)
        decided_by_resource(said, d);
}

static enum verdict of_thing(const struct question *q, const struct resource *resource,
                             struct finding *because)
{
    enum verdict verdict;
    struct question there = *q;
    struct finding abroad;

    if (resource->policy == NULL)
        return VERDICT_SILENT;
    verdict = policy_judge(&resource->policy, 1, q, because);
    if (verdict == VERDICT_DENY || resource->policy_arn.n == 0)
        return verdict;
    there.resource = resource->policy_arn;
    if (policy_judge(&resource->policy, 1, &there, &abroad) != VERDICT_DENY)
        return verdict;
    *because = abroad;
    return VERDICT_DENY;
}

static void hear(const struct principal *who, const struct question *q,
                 const struct resource *resource, struct said *said)
{
    said->identity = policy_judge(who->policies, who->policy_count, q, &said->by_identity);
    said->resource = of_thing(q, resource, &said->by_resource);
}

/* Root needs no policy to allow; and were even it denied, the policy can be taken away by it: so
 * nobody is locked out for good. */
static void hear_for_root(const struct question *q, const struct resource *resource,
                          struct said *said)
{
    said->identity = VERDICT_ALLOW;
    if (!bytes_same(q->action, unlocking))
        said->resource = of_thing(q, resource, &said->by_resource);
}

static void decide(struct call *c, struct bytes action, const struct resource *resource,
                   struct said *said, struct decision *d)
{
    const struct question q = {.id = c->who->id,
                               .account = c->who->account,
                               .action = action,
                               .resource = resource->arn.n > 0 ? resource->arn : LIT("*")};

    d->generation = c->who->generation;
    switch (c->who->type) {
    case PRINCIPAL_COFFER:
        d->allowed = true;
        return;
    case PRINCIPAL_LOCAL:
        d->allowed = local_may(action);
        return;
    case PRINCIPAL_ROOT:
        hear_for_root(&q, resource, said);
        d->allowed = said->resource != VERDICT_DENY;
        d->explicit_deny = !d->allowed;
        if (d->explicit_deny)
            decided_by_resource(said, d);
        return;
    case PRINCIPAL_USER:
        hear(c->who, &q, resource, said);
        weigh(c->who, said, d);
        return;
    }
}

/* To the letter of AWS's, since people search for it; from what was asked, so that it tells
 * nothing: a deny of the thing's own policy is no reason to give to whom nothing else allows it,
 * who is not to learn that there is such a thing. */
static struct bytes reason(const struct said *said, const struct decision *d)
{
    if (said->identity == VERDICT_DENY)
        return LIT(" with an explicit deny in an identity-based policy");
    if (said->identity == VERDICT_ALLOW && d->explicit_deny)
        return LIT(" with an explicit deny in a resource-based policy");
    if (said->identity == VERDICT_ALLOW)
        return LIT(" because no resource-based policy allows the ");
    return LIT(" because no identity-based policy allows the ");
}

static fallible refuse(struct call *c, struct bytes action, const struct resource *resource,
                       const struct said *said, const struct decision *d)
{
    struct buf b = buf_open(c->arena, SENTENCE_USUAL);
    struct bytes sentence, because = reason(said, d);

    buf_add(&b, LIT("User: "));
    buf_add(&b, c->who->arn);
    buf_add(&b, LIT(" is not authorized to perform: "));
    buf_add(&b, action);
    if (resource->asked.n > 0) {
        buf_add(&b, LIT(" on resource: "));
        buf_add(&b, resource->asked);
    }
    buf_add(&b, because);
    if (bytes_ends(because, LIT("allows the "))) {
        buf_add(&b, action);
        buf_add(&b, LIT(" action"));
    }
    TRY(buf_done(&b, &sentence));
    return why_said(c, DENIED, sentence);
}

/* Both sides have to allow it; the other account's cannot so far. */
static void decide_abroad(struct decision *d, struct said *said)
{
    if (!d->allowed)
        return;
    said->identity = VERDICT_ALLOW;
    *d = (struct decision){.generation = d->generation};
}

fallible authorise(struct call *c, const char *action, const struct resource *resource,
                   struct decision *d)
{
    const struct bytes named = bytes_of(action);
    struct said said = {0};

    *d = (struct decision){0};
    ENSURE(c->who != NULL, DENIED);
    decide(c, named, resource, &said, d);
    if (!in_own_account(c, resource))
        decide_abroad(d, &said);
    return d->allowed ? OK : refuse(c, named, resource, &said, d);
}

bool authorise_may_allow(const struct call *c, const char *action, const struct resource *resource)
{
    const struct question q = {
        .action = bytes_of(action), .resource = resource->arn, .unknown = resource->unknown};

    if (c->who == NULL || c->who->type != PRINCIPAL_USER)
        return true;
    return policy_may_allow(c->who->policies, c->who->policy_count, &q);
}
