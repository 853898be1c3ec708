/* decide: what each kind says, then put together. */
#include "core/policy/decide.h"

#include "core/policy/inside.h"

/* What each kind says by itself. */
struct hearing {
    enum verdict identity, boundary, session;
    struct finding by_identity, by_boundary, by_session;
    struct said thing;
};

/* It was written for another ARN, too: what it denies there it denies here. */
static struct said thing_says(const struct policy_case *k, const struct asked *asked)
{
    struct asked there = *asked;
    struct question question = k->question;
    struct said said, elsewhere;

    if (k->thing == NULL)
        return (struct said){0};
    said = policy_says(k->thing, asked);
    if (said.verdict == VERDICT_DENY || k->thing_arn.n == 0)
        return said;
    question.resource = k->thing_arn;
    there.question = &question;
    elsewhere = policy_says(k->thing, &there);
    return elsewhere.verdict == VERDICT_DENY ? elsewhere : said;
}

static void hear(const struct policy_case *k, const struct asked *asked, struct hearing *h)
{
    h->identity = policies_say(k->identity.at, k->identity.n, asked, &h->by_identity);
    if (k->sovereign && h->identity != VERDICT_DENY)
        h->identity = VERDICT_ALLOW;
    h->boundary = h->session = VERDICT_ALLOW;
    if (k->boundary != NULL)
        h->boundary = policies_say(&k->boundary, 1, asked, &h->by_boundary);
    if (k->session.n != 0)
        h->session = policies_say(k->session.at, k->session.n, asked, &h->by_session);
    h->thing = thing_says(k, asked);
}

static struct policy_outcome decided(const struct hearing *h, enum policy_kind by)
{
    struct policy_outcome out = {.kind = by, .identity = h->identity};

    switch (by) {
    case POLICY_IDENTITY:
        out.finding = h->by_identity;
        break;
    case POLICY_BOUNDARY:
        out.finding = h->by_boundary;
        break;
    case POLICY_SESSION:
        out.finding = h->by_session;
        break;
    case POLICY_THING:
        out.finding.statement = h->thing.statement;
        break;
    case POLICY_NONE:
        break;
    }
    return out;
}

static struct policy_outcome allowed(const struct hearing *h, enum policy_kind by)
{
    struct policy_outcome out = decided(h, by);

    out.allowed = true;
    return out;
}

static enum policy_kind denier(const struct hearing *h)
{
    if (h->identity == VERDICT_DENY)
        return POLICY_IDENTITY;
    if (h->boundary == VERDICT_DENY)
        return POLICY_BOUNDARY;
    if (h->session == VERDICT_DENY)
        return POLICY_SESSION;
    return h->thing.verdict == VERDICT_DENY ? POLICY_THING : POLICY_NONE;
}

/* Whose Allow is missing, once the thing's own policy or the identity policies allow: POLICY_NONE
 * is nobody's. */
static enum policy_kind limit(const struct hearing *h)
{
    if (h->boundary != VERDICT_ALLOW)
        return POLICY_BOUNDARY;
    return h->session != VERDICT_ALLOW ? POLICY_SESSION : POLICY_NONE;
}

static struct policy_outcome missing(const struct hearing *h, enum policy_kind kind)
{
    return (struct policy_outcome){.kind = kind, .identity = h->identity};
}

static struct policy_outcome within_limits(const struct hearing *h, enum policy_kind by)
{
    const enum policy_kind lacking = limit(h);

    return lacking == POLICY_NONE ? allowed(h, by) : missing(h, lacking);
}

/* By the identity policies, within the others. */
static struct policy_outcome by_identity(const struct hearing *h)
{
    return h->identity == VERDICT_ALLOW ? within_limits(h, POLICY_IDENTITY)
                                        : missing(h, POLICY_IDENTITY);
}

