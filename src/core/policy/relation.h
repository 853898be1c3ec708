/* relation: what the operators of conditions are. For this folder alone. */
#pragma once

#include "core/policy/condition.h"

/* What the request's value and the policy's are read as before they are compared. */
enum operand {
    OPERAND_TEXT = 1,
    OPERAND_CASELESS, /* ASCII */
    OPERAND_PATTERN,
    OPERAND_NUMBER,
    OPERAND_TIME,
    OPERAND_TRUTH,
    OPERAND_BINARY, /* one value has one spelling, so they are compared as texts */
    OPERAND_NETWORK,
    OPERAND_ARN,     /* part by part; wildcards stay inside theirs */
    OPERAND_ABSENCE, /* of the key itself */
};

enum order { LESS = 1, EQUAL = 2, GREATER = 4 };

struct relation_row {
    const char *name;
    enum operand operand;
    int order;    /* which of enum order fulfil it */
    bool negated; /* fulfilled by none of the values */
};
