/* condition: held against a request. No memory is taken; every look costs steps of the judgement's
 * budget. */
#include "core/policy/condition.h"

#include "codec/text.h"
#include "core/policy/inside.h"
#include "core/policy/operand.h"
#include "core/policy/relation.h"
#include "core/policy/variable.h"

enum { ARN_HEAD = 5 /* parts before the resource's */, WIDEST_V4 = 96 + 8, WIDEST_V6 = 32 };

static enum match yes(bool is)
{
    return is ? MATCH_YES : MATCH_NO;
}

static bool ordered(int wanted, bool less, bool greater)
{
    return wanted & (less ? LESS : greater ? GREATER : EQUAL);
}

/* --- one value of the policy against one of the request --- */

static enum match part_matches(struct bytes wanted, struct bytes part, const struct asked *asked)
{
    struct pattern pattern;

    if (!pattern_of_text(wanted, false, &pattern))
        return MATCH_SPENT;
    return pattern_match(&pattern, part, asked->left);
}

/* The five colons that divide; what follows them is the last part of both. */
static enum match arn_matches(struct bytes wanted, struct bytes arn, const struct asked *asked)
{
    const bool any = bytes_same(wanted, LIT("*"));
    enum match match = MATCH_YES;

    if (!bytes_begins(arn, LIT("arn:")))
        return MATCH_NO;
    for (int i = 0; i < ARN_HEAD && match == MATCH_YES; i++) {
        struct bytes one = LIT("*"), part;

        if (!bytes_cut(&arn, ':', &part) || (!any && !bytes_cut(&wanted, ':', &one)))
            return MATCH_NO;
        match = part_matches(one, part, asked);
    }
    return match == MATCH_YES ? part_matches(wanted, arn, asked) : match;
}

static enum match text_matches(enum operand operand, struct bytes wanted, struct bytes text,
                               const struct asked *asked)
{
    switch (operand) {
    case OPERAND_CASELESS:
        return yes(text_same_caseless(wanted, text));
    case OPERAND_PATTERN:
        return part_matches(wanted, text, asked);
    case OPERAND_ARN:
        return arn_matches(wanted, text, asked);
    default:
        return yes(bytes_same(wanted, text));
    }
}

static bool number_fits(const struct relation_row *row, const struct value *value,
                        struct bytes text)
{
    double number;

    return operand_number(text, &number) &&
           ordered(row->order, number<value->number, number> value->number);
}

static bool time_fits(const struct relation_row *row, const struct value *value, struct bytes text)
{
    int64_t ms;

    return operand_time(text, &ms) && ordered(row->order, ms<value->ms, ms> value->ms);
}

static bool network_fits(const struct value *value, struct bytes text)
{
    struct network one;

    return operand_network(text, &one) && network_holds(&value->network, &one);
}

static bool truth_fits(const struct value *value, struct bytes text)
{
    bool is;

    return operand_truth(text, &is) && is == value->yes;
}

static enum match fits(const struct relation_row *row, const struct value *value, struct bytes text,
                       const struct asked *asked)
{
    switch (row->operand) {
    case OPERAND_NUMBER:
        return yes(number_fits(row, value, text));
    case OPERAND_TIME:
        return yes(time_fits(row, value, text));
    case OPERAND_TRUTH:
        return yes(truth_fits(value, text));
    case OPERAND_NETWORK:
        return yes(network_fits(value, text));
    case OPERAND_PATTERN:
        return pattern_match(&value->text, text, asked->left);
    default:
        return text_matches(row->operand, value->text.text, text, asked);
    }
}

/* Apart, so that what has no variables needs no room for them. */
static __attribute__((noinline)) enum match fits_filled(const struct relation_row *row,
                                                        const struct value *value,
                                                        struct bytes text,
                                                        const struct asked *asked)
{
    const bool wild = row->operand == OPERAND_PATTERN || row->operand == OPERAND_ARN;
    struct filled filled;
    const enum match whether = variables_fill(value->text.text, wild, asked, &filled);

    if (whether != MATCH_YES)
        return whether;
    return text_matches(row->operand, (struct bytes){filled.at, filled.n}, text, asked);
}

