/* decide: one decision over all kinds of policies that concern a request (SEMANTICS 3). A pure
 * function, as the judge is.
 *
 * Any Deny wins. Else the thing's own policy may allow by itself whom it names directly (a user, a
 * session), past what boundary and session policies do not allow; whom it names otherwise (a
 * session's role, everybody) it allows within these. Else the identity policies have to allow,
 * within these. From another account both sides have to allow. Of keys and of roles (`thing_must`)
 * the thing's own policy has to allow in any case: by naming the account it leaves the decision to
 * the identity policies there. */
#pragma once

#include "core/policy/policy.h"

struct policy_set {
    const struct policy *const *at;
    size_t n;
};

/* What there is to judge by. */
struct policy_case {
    struct question question;
    struct policy_set identity;
    const struct policy *boundary; /* NULL: none */
    struct policy_set session;     /* of which one has to allow; n == 0: none */
    const struct policy *thing;    /* NULL: none */
    struct bytes thing_arn;        /* an ARN that it denies by, too; empty: none */
    bool thing_must;               /* a key's, a role's */
    bool abroad;                   /* the thing is another account's */
    bool sovereign;                /* the account's root: needs no identity policy to allow */
};

enum policy_kind {
    POLICY_NONE,
    POLICY_IDENTITY,
    POLICY_BOUNDARY,
    POLICY_SESSION,
    POLICY_THING,
};

struct policy_outcome {
    bool allowed, denied;  /* neither: nothing allowed it. denied: by a Deny */
    enum policy_kind kind; /* what decided; of a refusal without Deny: what had to allow */
    struct finding
        finding; /* which of that kind, and its statement; not of a refusal without Deny */
    enum verdict identity; /* what these said by themselves */
};

struct policy_outcome policy_decide(const struct policy_case *);

/* Before the thing is looked for: could the identity policies allow it, within the others? False is
 * sure; errs towards true. */
bool policy_decide_may(const struct policy_case *);

/* --- for those who explain --- */

/* What the nearest Allow of a policy lacks. */
enum policy_lack {
    LACKS_STATEMENT, /* it allows nothing at all */
    LACKS_PRINCIPAL,
    LACKS_ACTION,
    LACKS_RESOURCE,
    LACKS_CONDITION,
    LACKS_NOTHING,
};

struct policy_nearest {
    enum policy_lack lack;
    struct finding finding;          /* the statement; of LACKS_STATEMENT nothing */
    struct bytes condition_operator; /* the first condition that does not hold: "StringLike" */
    struct bytes condition_key;      /* and its key */
};

/* The statement that comes nearest to allowing it: of two that are as near, the first. */
struct policy_nearest policy_nearest(const struct policy *const set[], size_t n,
                                     const struct question *);
