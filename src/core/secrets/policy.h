/* policy: the resource policy of a secret. It lies in two rows of its own, so that a secret without
 * one costs nothing: the compiled form that is judged, and the text that is told, in which a user's
 * ARN is pinned to the unique id that it had when the policy was put. Beside them, each user that
 * it allows something has a row (TABLE_INVITED) under his own id: whoever has none learns nothing
 * by the time of his refusal. For this folder alone; all of it lies in the call's arena. */
#pragma once

#include "core/policy/policy.h"
#include "core/secrets/secret.h"

/* Users whom a policy may allow something by name; each takes a row, and deleting a secret has to
 * fit one transaction (STORE_CHANGES_MOST). Whom it denies is not counted. */
enum { SECRET_POLICY_USERS_MOST = 100 };

/* A policy that was read and can be judged; how long it may be is a quota (core/limits.h). */
struct secret_policy {
    const struct policy *judged;
    struct texts
        told; /* text, raw, ARN, id, text, raw, ... text: as it was written, cut at users */
    struct bytes region; /* for whose ARN it was written; at NULL: for the secret's own */
};

/* POLICY_MALFORMED, POLICY_BEYOND, POLICY_PRINCIPAL, POLICY_SERVICE (core/policy/policy.h), with
 * AWS's sentence said. */
fallible secret_policy_read(struct call *, struct bytes document, struct secret_policy *);

/* Replaces what the secret has; sets secret->policy, and leaves secret_save to the caller. */
fallible secret_policy_save(struct call *, struct secret *, const struct secret_policy *);
/* Its rows; nothing when there is none. */
fallible secret_policy_drop(struct call *, const struct secret *);
/* The secret has one: as it can be saved for a secret in another region. It goes on denying there
 * what it denies the ARN that it was written for (resource->policy_arn), also when the copy is a
 * secret of its own by then, until another policy is put. */
fallible secret_policy_keep(struct call *, const struct secret *, struct secret_policy *);

/* As it is judged: resource->policy, resource->policy_arn; nothing when there is none. */
fallible secret_policy_load(struct call *, const struct secret *, struct resource *);
/* The secret has one: as it is told today, in which a user who is gone stands as his id. */
fallible secret_policy_tell(struct call *, const struct secret *, struct bytes *document);

/* A secret in hand as it is judged, tags and policy and all: for also_allowed (core/perform.h). */
fallible secret_as_resource(struct call *, const struct secret *, struct resource *);

/* resource->fact: `thing` is a struct secret, `id` of enum policy_key_id. */
struct bytes secret_fact(const void *thing, int id);

/* resource->invites */
fallible secret_policy_invites(struct call *, const struct resource *, bool *);

/* There is but one, called so; not said is the same. */
#define SECRET_POLICY_DEFAULT LIT("default")
bool secret_policy_is_default(struct bytes name);
