/* resource: the thing that a request speaks of, as the judge and the journal see it. */
#pragma once

#include "core/operation.h"

struct policy;

/* Filled by an operation's `locate`, in the call's arena. Zero: the operation speaks of no one
 * thing ("*"). */
struct resource {
    struct bytes arn;   /* what is judged; for an absent thing the ARN that it would have */
    struct bytes asked; /* what a refusal names: made from `in` alone, so that it tells nothing */
    struct bytes type;  /* "AWS::SecretsManager::Secret", for the journal */
    struct pairs tags;
    const struct policy *policy; /* the thing's own policy; NULL: none */
    /* That policy is a copy of another thing's: that one's ARN. What it denies there it denies
     * here, what it allows has to name this one. Zero: it was written for this. */
    struct bytes policy_arn;

    /* What policies may ask about it by keys of its own (core/policy/key.h); at NULL: nothing.
     * `thing` is whose it is. */
    struct bytes (*fact)(const void *thing, int policy_key_id);
    const void *thing;
    /* It must be allowed by its own policy (a key, a role): identity policies are not enough. */
    bool must_allow;
    bool terse; /* a refusal says no reason */

    /* What is left of locating, when `arn` was made from the request alone: looks for the thing and
     * completes this. Called only for who may be allowed something there, so that a refusal takes
     * as long for what exists as for what does not (SECURITY 20). `unknown`: so many of the ARN's
     * last bytes may turn out to be others. NULL: all is said. */
    fallible (*find)(struct call *, struct resource *);
    size_t unknown;
    struct bytes unsought; /* perform's: the ARN before that */

    /* For whom no identity policy allows anything there: does the thing's own policy, should there
     * be one, allow them something? Told from what stands under the principal alone, so that the
     * answer no takes the same whether the thing is there or not. NULL: it never does. */
    fallible (*invites)(struct call *, const struct resource *, bool *);
};
