/* inside: a compiled policy, as compile.c makes it and judge.c reads it. For this folder alone.
 * All of it lies in one arena and points into the document's text there; nothing changes it. */
#pragma once

#include "core/policy/condition.h"
#include "core/policy/pattern.h"
#include "core/policy/policy.h"

/* A statement's list: matches when any of the patterns does, or with `except` when none does. */
struct patterns {
    const struct pattern *at;
    size_t n;
    bool except; /* NotAction, NotResource */
};

/* Of whom a statement speaks: unique ids, an account's for all in it. */
struct principals {
    const struct bytes *at;
    size_t n;
    bool everyone; /* "*"; and each statement of a principal's own policy */
    bool except;   /* NotPrincipal: of all but these */
};

/* Speaks (allows, or denies) of these principals when both lists match and all conditions hold. */
struct statement {
    struct bytes label; /* the Sid, or the index as text */
    bool deny;
    struct principals principals;
    struct patterns actions, resources;
    const struct condition *conditions;
    size_t condition_count;
};

/* Which statements an action can concern is seen by one look at their marks, so that the others
 * cost nothing: a bit for each action that one names, or for the service of its pattern. */
struct policy {                 /* in the order of the document */
    const struct statement *at; /* NULL: it has none */
    const uint64_t *marks;      /* one a statement */
    size_t n;
    uint64_t all_marks;
    bool variables; /* of the version that has them */
};

uint64_t marks_of_action(struct bytes lower_case);
/* Fills in marks and all_marks, of the statements that are there. */
fallible marks_set(struct arena *, struct policy *);

/* The question as the statements compare it. */
struct asked {
    struct bytes action; /* in lower case */
    const struct question *question;
    uint64_t marks;
    int *left; /* steps, for all patterns and values together */
};

/* A judgement's beginning. False: no action is so long. */
enum { ACTION_MOST = 128 };
struct steps {
    uint8_t action[ACTION_MOST];
    int left;
};
bool asked_open(const struct question *, struct steps *, struct asked *);

/* The i-th value that a key has in this request. */
static inline enum circumstance asked_about(const struct asked *asked, const struct policy_key *key,
                                            size_t i, struct bytes *value)
{
    const struct question *q = asked->question;

    return q->circumstance != NULL ? q->circumstance(q->ctx, key, i, value) : CIRCUMSTANCE_NONE;
}

/* For a look at so many bytes. False: that was too many. */
static inline bool asked_spend(const struct asked *asked, size_t n)
{
    *asked->left -= n / 32 < PATTERN_STEPS_ALL ? 1 + (int)(n / 32) : PATTERN_STEPS_ALL;
    return *asked->left > 0;
}

/* How a statement names who asks; more is nearer. */
enum naming { NAMED_NOT, NAMED_ACCOUNT, NAMED_EVERYONE, NAMED_BASE, NAMED_SELF };

enum naming statement_names(const struct statement *, const struct question *);
enum match statement_actions(const struct statement *, const struct asked *);
enum match statement_resources(const struct statement *, const struct asked *);
/* *failed (may be NULL): the first that does not hold. */
enum match statement_conditions(const struct statement *, const struct asked *,
                                const struct condition **failed);

/* What one policy says. Of an Allow by the account's name the others in it are not let in: it only
 * leaves them to their own policies. */
struct said {
    enum verdict verdict;
    struct bytes statement; /* that decided, or that leaves it to the account */
    enum naming naming;     /* of the nearest Allow */
    bool left_to_account;
};
struct said policy_says(const struct policy *, const struct asked *);
enum verdict policies_say(const struct policy *const set[], size_t n, const struct asked *,
                          struct finding *);

/* Denies everything to everybody: what stands for a policy that this build cannot judge. */
extern const struct policy policy_unjudged;
