/* relation: their names, and the reading of their values. */
#include "core/policy/relation.h"

#include "codec/text.h"
#include "core/policy/operand.h"
#include "core/policy/variable.h"

/* Numbered by its place in what is stored: only ever longer. */
static const struct relation_row rows[] = {
    /* clang-format off */
    {"StringEquals", OPERAND_TEXT, EQUAL, false},
    {"StringNotEquals", OPERAND_TEXT, EQUAL, true},
    {"StringEqualsIgnoreCase", OPERAND_CASELESS, EQUAL, false},
    {"StringNotEqualsIgnoreCase", OPERAND_CASELESS, EQUAL, true},
    {"StringLike", OPERAND_PATTERN, EQUAL, false},
    {"StringNotLike", OPERAND_PATTERN, EQUAL, true},
    {"NumericEquals", OPERAND_NUMBER, EQUAL, false},
    {"NumericNotEquals", OPERAND_NUMBER, EQUAL, true},
    {"NumericLessThan", OPERAND_NUMBER, LESS, false},
    {"NumericLessThanEquals", OPERAND_NUMBER, LESS | EQUAL, false},
    {"NumericGreaterThan", OPERAND_NUMBER, GREATER, false},
    {"NumericGreaterThanEquals", OPERAND_NUMBER, GREATER | EQUAL, false},
    {"DateEquals", OPERAND_TIME, EQUAL, false},
    {"DateNotEquals", OPERAND_TIME, EQUAL, true},
    {"DateLessThan", OPERAND_TIME, LESS, false},
    {"DateLessThanEquals", OPERAND_TIME, LESS | EQUAL, false},
    {"DateGreaterThan", OPERAND_TIME, GREATER, false},
    {"DateGreaterThanEquals", OPERAND_TIME, GREATER | EQUAL, false},
    {"Bool", OPERAND_TRUTH, EQUAL, false},
    {"BinaryEquals", OPERAND_BINARY, EQUAL, false},
    {"IpAddress", OPERAND_NETWORK, EQUAL, false},
    {"NotIpAddress", OPERAND_NETWORK, EQUAL, true},
    {"ArnEquals", OPERAND_ARN, EQUAL, false},
    {"ArnNotEquals", OPERAND_ARN, EQUAL, true},
    {"ArnLike", OPERAND_ARN, EQUAL, false},
    {"ArnNotLike", OPERAND_ARN, EQUAL, true},
    {"Null", OPERAND_ABSENCE, EQUAL, false},
    /* clang-format on */
};
enum { ROWS = sizeof rows / sizeof *rows };

static bool cut_end(struct bytes *text, struct bytes end)
{
    if (!bytes_ends(*text, end))
        return false;
    text->n -= end.n;
    return true;
}

static enum quantifier cut_quantifier(struct bytes *name)
{
    const struct bytes all = LIT("ForAllValues:"), any = LIT("ForAnyValue:");

    if (bytes_begins(*name, all)) {
        *name = bytes_after(*name, all.n);
        return FOR_ALL_VALUES;
    }
    if (!bytes_begins(*name, any))
        return ONE_OR_NONE;
    *name = bytes_after(*name, any.n);
    return FOR_ANY_VALUE;
}

/* Null asks whether there is a value: it goes with nothing that says what if there is none. */
static bool goes_together(const struct relation *o)
{
    return o->row->operand != OPERAND_ABSENCE || (o->quantifier == ONE_OR_NONE && !o->if_exists);
}

bool relation_of(struct bytes name, struct relation *out)
{
    *out = (struct relation){.quantifier = cut_quantifier(&name)};
    out->if_exists = cut_end(&name, LIT("IfExists"));
    for (size_t i = 0; i < ROWS; i++)
        if (bytes_same(name, bytes_of(rows[i].name))) {
            out->row = &rows[i];
            return goes_together(out);
        }
    return false;
}

enum { IF_EXISTS = 1, QUANTIFIER = 2, ROW = 8 }; /* the number's parts */

uint64_t relation_number(const struct relation *o)
{
    return (uint64_t)(o->row - rows) * ROW + (uint64_t)o->quantifier * QUANTIFIER +
           (o->if_exists ? IF_EXISTS : 0);
}

bool relation_of_number(uint64_t number, struct relation *out)
{
    if (number / ROW >= ROWS || number % ROW / QUANTIFIER > FOR_ALL_VALUES)
        return false;
    *out = (struct relation){.row = &rows[number / ROW],
                             .quantifier = (enum quantifier)(number % ROW / QUANTIFIER),
                             .if_exists = number & IF_EXISTS};
    return goes_together(out);
}

struct bytes relation_name(const struct relation *o)
{
    return bytes_of(o->row->name);
}

/* --- values --- */

static bool ascii(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] >= 0x80)
            return false;
    return true;
}

/* "*", or six parts. */
static bool arn(struct bytes text)
{
    struct bytes part;
    int parts = 1;

    if (bytes_same(text, LIT("*")))
        return true;
    if (!bytes_begins(text, LIT("arn:")))
        return false;
    while (bytes_cut(&text, ':', &part))
        parts++;
    return parts >= 6;
}

/* Texts in which variables may stand. */
static bool read_text(enum operand operand, struct bytes text, struct value *out)
{
    if (operand == OPERAND_ARN && !out->open && !arn(text))
        return false;
    /* beyond ASCII nobody here knows what is the same in another case */
    if (operand == OPERAND_CASELESS && !ascii(text))
        return false;
    if (operand == OPERAND_PATTERN || operand == OPERAND_ARN)
        return pattern_of_text(text, out->open, &out->text);
    out->text.head = text.n;
    return text.n <= PATTERN_MOST;
}

static bool read(enum operand operand, struct bytes text, struct value *out)
{
    switch (operand) {
    case OPERAND_TEXT:
    case OPERAND_CASELESS:
    case OPERAND_PATTERN:
    case OPERAND_ARN:
        return read_text(operand, text, out);
    case OPERAND_NUMBER:
        return operand_number(text, &out->number);
    case OPERAND_TIME:
        return operand_time(text, &out->ms);
    case OPERAND_TRUTH:
    case OPERAND_ABSENCE:
        return operand_truth(text, &out->yes);
    case OPERAND_BINARY:
        return operand_binary(text);
    case OPERAND_NETWORK:
        return operand_network(text, &out->network);
    }
    return false;
}

static bool takes_variables(enum operand operand)
{
    return operand == OPERAND_TEXT || operand == OPERAND_CASELESS || operand == OPERAND_PATTERN ||
           operand == OPERAND_ARN;
}

enum reading condition_value(const struct relation *o, struct bytes text, bool variables,
                             struct value *out)
{
    *out = (struct value){.text.text = text};
    out->open = variables && takes_variables(o->row->operand) && variables_in(text);
    if (out->open && variables_fit(text) != VARIABLES_FIT)
        return variables_fit(text) == VARIABLES_TORN ? READ_TORN : READ_UNKNOWN;
    return read(o->row->operand, text, out) ? READ_WELL : READ_TORN;
}
