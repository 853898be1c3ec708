/* identity: accounts, users and access keys: who may ask. Every change of identity or policy bumps
 * the account's generation record in the same transaction; a cached principal is used only while
 * the generation read in the call's own snapshot is the one it was built from, so a change holds on
 * the next request, on every thread (SECURITY 8). */
#pragma once

#include "core/operation.h"
#include "core/policy/policy.h"

extern const struct fault IDENTITY_UNKNOWN[1]; /* unknown, disabled, deleted: never told which */
extern const struct fault USER_ABSENT[1];
extern const struct fault USER_EXISTS[1];
extern const struct fault USER_BUSY[1]; /* still has keys or policies */
extern const struct fault USER_NAME[1]; /* not [\w+=,.@-]{1,64} */
extern const struct fault USER_POLICY_ABSENT[1];
extern const struct fault ACCESS_KEY_ABSENT[1];
extern const struct fault ACCESS_KEY_LIMIT[1];  /* two a user */
extern const struct fault ACCESS_KEY_STATUS[1]; /* neither Active nor Inactive */
extern const struct fault ACCOUNT_ABSENT[1];
extern const struct fault ACCOUNT_EXISTS[1];
extern const struct fault USER_POLICY_NAME[1];  /* not [\w+=,.@-]{1,128} */
extern const struct fault USER_POLICY_LIMIT[1]; /* ten a user */
extern const struct fault ROLE_ABSENT[1];
extern const struct fault ROLE_EXISTS[1];
extern const struct fault ROLE_BUSY[1]; /* still has policies */
extern const struct fault ROLE_POLICY_ABSENT[1];
extern const struct fault USER_TAG[1];        /* given twice, but for case, or reserved */
extern const struct fault USER_TAGS_LIMIT[1]; /* fifty a user */
extern const struct fault BOUNDARY_ABSENT[1]; /* no such policy, so nobody's boundary */
extern const struct fault USER_UNSAID[1];     /* nobody is named, and the caller is no user */
extern const struct fault IDENTITY_PAGE[1];   /* nothing of that name to go on after */

extern const struct fault SESSION_EXPIRED[1];
extern const struct fault SESSION_NESTED[1];        /* a session asks for another */
extern const struct fault SESSION_SECOND_FACTOR[1]; /* of which nobody has one */
extern const struct fault SESSION_PACKED[1];        /* too much of policy and tags for a token */
extern const struct fault POLICY_ARN_ABSENT[1];     /* no managed policy of this ARN */
extern const struct fault ROLE_ARN[1];              /* it is no role's ARN */
extern const struct fault ROLE_BY_ROOT[1];          /* the account's root assumes none */
extern const struct fault SESSION_LONG[1];          /* longer than the role's sessions may be */
extern const struct fault SESSION_CHAINED_LONG[1];  /* or those by another role */
extern const struct fault SESSION_BEYOND[1];        /* asked with what this build does not know */
extern const struct fault SESSION_WHOSE[1];         /* revoked of one user or of all: which? */
extern const struct fault SESSION_LIMITED[1];       /* a session asks for what its key may */

/* Who can ask: the account's root, a user, an operator on this machine, Coffer itself. */
enum principal_type {
    PRINCIPAL_ROOT = 1,
    PRINCIPAL_USER,
    PRINCIPAL_ROLE,  /* a session of one */
    PRINCIPAL_LOCAL, /* admin socket */
    PRINCIPAL_COFFER
};

/* Owned by the worker's cache, valid for this call on this thread. */
struct principal {
    enum principal_type type;
    struct bytes arn, account, id, name; /* "arn:aws:iam::1234:user/ci", "1234", "AIDA...", "ci" */
    struct bytes access_key_id;
    struct bytes source, user, user_id;   /* the access key that a session comes from (or this
                                             one), and whose it is: a user's name and id, or empty */
    int64_t issued, expires;              /* of a session, in ms; 0: these credentials last */
    uint64_t generation;                  /* the account's, when this was read */
    const struct policy *const *policies; /* identity policies, and their names beside them */
    const struct bytes *policy_names;
    size_t policy_count;
    struct bytes told; /* its userIdentity for the journal (told.h); empty: not made yet */

