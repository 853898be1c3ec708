/* authorise: may this principal do this to this resource? Explicit deny anywhere wins; then a
 * resource policy or an identity policy that allows; else silence means no. Called by
 * core/perform.c alone (a wall). */
#pragma once

#include "core/operation.h"

/* What decided, for the journal. Bytes live as long as the call's arena. */
struct decision {
    struct bytes policy;    /* the policy's name; empty: none spoke */
    struct bytes statement; /* its Sid, or its index from 0 */
    uint64_t generation;    /* the account's identity generation that was judged by */
    bool allowed, explicit_deny;
};

/* OK, or DENIED with AWS's sentence as detail, made from resource->asked; `decision` is filled
 * either way. The account's root may do everything in its own account; another account's things are
 * never reached so far. */
fallible authorise(struct call *, const char *action, const struct resource *, struct decision *);

/* Before resource->find: false when nothing that it could find would be allowed; then authorise
 * refuses, and nothing need be looked for. */
bool authorise_may_allow(const struct call *, const char *action, const struct resource *);
