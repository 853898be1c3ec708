/* policy: is this principal allowed this action on this resource, in these circumstances? A pure
 * function of what it is given: no store, no clock, no network, and while judging no memory. Fails
 * closed: an element, operator, key or variable that this build cannot judge is refused when
 * written and denies when found in the store (SECURITY 1).
 *
 * It judges the whole language: Version, Id, Statement, Sid, Effect, Action/NotAction,
 * Resource/NotResource, Condition with all operators, ForAllValues:, ForAnyValue: and ...IfExists,
 * variables with defaults (Version 2012-10-17 alone), and in the policy of a thing Principal and,
 * with Deny, NotPrincipal. A variable without value and without default: its text matches nothing,
 * and where a Not- form would turn that into a yes, the statement denies and does not allow. */
#pragma once

#include "base/arena.h"
#include "core/policy/key.h"

struct policy; /* compiled, immutable, shareable between threads; lives as long as its arena */

extern const struct fault POLICY_MALFORMED[1]; /* not the language: MalformedPolicyDocument */
extern const struct fault POLICY_BEYOND[1];    /* more of the language than this build judges */
extern const struct fault POLICY_PRINCIPAL[1]; /* names somebody who does not exist, or no one */
extern const struct fault POLICY_SERVICE[1];   /* names a service: none asks for anything here */

/* So that ten of a principal's fit what is kept of him (core/identity/cache.h). */
enum { POLICY_COMPILED_MOST = 64 * 1024 };

/* For writing: refuses what cannot be judged; `*reason` then says which element, in a sentence
 * without the policy's own values. At most 6,144 characters, 8 `*` in a pattern, patterns of 1,024
 * bytes (SECURITY 15), and POLICY_COMPILED_MOST bytes once compiled. What is compiled keeps nothing
 * of `json`. */
fallible policy_compile(struct arena *, struct bytes json, const struct policy **,
                        struct bytes *reason);

/* For what was found in the store: never fails but for memory; what cannot be judged becomes a Deny
 * of everything. */
fallible policy_load(struct arena *, struct bytes json, const struct policy **);

/* --- the policy of a thing: says in each statement whom it speaks of --- */

enum { POLICY_THING_CHARACTERS = 65536 }; /* how many one may have is for its owner to say */

/* Whom a text under "AWS" names. `id_of` gives the unique id that the judge compares: a user's, so
 * that another of the same name is somebody else; or an account's, for all in it. POLICY_PRINCIPAL:
 * nobody. `raw` is where the text stands in the document, so that it can be written otherwise. The
 * id lives as long as the policy. `other_id_of`: the same for "Service" and "Federated" (`kind`);
 * NULL: POLICY_SERVICE, POLICY_PRINCIPAL. */
struct policy_whom {
    fallible (*id_of)(void *ctx, struct bytes named, struct bytes raw, struct bytes *id);
    void *ctx;
    fallible (*other_id_of)(void *ctx, struct bytes kind, struct bytes named, struct bytes *id);
    bool of_role; /* who may assume it: speaks of itself, so it names no Resource; no
                     NotPrincipal */
};

/* For writing, like policy_compile, up to POLICY_THING_CHARACTERS of UTF-8, blanks included. An
 * Allow to an account lets in its root alone, and leaves the others to their own policies; a Deny
 * to it speaks of everybody in it. */
fallible policy_compile_of_thing(struct arena *, struct bytes json, const struct policy_whom *,
                                 const struct policy **, struct bytes *reason);

/* The compiled form as bytes (CBOR), and back: no text is parsed, none copied (they are slices of
 * `packed`), nothing looked up. Never fails but for memory: what this build did not write becomes a
 * Deny of everything. */
fallible policy_pack(struct arena *, const struct policy *, struct bytes *packed);
fallible policy_unpack(struct arena *, struct bytes packed, const struct policy **);

/* Everybody may do something: what AWS calls broad access. Not public is a statement for everybody
 * with a condition that confines it to principals, accounts or networks that are named in full. */
bool policy_is_public(const struct policy *);

/* The ids that its Allow statements name, each once; "*" among them when that is everybody.
 * Arena: *ids. */
fallible policy_invited(struct arena *, const struct policy *, const struct bytes **ids, size_t *n);

/* What a request has of a key. LATER: the thing was not looked for yet; only for
 * policy_may_allow, else it denies. */
enum circumstance { CIRCUMSTANCE_NONE, CIRCUMSTANCE_SAID, CIRCUMSTANCE_LATER };

struct question {
    struct bytes id, account; /* whose question it is: the unique id (an account's: its root), and
                                 the account; for statements that name principals */
    struct bytes base;        /* of a session: the id of the role, or of the user, that it is of;
                                 `id` is then the session's own ("AROA...:name"). Empty: none */
    struct bytes action;      /* "secretsmanager:RestoreSecret"; compared without regard to case */
    struct bytes resource;    /* an ARN, or "*" */
    size_t unknown;           /* so many of its last bytes stand for others; for policy_may_allow */

    /* The i-th value of a key in this request, as text; it stays until the judgement ends. NULL: no
     * key has one. */
    enum circumstance (*circumstance)(void *ctx, const struct policy_key *, size_t i,
                                      struct bytes *value);
    void *ctx;
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

/* Of identity policies. False: they do not allow it, whatever the unknown end of the resource is
 * and whatever the circumstances that are told LATER. So a refusal can be given without a look at
 * what there is. Errs towards true. */
bool policy_may_allow(const struct policy *const set[], size_t n, const struct question *);