/* --- all values of the policy against one of the request --- */

/* One that cannot be told counts once no other has matched. */
static enum match any_fits(const struct condition *c, struct bytes text, const struct asked *asked)
{
    const struct relation_row *row = c->relation.row;
    enum match all = MATCH_NO;

    for (size_t i = 0; i < c->n; i++) {
        const struct value *value = &c->at[i];
        enum match match;

        if (!asked_spend(asked, text.n + value->text.text.n))
            return MATCH_SPENT;
        match = value->open ? fits_filled(row, value, text, asked) : fits(row, value, text, asked);
        if (match == MATCH_YES || match == MATCH_SPENT)
            return match;
        all = match > all ? match : all;
    }
    return all;
}

static enum match fulfils(const struct condition *c, struct bytes text, const struct asked *asked)
{
    const enum match match = any_fits(c, text, asked);

    if (c->relation.row->negated && (match == MATCH_YES || match == MATCH_NO))
        return yes(match == MATCH_NO);
    /* what no variable of it can match, it does not match */
    return match == MATCH_UNSAID && !c->relation.row->negated ? MATCH_NO : match;
}

/* --- all values of the request --- */

/* Is one enough? Else all of them have to. */
static bool one_is_enough(const struct relation *o)
{
    return o->quantifier == FOR_ANY_VALUE || (o->quantifier == ONE_OR_NONE && !o->row->negated);
}

static enum match without_value(const struct relation *o)
{
    if (o->quantifier != ONE_OR_NONE)
        return yes(o->quantifier == FOR_ALL_VALUES);
    return yes(o->if_exists || o->row->negated);
}

static enum match absence(const struct condition *c, bool absent)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].yes == absent)
            return MATCH_YES;
    return MATCH_NO;
}

static bool may_be_many(const struct policy_key *key)
{
    return key->many || key->id == KEY_STRANGE;
}

static enum match each_value(const struct condition *c, struct bytes value,
                             const struct asked *asked)
{
    const enum match decides = yes(one_is_enough(&c->relation));
    enum match rest = yes(!one_is_enough(&c->relation));

    for (size_t i = 1;; i++) {
        const enum match match = fulfils(c, value, asked);

        if (match == decides || match == MATCH_SPENT)
            return match;
        if (match == MATCH_UNSAID || match == MATCH_LATER)
            rest = match;
        if (!may_be_many(&c->key) || asked_about(asked, &c->key, i, &value) != CIRCUMSTANCE_SAID)
            return rest;
    }
}

enum match condition_holds(const struct condition *c, const struct asked *asked)
{
    struct bytes value;
    const enum circumstance first = asked_about(asked, &c->key, 0, &value);

    if (!asked_spend(asked, 1))
        return MATCH_SPENT;
    if (first == CIRCUMSTANCE_LATER)
        return MATCH_LATER;
    if (c->relation.row->operand == OPERAND_ABSENCE)
        return absence(c, first == CIRCUMSTANCE_NONE);
    return first == CIRCUMSTANCE_SAID ? each_value(c, value, asked) : without_value(&c->relation);
}

/* --- how far it reaches --- */

static bool confining_key(enum policy_key_id id)
{
    return id == KEY_PRINCIPAL_ARN || id == KEY_PRINCIPAL_ACCOUNT || id == KEY_USERID ||
           id == KEY_USERNAME || id == KEY_SOURCE_IP || id == KEY_NEVER;
}

/* What is never there lets nobody in. */
static bool confining_value(const struct condition *c, const struct value *value)
{
    if (c->relation.row->operand == OPERAND_NETWORK)
        return value->network.bits >= (value->network.four ? WIDEST_V4 : WIDEST_V6);
    return !value->open && value->text.head == value->text.text.n;
}

bool condition_confines(const struct condition *c)
{
    const struct relation *o = &c->relation;

    if (o->row->negated || o->if_exists || o->quantifier == FOR_ALL_VALUES ||
        o->row->operand == OPERAND_ABSENCE || !confining_key(c->key.id))
        return false;
    for (size_t i = 0; i < c->n; i++)
        if (!confining_value(c, &c->at[i]))
            return false;
    return true;
}
