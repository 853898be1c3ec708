/* judge: any Deny wins, else any Allow, else silent. No memory is taken. */
#include "core/policy/inside.h"
#include "core/policy/variable.h"

/* --- whom --- */

static enum naming named(const struct principals *whom, const struct question *q)
{
    enum naming best = whom->everyone ? NAMED_EVERYONE : NAMED_NOT;

    for (size_t i = 0; i < whom->n; i++) {
        const struct bytes id = whom->at[i];
        enum naming naming = NAMED_NOT;

        if (bytes_same(id, q->id))
            return NAMED_SELF;
        if (q->base.n != 0 && bytes_same(id, q->base))
            naming = NAMED_BASE;
        else if (bytes_same(id, q->account))
            naming = NAMED_ACCOUNT;
        best = naming > best ? naming : best;
    }
    return best;
}

static bool lists(const struct principals *whom, struct bytes id)
{
    for (size_t i = 0; i < whom->n; i++)
        if (bytes_same(whom->at[i], id))
            return true;
    return whom->everyone;
}

/* Spared is who is named together with his account; of a session, the role. */
static bool spared(const struct principals *whom, const struct question *q)
{
    return lists(whom, q->account) && lists(whom, q->base.n != 0 ? q->base : q->id);
}

enum naming statement_names(const struct statement *statement, const struct question *q)
{
    if (!statement->principals.except)
        return named(&statement->principals, q);
    return spared(&statement->principals, q) ? NAMED_NOT : NAMED_EVERYONE;
}

/* --- what --- */

static enum match one(const struct pattern *pattern, const struct asked *asked)
{
    const struct question *q = asked->question;

    if (q->unknown == 0)
        return pattern_match(pattern, q->resource, asked->left);
    return pattern_may_match(pattern, q->resource, q->unknown, asked->left);
}

/* Apart, so that what has no variables needs no room for them. */
static __attribute__((noinline)) enum match one_filled(const struct pattern *pattern,
                                                       const struct asked *asked)
{
    struct filled filled;
    struct pattern whole;
    const enum match whether = variables_fill(pattern->text, true, asked, &filled);

    if (whether != MATCH_YES)
        return whether;
    (void)!pattern_of_resource((struct bytes){filled.at, filled.n}, false, &whole);
    return one(&whole, asked);
}

static bool heads_differ(const struct pattern *pattern, const struct question *q)
{
    const struct bytes head = {pattern->text.at, pattern->head};

    return pattern->head <= q->resource.n - q->unknown && !bytes_begins(q->resource, head);
}

/* `exact`: it counts also whether a variable has no value. */
static enum match one_resource(const struct pattern *pattern, bool exact, const struct asked *asked)
{
    if (pattern->form != PATTERN_OPEN)
        return one(pattern, asked);
    return !exact && heads_differ(pattern, asked->question) ? MATCH_NO : one_filled(pattern, asked);
}

/* Spent in any pattern is spent in all: nothing after it may turn it into an answer. */
enum match statement_resources(const struct statement *statement, const struct asked *asked)
{
    const struct patterns *patterns = &statement->resources;
    const bool except = patterns->except;
    enum match rest = except ? MATCH_YES : MATCH_NO;

    for (size_t i = 0; i < patterns->n; i++) {
        const enum match match = one_resource(&patterns->at[i], except, asked);

        if (match == MATCH_SPENT)
            return MATCH_SPENT;
        if (match == MATCH_YES)
            return except ? MATCH_NO : MATCH_YES;
        if (match == MATCH_LATER)
            rest = MATCH_LATER;
        if (match == MATCH_UNSAID && except && rest != MATCH_LATER)
            rest = MATCH_UNSAID;
    }
    return rest;
}

enum match statement_actions(const struct statement *statement, const struct asked *asked)
{
    const struct patterns *patterns = &statement->actions;

    for (size_t i = 0; i < patterns->n; i++) {
        const enum match match = pattern_match(&patterns->at[i], asked->action, asked->left);

        if (match == MATCH_SPENT)
            return MATCH_SPENT;
        if (match == MATCH_YES)
            return patterns->except ? MATCH_NO : MATCH_YES;
    }
    return patterns->except ? MATCH_YES : MATCH_NO;
}

enum match statement_conditions(const struct statement *statement, const struct asked *asked,
                                const struct condition **failed)
{
    enum match all = MATCH_YES;

    for (size_t i = 0; i < statement->condition_count; i++) {
        const enum match match = condition_holds(&statement->conditions[i], asked);

        if (match == MATCH_YES)
            continue;
        if (failed != NULL)
            *failed = &statement->conditions[i];
        if (match == MATCH_NO || match == MATCH_SPENT)
            return match;
        all = match > all ? match : all;
    }
    return all;
}

/* --- a statement --- */

/* What rests on a variable without value counts against who asks: it denies, and does not allow. */
static enum match settled(const struct statement *statement, enum match match)
{
    if (match != MATCH_UNSAID)
        return match;
    return statement->deny ? MATCH_YES : MATCH_NO;
}

