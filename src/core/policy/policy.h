/* policy: is this principal allowed this action on this resource, in these circumstances? A pure
 * function of what it is given: no store, no clock, no network, and while judging no memory. Fails
 * closed: an element, operator, key or variable that this build cannot judge is refused when
 * written and denies when found in the store (SECURITY 1). For now it judges Version, Id,
 * Statement, Sid, Effect, Action/NotAction, Resource/NotResource with the wildcards * and ?. */
#pragma once

#include "base/arena.h"

struct policy; /* compiled, immutable, shareable between threads; lives as long as its arena */

extern const struct fault POLICY_MALFORMED[1]; /* not the language: MalformedPolicyDocument */
extern const struct fault POLICY_BEYOND[1];    /* more of the language than this build judges */

/* For writing: refuses what cannot be judged; `*reason` then says which element, in a sentence
 * without the policy's own values. At most 6,144 characters, 8 `*` in a pattern, patterns of 1,024
 * bytes (SECURITY 15). */
fallible policy_compile(struct arena *, struct bytes json, const struct policy **,
                        struct bytes *reason);

/* For what was found in the store: never fails but for memory; what cannot be judged becomes a Deny
 * of everything. */
fallible policy_load(struct arena *, struct bytes json, const struct policy **);

struct question {
    struct bytes principal; /* an ARN */
    struct bytes action;    /* "secretsmanager:RestoreSecret"; compared without regard to case */
    struct bytes resource;  /* an ARN, or "*" */
    size_t unknown;         /* so many of its last bytes stand for others; for policy_may_allow */
    /* One circumstance: "aws:SourceIp"; false when there is none. Not asked so far. */
    bool (*circumstance)(const void *ctx, struct bytes name, struct bytes *value);
    const void *ctx;
};

enum verdict { VERDICT_SILENT, VERDICT_ALLOW, VERDICT_DENY };

struct finding {
    size_t policy;          /* index into the set */
    struct bytes statement; /* its Sid, or its index as a number in text; points into the policy */
};

/* One verdict over a set: any Deny wins, else any Allow, else silent. `because` may be NULL. A
 * pattern that takes more than its step budget counts as a Deny. */
enum verdict policy_judge(const struct policy *const set[], size_t n, const struct question *,
                          struct finding *because);

/* False: it is not allowed, whatever the unknown end of the resource is. So a refusal can be given
 * without a look at what there is. Errs towards true. */
bool policy_may_allow(const struct policy *const set[], size_t n, const struct question *);
