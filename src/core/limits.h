/* limits: how much there may be of what a customer makes, where AWS's figure is only a quota: an
 * operator may raise it, as far as one transaction and one request carry. What is part of the
 * protocol itself (a name's 512 characters, a list's 20 ids) stands in the tables of wire/. */
#pragma once

#include "base/bytes.h"

enum limit {
    LIMIT_NONE,
    LIMIT_VERSIONS, /* of a secret, with labels or without */
    LIMIT_STAGES,   /* staging labels on one version */
    LIMIT_VALUE,    /* bytes of a secret's value */
    LIMIT_TAGS,     /* of a secret */
    LIMIT_POLICY,   /* characters of a secret's resource policy */
    LIMIT_KINDS
};

/* `usual` is AWS's figure, and the least that can be set; `most` the highest. Indexed by enum
 * limit. */
struct limit_row {
    const char *name; /* in coffer.conf */
    uint32_t usual, most;
};
extern const struct limit_row limit_rows[LIMIT_KINDS];

/* What the operator set, by enum limit; 0: the usual. */
struct limits {
    uint32_t set[LIMIT_KINDS];
};
uint32_t limit_of(const struct limits *, enum limit);

enum limit limit_named(struct bytes name); /* LIMIT_NONE: there is none of that name */
