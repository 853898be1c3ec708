/* judge: any Deny wins, else any Allow, else silent. No memory is taken. */
#include "core/policy/inside.h"

enum { ACTION_MOST = 128 };

/* The question as the statements compare it. */
struct asked {
    struct bytes action, resource; /* the action in lower case */
    size_t unknown;
    struct bytes id, account;
    int *left; /* steps, for all patterns together */
};

/* An account that is named stands for all in it where something is denied; where something is
 * allowed for its root alone, whose id it is (SEMANTICS 3). */
static bool speaks_of(const struct statement *statement, const struct asked *asked)
{
    const struct principals *whom = &statement->principals;

    for (size_t i = 0; i < whom->n && !whom->everyone; i++)
        if (bytes_same(whom->at[i], asked->id) ||
            (statement->deny && bytes_same(whom->at[i], asked->account)))
            return true;
    return whom->everyone;
}

/* Spent in any pattern is spent in all: nothing after it may turn it into an answer. */
static enum match any(const struct patterns *patterns, struct bytes text, int *left)
{
    for (size_t i = 0; i < patterns->n; i++) {
        const enum match match = pattern_match(&patterns->at[i], text, left);

        if (match == MATCH_SPENT)
            return MATCH_SPENT;
        if (match == MATCH_YES)
            return patterns->except ? MATCH_NO : MATCH_YES;
    }
    return patterns->except ? MATCH_YES : MATCH_NO;
}

static enum verdict statement_says(const struct statement *statement, const struct asked *asked)
{
    enum match action, resource;

    if (!speaks_of(statement, asked))
        return VERDICT_SILENT;
    action = any(&statement->actions, asked->action, asked->left);
    if (action == MATCH_NO)
        return VERDICT_SILENT;
    resource = any(&statement->resources, asked->resource, asked->left);
    if (resource == MATCH_NO)
        return VERDICT_SILENT;
    if (statement->deny || action == MATCH_SPENT || resource == MATCH_SPENT)
        return VERDICT_DENY;
    return VERDICT_ALLOW;
}

static enum verdict policy_says(const struct policy *policy, const struct asked *asked,
                                struct bytes *statement)
{
    enum verdict verdict = VERDICT_SILENT;

    for (size_t i = 0; i < policy->n; i++) {
        const enum verdict said = statement_says(&policy->at[i], asked);

        if (said > verdict) {
            verdict = said;
            *statement = policy->at[i].label;
        }
        if (verdict == VERDICT_DENY)
            break;
    }
    return verdict;
}

static enum verdict judge(const struct policy *const set[], size_t n, const struct asked *asked,
                          struct finding *because)
{
    enum verdict verdict = VERDICT_SILENT;

    for (size_t i = 0; i < n && verdict != VERDICT_DENY; i++) {
        struct bytes statement = {0};
        const enum verdict said = policy_says(set[i], asked, &statement);

        if (said > verdict) {
            verdict = said;
            *because = (struct finding){.policy = i, .statement = statement};
        }
    }
    return verdict;
}

/* Like text_lower; in line, so that the compiler takes many at a time: it is a third of a
 * verdict. */
static inline uint8_t lowered(uint8_t c)
{
    return (uint8_t)(c + ((uint8_t)(c - 'A') < 26 ? 'a' - 'A' : 0));
}

enum verdict policy_judge(const struct policy *const set[], size_t n,
                          const struct question *question, struct finding *because)
{
    uint8_t lower[ACTION_MOST];
    struct finding unseen;
    int left = PATTERN_STEPS_ALL;

    /* No action is so long; should one be, nothing that a policy says of it can be trusted. */
    if (question->action.n > ACTION_MOST)
        return VERDICT_DENY;
    for (size_t i = 0; i < question->action.n; i++)
        lower[i] = lowered(question->action.at[i]);
    return judge(set, n,
                 &(const struct asked){.action = {lower, question->action.n},
                                       .resource = question->resource,
                                       .id = question->id,
                                       .account = question->account,
                                       .left = &left},
                 because != NULL ? because : &unseen);
}

/* --- while the end of the resource is not known --- */

static bool may_match(const struct patterns *patterns, const struct asked *asked)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (pattern_may_match(&patterns->at[i], asked->resource, asked->unknown, asked->left) !=
            MATCH_NO)
            return true;
    return false;
}

/* The end is spelt with characters that no pattern has but as wildcards: what matches it so,
 * matches all. */
static bool must_match(const struct patterns *patterns, const struct asked *asked)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (pattern_match(&patterns->at[i], asked->resource, asked->left) == MATCH_YES)
            return true;
    return false;
}

static bool may_speak(const struct statement *statement, const struct asked *asked)
{
    const struct patterns *resources = &statement->resources;

    if (any(&statement->actions, asked->action, asked->left) == MATCH_NO)
        return false;
    return resources->except ? !must_match(resources, asked) : may_match(resources, asked);
}

static bool must_speak(const struct statement *statement, const struct asked *asked)
{
    const struct patterns *resources = &statement->resources;

    if (any(&statement->actions, asked->action, asked->left) != MATCH_YES)
        return false;
    return resources->except ? !may_match(resources, asked) : must_match(resources, asked);
}

static bool policy_hopes(const struct policy *policy, const struct asked *asked, bool *denied)
{
    bool hope = false;

    for (size_t i = 0; i < policy->n && !*denied; i++) {
        *denied = policy->at[i].deny && must_speak(&policy->at[i], asked);
        hope = hope || (!policy->at[i].deny && may_speak(&policy->at[i], asked));
    }
    return hope;
}

bool policy_may_allow(const struct policy *const set[], size_t n, const struct question *question)
{
    uint8_t lower[ACTION_MOST];
    int left = PATTERN_STEPS_ALL;
    const struct asked asked = {.action = {lower, question->action.n},
                                .resource = question->resource,
                                .unknown = question->unknown,
                                .left = &left};
    bool hope = false, denied = false;

    if (question->action.n > ACTION_MOST || question->unknown > question->resource.n)
        return true; /* for the judge to refuse */
    for (size_t i = 0; i < question->action.n; i++)
        lower[i] = lowered(question->action.at[i]);
    for (size_t i = 0; i < n && !denied; i++)
        hope = policy_hopes(set[i], &asked, &denied) || hope;
    return hope && !denied;
}
