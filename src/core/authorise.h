/* authorise: may this principal do this to this resource? Explicit deny anywhere wins; then a
 * resource policy or an identity policy that allows; else silence means no. Called by
 * core/perform.c alone (a wall). */
#pragma once

#include "core/operation.h"

/* What decided, for the journal. Bytes live as long as the call's arena. */
struct decision {
    struct bytes kind;   /* "identity-based policy", "resource-based policy"; empty: none spoke */
    struct bytes policy; /* the policy's name: a resource's is called "default" */
    struct bytes statement; /* its Sid, or its index from 0 */
    uint64_t generation;    /* the account's identity generation that was judged by */
    bool allowed, explicit_deny;
};

/* OK, or DENIED with AWS's sentence as detail, made from resource->asked; `decision` is filled
 * either way. The account's root may do what no resource policy denies it, and always take such a
 * policy away. Another account's things are allowed by both sides or not at all. Why it was refused
 * is told only to whom it would be allowed were the thing not there; to all others, why it would be
 * refused then: so the words tell nothing of what exists. */
fallible authorise(struct call *, const char *action, const struct resource *, struct decision *);

/* Before resource->find: false when identity policies allow nothing that it could find. Then only
 * the thing's own policy could (resource->invites); if that does not, authorise refuses, and
 * nothing need be looked for. */
bool authorise_may_allow(const struct call *, const char *action, const struct resource *);
