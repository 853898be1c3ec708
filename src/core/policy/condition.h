/* condition: one line of a Condition: an operator, a key, and the values that it is held against.
 * Values are read once, when the policy is compiled or unpacked. For this folder alone. */
#pragma once

#include "base/arena.h"
#include "core/policy/key.h"
#include "core/policy/pattern.h"

struct asked;

enum quantifier { ONE_OR_NONE, FOR_ANY_VALUE, FOR_ALL_VALUES };

/* What a policy writes before the key: "ForAllValues:StringLikeIfExists". */
struct operator
{
    const struct operator_row *row;
    enum quantifier quantifier;
    bool if_exists;
};

struct network { /* an IPv4 address as ::ffff:a.b.c.d; the two kinds never hold one another */
    uint8_t ip[16];
    unsigned bits; /* that have to agree */
    bool four;
};

struct value {
    struct pattern text; /* as it was written; a pattern where the operator knows wildcards */
    bool open;           /* holds variables */
    union {
        double number;
        int64_t ms;
        bool yes;
        struct network network;
    };
};

struct condition {
    struct operator operator;
    struct policy_key key;
    const struct value *at;
    size_t n;
};

bool operator_of(struct bytes name, struct operator*);
/* As a number that is stored, and back; false: none of ours. */
uint64_t operator_number(const struct operator*);
bool operator_of_number(uint64_t, struct operator*);
struct bytes operator_name(const struct operator*); /* "StringLike", without the rest */

enum reading {
    READ_WELL,
    READ_TORN /* not of the operator's kind */,
    READ_UNKNOWN /* a variable */
};

/* `variables`: the policy's version has them. The text is borrowed. */
enum reading condition_value(const struct operator*, struct bytes text, bool variables,
                             struct value *);

/* In this request: MATCH_YES, MATCH_NO, or that it cannot be told. */
enum match condition_holds(const struct condition *, const struct asked *);

/* It holds for nobody but whom or where its values name, all of them without wildcards: what keeps
 * a statement for everybody from being public. */
bool condition_confines(const struct condition *);
