/* condition: one line of a Condition: an operator, a key, and the values that it is held against.
 * Values are read once, when the policy is compiled or unpacked. For this folder alone. */
#pragma once

#include "base/arena.h"
#include "core/policy/key.h"
#include "core/policy/pattern.h"

struct asked;

enum quantifier { ONE_OR_NONE, FOR_ANY_VALUE, FOR_ALL_VALUES };

/* An operator as a policy writes it before the key: "ForAllValues:StringLikeIfExists". */
struct relation {
    const struct relation_row *row;
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
    struct relation relation;
    struct policy_key key;
    const struct value *at;
    size_t n;
};

/* False: none of the language. Upper and lower case count. */
bool relation_of(struct bytes name, struct relation *);
/* As a number that is stored, and back; false: none of ours. */
uint64_t relation_number(const struct relation *);
bool relation_of_number(uint64_t, struct relation *);
struct bytes relation_name(const struct relation *); /* "StringLike", without the rest */

/* Torn: not of the kind that its operator compares. Unknown: a variable of it. */
enum reading { READ_WELL, READ_TORN, READ_UNKNOWN };

/* Reads one value for its operator. `variables`: the policy's version has them. The text is
 * borrowed. */
enum reading condition_value(const struct relation *, struct bytes text, bool variables,
                             struct value *);

/* In this request: MATCH_YES, MATCH_NO, or that it cannot be told. */
enum match condition_holds(const struct condition *, const struct asked *);

/* It holds for nobody but whom or where its values name, all of them without wildcards: what keeps
 * a statement for everybody from being public. */
bool condition_confines(const struct condition *);
