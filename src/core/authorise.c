/* authorise: what the policies say, put together; and the sentence of a refusal. */
#include "core/authorise.h"

#include "base/buf.h"
#include "core/circumstances.h"
#include "core/identity/identity.h"
#include "core/policy/decide.h"
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

/* What there is to judge by; of what the thing is not known yet, `unsought`. */
static struct policy_case case_of(const struct call *c, struct bytes action,
                                  const struct resource *resource, struct circumstances *k)
{
    const struct principal *who = c->who;

    return (struct policy_case){
        .question = {.id = who->id,
                     .account = who->account,
                     .base = who->base,
                     .action = action,
                     .resource = resource->arn.n > 0 ? resource->arn : LIT("*"),
                     .circumstance = circumstances_of,
                     .ctx = k},
        .identity = {who->policies, who->policy_count},
        .boundary = who->boundary,
        .session = {who->session_policies, who->session_policy_count},
        .thing = resource->policy,
        .thing_arn = resource->policy_arn,
        .thing_must = resource->must_allow,
        .abroad = !in_own_account(c, resource),
        .sovereign = who->type == PRINCIPAL_ROOT};
}

/* --- the words --- */

static struct bytes name_of(enum policy_kind kind)
{
    static const struct bytes names[] = {
        [POLICY_IDENTITY] = {(const uint8_t *)"identity-based policy", 21},
        [POLICY_BOUNDARY] = {(const uint8_t *)"permissions boundary", 20},
        [POLICY_SESSION] = {(const uint8_t *)"session policy", 14},
        [POLICY_THING] = {(const uint8_t *)"resource-based policy", 21}};

    return names[kind];
}

static void note(const struct principal *who, const struct policy_outcome *outcome,
                 struct decision *d)
{
    d->allowed = outcome->allowed;
    d->explicit_deny = outcome->denied;
    if (!outcome->allowed && !outcome->denied)
        return;
    if (outcome->finding.statement.n == 0)
        return; /* root, by being root */
    d->kind = name_of(outcome->kind);
    d->statement = outcome->finding.statement;
    if (outcome->kind == POLICY_IDENTITY)
        d->policy = who->policy_names[outcome->finding.policy];
    else if (outcome->kind == POLICY_THING)
        d->policy = LIT("default");
}

static enum policy_kind reason(const struct policy_outcome *outcome)
{
    if (outcome->kind == POLICY_THING && outcome->identity != VERDICT_ALLOW)
        return POLICY_IDENTITY;
    return outcome->kind == POLICY_NONE ? POLICY_IDENTITY : outcome->kind;
}

/* "an identity-based policy", "a session policy" */
static void add_reason(struct buf *b, struct bytes action, const struct policy_outcome *outcome)
{
    const enum policy_kind kind = reason(outcome);

    if (outcome->denied && kind == outcome->kind) {
        buf_add(b, LIT(" with an explicit deny in a"));
        buf_add(b, kind == POLICY_IDENTITY ? LIT("n ") : LIT(" "));
        buf_add(b, name_of(kind));
        return;
    }
    buf_add(b, LIT(" because no "));
    buf_add(b, name_of(kind));
    buf_add(b, LIT(" allows the "));
    buf_add(b, action);
    buf_add(b, LIT(" action"));
}

/* To the letter of AWS's, since people search for it. */
static fallible refuse(struct call *c, struct bytes action, const struct resource *resource,
                       const struct policy_outcome *outcome)
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
    if (!resource->terse)
        add_reason(&b, action, outcome);
    TRY(buf_done(&b, &sentence));
    return why_said(c, DENIED, sentence);
}

/* --- the decision --- */

/* Root can always take such a policy away: so nobody is locked out for good. */
static struct policy_outcome decide(const struct call *c, struct bytes action,
                                    const struct resource *resource)
{
    struct circumstances circumstances = {.call = c, .resource = resource};
    struct policy_case k = case_of(c, action, resource, &circumstances);

    if (k.sovereign && !k.abroad && bytes_same(action, unlocking))
        k.thing = NULL;
    return policy_decide(&k);
}

/* Ours by being who they are: an operator on this machine, and Coffer itself. */
static struct policy_outcome by_birth(const struct call *c, struct bytes action,
                                      const struct resource *resource)
{
    const bool may = c->who->type == PRINCIPAL_COFFER || local_may(action);

    return (struct policy_outcome){.allowed = may && in_own_account(c, resource)};
}

/* What to say of a refusal: why it was, to whom it would be allowed were there nothing, and who
 * learns anyway whether there is. To all others, why it would be refused then: their words tell
 * nothing of the thing, of its tags, or of its policy. */
static struct policy_outcome to_be_told(const struct call *c, struct bytes action,
                                        const struct resource *resource,
                                        const struct policy_outcome *outcome)
{
    const struct resource absent = {.arn = resource->unsought.n > 0 ? resource->unsought
                                                                    : resource->arn,
                                    .must_allow = resource->must_allow};
    const struct policy_outcome blind = decide(c, action, &absent);

    return blind.allowed ? *outcome : blind;
}

static bool by_birthright(const struct principal *who)
{
    return who->type == PRINCIPAL_COFFER || who->type == PRINCIPAL_LOCAL;
}

fallible authorise(struct call *c, const char *action, const struct resource *resource,
                   struct decision *d)
{
    const struct bytes named = bytes_of(action);
    struct policy_outcome outcome;

    *d = (struct decision){0};
    ENSURE(c->who != NULL, DENIED);
    d->generation = c->who->generation;
    outcome = by_birthright(c->who) ? by_birth(c, named, resource) : decide(c, named, resource);
    note(c->who, &outcome, d);
    if (d->allowed)
        return OK;
    if (!by_birthright(c->who))
        outcome = to_be_told(c, named, resource, &outcome);
    return refuse(c, named, resource, &outcome);
}

bool authorise_may_allow(const struct call *c, const char *action, const struct resource *resource)
{
    struct circumstances circumstances = {.call = c, .resource = resource, .unsought = true};
    struct policy_case k;

    if (c->who == NULL || c->who->type == PRINCIPAL_ROOT || by_birthright(c->who))
        return true;
    k = case_of(c, bytes_of(action), resource, &circumstances);
    k.question.unknown = resource->unknown;
    return policy_decide_may(&k);
}