static enum match statement_matches(const struct statement *statement, const struct asked *asked)
{
    enum match action, resource, condition = MATCH_YES;

    action = statement_actions(statement, asked);
    if (action == MATCH_NO)
        return MATCH_NO;
    resource = settled(statement, statement_resources(statement, asked));
    if (resource == MATCH_NO)
        return MATCH_NO;
    if (statement->condition_count != 0)
        condition = settled(statement, statement_conditions(statement, asked, NULL));
    if (condition == MATCH_NO)
        return MATCH_NO;
    if (action == MATCH_SPENT || resource == MATCH_SPENT || condition == MATCH_SPENT)
        return MATCH_SPENT;
    return resource == MATCH_LATER || condition == MATCH_LATER ? MATCH_LATER : MATCH_YES;
}

/* Whatever is not a plain yes or no denies. */
static enum verdict statement_says(const struct statement *statement, const struct asked *asked)
{
    const enum match match = statement_matches(statement, asked);

    if (match == MATCH_NO)
        return VERDICT_SILENT;
    return statement->deny || match != MATCH_YES ? VERDICT_DENY : VERDICT_ALLOW;
}

/* --- a policy, and many --- */

static void hear_allow(const struct statement *statement, enum naming naming, struct said *said)
{
    if (naming == NAMED_ACCOUNT) {
        said->left_to_account = true;
        if (said->verdict == VERDICT_SILENT)
            said->statement = statement->label;
        return;
    }
    if (said->verdict == VERDICT_SILENT || naming > said->naming)
        said->statement = statement->label;
    said->verdict = VERDICT_ALLOW;
    said->naming = naming > said->naming ? naming : said->naming;
}

struct said policy_says(const struct policy *policy, const struct asked *asked)
{
    struct said said = {0};

    for (size_t i = 0; i < policy->n; i++) {
        const struct statement *statement = &policy->at[i];
        enum naming naming;
        enum verdict verdict;

        if ((policy->marks[i] & asked->marks) == 0)
            continue;
        naming = statement_names(statement, asked->question);
        if (naming == NAMED_NOT)
            continue;
        verdict = statement_says(statement, asked);
        if (verdict == VERDICT_DENY)
            return (struct said){.verdict = VERDICT_DENY, .statement = statement->label};
        if (verdict == VERDICT_ALLOW)
            hear_allow(statement, naming, &said);
    }
    return said;
}

enum verdict policies_say(const struct policy *const set[], size_t n, const struct asked *asked,
                          struct finding *because)
{
    enum verdict verdict = VERDICT_SILENT;

    for (size_t i = 0; i < n && verdict != VERDICT_DENY; i++) {
        struct said said;

        if ((set[i]->all_marks & asked->marks) == 0)
            continue;
        said = policy_says(set[i], asked);
        if (said.verdict > verdict) {
            verdict = said.verdict;
            *because = (struct finding){.policy = i, .statement = said.statement};
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

bool asked_open(const struct question *question, struct steps *steps, struct asked *asked)
{
    if (question->action.n > ACTION_MOST || question->unknown > question->resource.n)
        return false;
    for (size_t i = 0; i < question->action.n; i++)
        steps->action[i] = lowered(question->action.at[i]);
    steps->left = PATTERN_STEPS_ALL;
    *asked = (struct asked){
        .action = {steps->action, question->action.n}, .question = question, .left = &steps->left};
    asked->marks = marks_of_action(asked->action);
    return true;
}

/* Nothing that a policy says of an action that is too long can be trusted. */
enum verdict policy_judge(const struct policy *const set[], size_t n,
                          const struct question *question, struct finding *because)
{
    struct finding unseen;
    struct steps steps;
    struct asked asked;

    if (!asked_open(question, &steps, &asked) || question->unknown != 0)
        return VERDICT_DENY;
    return policies_say(set, n, &asked, because != NULL ? because : &unseen);
}

/* --- while not all is known --- */

static bool policy_hopes(const struct policy *policy, const struct asked *asked, bool *denied)
{
    bool hope = false;

    for (size_t i = 0; i < policy->n && !*denied; i++) {
        const struct statement *statement = &policy->at[i];
        enum match match;

        if ((policy->marks[i] & asked->marks) == 0)
            continue;
        match = statement_matches(statement, asked);
        *denied = statement->deny && match == MATCH_YES;
        hope = hope || (!statement->deny && match != MATCH_NO);
    }
    return hope;
}

bool policy_may_allow(const struct policy *const set[], size_t n, const struct question *question)
{
    struct steps steps;
    struct asked asked;
    bool hope = false, denied = false;

    if (!asked_open(question, &steps, &asked))
        return true; /* for the judge to refuse */
    for (size_t i = 0; i < n && !denied; i++)
        hope = policy_hopes(set[i], &asked, &denied) || hope;
    return hope && !denied;
}