    /* Of a session: the unique id and ARN of the role or user that it is of; `id` and `arn` are
     * then its own ("AROA...:name", "arn:aws:sts::...:assumed-role/..."). Empty: no session. */
    struct bytes base, base_arn;
    struct pairs tags;
    const struct policy *boundary; /* NULL: none */
    const struct policy *const *session_policies;
    size_t session_policy_count;
};

/* Finds who an access key belongs to, in the call's snapshot and through the worker's cache; for a
 * write the generation becomes one of its guards. With call->token: whose session that is. Sets
 * call->who and call->credential. */
fallible identity_find(struct call *, struct bytes access_key_id);

/* SESSION_EXPIRED when call->who's session has ended. */
fallible identity_live(const struct call *);

/* A session has its user's rights, but to make credentials, users or policies: those ask for the
 * access key itself, or for a role; which a federated user cannot assume. */
bool identity_may_ask(const struct principal *, const char *action);

/* On a re-run: call->who again, from call->credential or call->peer. */
fallible identity_again(struct call *);

/* Whom a name in a policy means, in call->account: "arn:aws:iam::<account>:user/path/name" gives
 * that user's unique id, which another user of the same name does not have; the account's number or
 * the ARN of its root gives the account. *arn is how the name is to be written. USER_ABSENT: nobody
 * here. */
fallible identity_id_of(struct call *, struct bytes named, struct bytes *id, struct bytes *arn);

/* The signing key of the scope (day "20261121", region, service) for the principal just found: 32
 * bytes, borrowed until the call ends. Kept in the worker's cache only once identity_vouch says
 * that a signature verified with it; at most 16 scopes per access key. */
fallible identity_signing_key(struct call *, struct bytes day, struct bytes region,
                              struct bytes service, struct sensitive_view *key);
void identity_vouch(struct call *, struct bytes day, struct bytes region, struct bytes service);

/* --- what `coffer init` does, without a principal, in an open transaction --- */

struct identity_new_key {
    struct bytes id;          /* "AKIA..." 20 characters */
    struct sensitive *secret; /* 40 characters; shown once */
};

fallible identity_create_account(struct call *, struct bytes id, struct bytes name);
/* `user` empty: a key of the account's root. `given` NULL: drawn; else (coffer dev) these. */
fallible identity_create_key(struct call *, struct bytes account, struct bytes user,
                             const struct identity_new_key *given, struct identity_new_key *out);

/* --- operations; spoken in the native protocol and in IAM's words --- */

/* Lists of whatever is named, in the order of the names: which page, and whether there is more. */
struct identity_page {
    struct bytes after;   /* the `next` of the page before */
    struct maybe_int max; /* 100 if not said */
};
struct identity_more {
    struct bytes next; /* NULL: no more */
    bool there;
};

/* By name, inside the caller's own account. Where no name is said, the caller himself: a user, or
 * the account's root; over the admin socket the root. */
