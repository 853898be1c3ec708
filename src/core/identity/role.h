/* role: what is stored of a role: rights that belong to nobody, and who may take them for a while.
 * For this folder alone. */
#pragma once

#include "core/identity/records.h"

struct role {
    struct bytes name, path, id, description;
    struct bytes trust, packed; /* who may assume it: as it was written, and as it is judged */
    int64_t created, max_session;
    struct user_policy policies[USER_POLICIES_MOST];
    size_t policy_count;
    struct pairs tags;
    struct bytes old; /* the body that it was read from: unknown members survive */
};

/* As users are: in the call's transaction, in its arena. ROLE_ABSENT. */
fallible role_load(struct call *, struct bytes account, struct bytes name, struct role **);
fallible role_save(struct call *, struct bytes account, const struct role *);
fallible role_drop(struct call *, struct bytes account, struct bytes name);
fallible role_parse(struct call *, struct bytes body, struct role **);

/* Compiles who may assume it, the names in it as ids. POLICY_MALFORMED, POLICY_BEYOND,
 * POLICY_PRINCIPAL with the reason as the call's detail. */
fallible role_trust(struct call *, struct role *, struct bytes document);

/* locate: the role of that name, with its path and tags. ROLE_ABSENT: judged as one without a
 * path. */
fallible role_locate(struct call *, struct bytes name, struct resource *);

/* A role as a reply shows it. */
fallible role_item_of(struct call *, const struct role *, struct role_item *);