static struct policy_outcome at_home(const struct hearing *h)
{
    if (h->thing.verdict == VERDICT_ALLOW && h->thing.naming == NAMED_SELF)
        return allowed(h, POLICY_THING);
    if (h->identity == VERDICT_ALLOW)
        return within_limits(h, POLICY_IDENTITY);
    return h->thing.verdict == VERDICT_ALLOW ? within_limits(h, POLICY_THING)
                                             : missing(h, POLICY_IDENTITY);
}

/* The thing's own policy has to allow, or to leave it to the account. */
static struct policy_outcome where_it_must(const struct hearing *h)
{
    if (h->thing.verdict == VERDICT_ALLOW)
        return h->thing.naming == NAMED_SELF ? allowed(h, POLICY_THING)
                                             : within_limits(h, POLICY_THING);
    return h->thing.left_to_account ? by_identity(h) : missing(h, POLICY_THING);
}

static struct policy_outcome from_abroad(const struct hearing *h)
{
    if (h->identity != VERDICT_ALLOW)
        return missing(h, POLICY_IDENTITY);
    if (h->thing.verdict != VERDICT_ALLOW && !h->thing.left_to_account)
        return missing(h, POLICY_THING);
    return within_limits(h, POLICY_IDENTITY);
}

struct policy_outcome policy_decide(const struct policy_case *k)
{
    struct hearing h = {0};
    struct policy_outcome out;
    struct steps steps;
    struct asked asked;

    if (!asked_open(&k->question, &steps, &asked) || k->question.unknown != 0)
        return (struct policy_outcome){.denied = true};
    hear(k, &asked, &h);
    if (denier(&h) != POLICY_NONE) {
        out = decided(&h, denier(&h));
        out.denied = true;
        return out;
    }
    if (k->abroad)
        return from_abroad(&h);
    return k->thing_must ? where_it_must(&h) : at_home(&h);
}

bool policy_decide_may(const struct policy_case *k)
{
    const struct question *q = &k->question;

    if (!k->sovereign && !policy_may_allow(k->identity.at, k->identity.n, q))
        return false;
    if (k->boundary != NULL && !policy_may_allow(&k->boundary, 1, q))
        return false;
    return k->session.n == 0 || policy_may_allow(k->session.at, k->session.n, q);
}

/* --- what came nearest --- */

static bool refused(enum match match)
{
    return match != MATCH_YES;
}

static enum policy_lack lack(const struct statement *statement, const struct asked *asked,
                             const struct condition **failed)
{
    const enum naming naming = statement_names(statement, asked->question);

    if (naming == NAMED_NOT || naming == NAMED_ACCOUNT)
        return LACKS_PRINCIPAL;
    if (refused(statement_actions(statement, asked)))
        return LACKS_ACTION;
    if (refused(statement_resources(statement, asked)))
        return LACKS_RESOURCE;
    return refused(statement_conditions(statement, asked, failed)) ? LACKS_CONDITION
                                                                   : LACKS_NOTHING;
}

static void look(const struct policy *policy, size_t index, const struct asked *asked,
                 struct policy_nearest *best)
{
    for (size_t i = 0; i < policy->n; i++) {
        const struct statement *statement = &policy->at[i];
        const struct condition *failed = NULL;
        enum policy_lack lacks;

        lacks = statement->deny ? LACKS_STATEMENT : lack(statement, asked, &failed);
        if (lacks <= best->lack)
            continue;
        *best = (struct policy_nearest){lacks, {index, statement->label}, {0}, {0}};
        if (lacks == LACKS_CONDITION && failed != NULL) {
            best->condition_operator = relation_name(&failed->relation);
            best->condition_key = failed->key.name;
        }
    }
}

struct policy_nearest policy_nearest(const struct policy *const set[], size_t n,
                                     const struct question *question)
{
    struct policy_nearest best = {0};
    struct steps steps;
    struct asked asked;

    if (!asked_open(question, &steps, &asked))
        return best;
    for (size_t i = 0; i < n; i++)
        look(set[i], i, &asked, &best);
    return best;
}