struct user_in { /* path, tags, boundary: create alone */
    struct bytes name, path;
    struct bytes boundary; /* no policy can be one so far: refused */
    struct pairs tags;
};
struct user_item { /* of the root: id, arn and created */
    struct bytes name, path, id, arn;
    struct moment created;
    struct pairs tags;
};
struct user_update_in {
    struct bytes name, new_name, new_path; /* empty: as it is */
};
struct user_list_in {
    struct bytes prefix; /* of the path; empty: all */
    struct identity_page page;
};
struct user_list_out {
    struct {
        const struct user_item *at;
        size_t n;
    } users;
    struct identity_more more;
};
struct user_tags_in { /* tags: to put; keys: to take away; page: to list */
    struct bytes name;
    struct pairs tags;
    struct texts keys;
    struct identity_page page;
};
struct user_tags_out {
    struct pairs tags;
    struct identity_more more;
};
struct access_key_in { /* id: not for create and list; status: update alone; page: list alone */
    struct bytes user;
    struct bytes id;
    struct bytes status; /* "Active", "Inactive" */
    struct identity_page page;
};
struct access_key_used_out {
    struct bytes user;
    struct moment last;           /* its day; 0: never */
    struct bytes service, region; /* "N/A": which it was is not kept */
};
struct access_key_item {
    struct bytes user, id, status;
    struct moment created, last_used;
};
struct access_key_create_out {
    struct bytes user, id, status;
    struct sensitive *secret; /* told here, and never again */
    struct moment created;
};
struct access_key_list_out {
    struct {
        const struct access_key_item *at;
        size_t n;
    } keys;
    struct identity_more more;
};
struct user_policy_in { /* all rows take it; document: put alone; page: list alone */
    struct bytes user, name, document;
    struct identity_page page;
};
struct user_policy_out {
    struct bytes user, name, document;
};
struct user_policy_list_out {
    struct texts names;
    struct identity_more more;
};
struct role_in { /* by name; the others: create, and what is updated */
    struct bytes name, path, description;
    struct bytes trust;       /* the policy that says who may assume it */
    struct maybe_int seconds; /* that a session of it lasts at most; an hour if not said */
    struct bytes boundary;    /* no policy can be one so far: refused */
    struct pairs tags;
};
struct role_item {
    struct bytes name, path, id, arn, trust, description;
    struct moment created;
    int64_t max_session;
    struct pairs tags;
};
struct role_list_in {
    struct bytes prefix; /* of the path; empty: all */
    struct identity_page page;
};
struct role_list_out {
    struct {
        const struct role_item *at;
        size_t n;
    } roles;
    struct identity_more more;
};
extern const struct operation role_create, role_get, role_list, role_update, role_update_trust,
    role_delete;
/* In and out are those of a user's policies, the role's name for the user's. */
extern const struct operation role_policy_put, role_policy_get, role_policy_delete,
    role_policy_list;

struct session_get_in {
    struct maybe_int seconds;
    struct bytes device; /* of a second factor, and what it shows: nobody has one, so refused */
    struct sensitive *code;
};
struct session_credentials {
    struct bytes id;                  /* "ASIA..." */
    struct sensitive *secret, *token; /* told here, and never again */
    struct moment expires;
};
struct access_key_owner_out {
    struct bytes account;
};
struct session_revoke_in { /* one of the two */
    struct bytes user;
    struct maybe_bool all;
};
struct session_federate_in {
    struct bytes name, policy;
    struct texts policies; /* ARNs: of managed policies there are none so far, so refused */
    struct maybe_int seconds;
    struct pairs tags;
};
struct session_federate_out {
    struct session_credentials credentials;
    struct bytes id, arn; /* "123456789012:name", "arn:aws:sts::123456789012:federated-user/name" */
    int64_t packed;       /* how full of policy and tags the token is, in percent */
};
struct session_assume_in {
    struct bytes role, name; /* the role's ARN, and what the session is to be called */
    struct bytes policy, external_id;
    struct texts policies; /* ARNs: of managed policies there are none so far, so refused */
    struct maybe_int seconds;
    struct pairs tags;
    struct texts transitive; /* these three are refused, too */
    struct bytes source_identity;
    struct pairs contexts;
    struct bytes device; /* of a second factor, and what it shows: nobody has one, so refused */
    struct sensitive *code;
};
struct session_assume_out {
    struct session_credentials credentials;
    struct bytes id, arn;    /* "AROA...:name", "arn:aws:sts::1234:assumed-role/role/name" */
    struct maybe_int packed; /* as of a federated user; not said without policy and tags */
};
extern const struct operation session_get, session_federate, session_assume, session_revoke,
    access_key_owner;
struct identity_caller_out {
    struct bytes id, account, arn; /* of who asks */
};
extern const struct operation identity_caller;
extern const struct operation user_create, user_get, user_list, user_update, user_delete;
extern const struct operation user_tag, user_untag, user_tags;
extern const struct operation access_key_create, access_key_update, access_key_delete,
    access_key_list, access_key_used;
extern const struct operation user_policy_put, user_policy_get, user_policy_delete,
    user_policy_list;
