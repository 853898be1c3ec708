/* records: what is stored of accounts, users and access keys, read and written whole. For this
 * folder alone. All of it lies in the call's arena. */
#pragma once

#include "core/identity/account.h"
#include "core/identity/identity.h"

struct fields;
struct buf;

/* A user's (or root's) access keys, a user's policies; the version that an account's keys have. */
enum {
    USER_KEYS_MOST = 2,
    USER_POLICIES_MOST = 10,
    USER_TAGS_MOST = 50,
    ACCOUNT_KEY_VERSION = 1,
    USER_NAME_MOST = 64
};

/* Whose access keys these are knows them by their ids; each has a record of its own. */
struct key_ids {
    struct bytes at[USER_KEYS_MOST];
    size_t n;
};

/* Adds; ACCESS_KEY_LIMIT when it has two. */
fallible key_ids_add(struct key_ids *, struct bytes id);
void key_ids_drop(struct key_ids *, struct bytes id);

struct account {
    struct bytes id, name; /* the id is the key's */
    int64_t created;
    struct bytes values_blob, macs_blob;
    struct key_ids keys; /* of its root */
    int64_t not_before;  /* sessions issued up to then have ended; 0: none has */
    struct bytes old;    /* the body that it was read from: unknown members survive */
};

struct user_policy { /* the document as it was written */
    struct bytes name, document;
};

struct user {
    struct bytes name, path, id;
    int64_t created;
    struct key_ids keys;
    struct user_policy policies[USER_POLICIES_MOST];
    size_t policy_count;
    int64_t not_before; /* as the account's, of this user's */
    struct pairs tags;
    struct bytes old;
};

struct access_key {
    struct bytes id;                     /* the key's */
    struct bytes account, user, user_id; /* both of the user empty: the account's root */
    bool active;
    struct bytes blob;
    int64_t created;
    struct bytes old;
};

/* Load, save, drop: in the call's transaction. ACCOUNT_ABSENT, USER_ABSENT, ACCESS_KEY_ABSENT: not
 * there; a record that does not open is RECORD_DAMAGED or RECORD_NEWER. user_parse reads a body
 * that a scan gave. */
fallible account_load(struct call *, struct bytes id, struct account **);
fallible account_save(struct call *, const struct account *);
fallible user_load(struct call *, struct bytes account, struct bytes name, struct user **);
fallible user_save(struct call *, struct bytes account, const struct user *);
fallible user_drop(struct call *, struct bytes account, struct bytes name);
fallible user_parse(struct call *, struct bytes body, struct user **);
fallible access_key_load(struct call *, struct bytes id, struct access_key **);
fallible access_key_save(struct call *, const struct access_key *);
fallible access_key_drop(struct call *, struct bytes id);

/* Between a record's body and what it says, without a store. */
fallible account_parse(struct call *, struct bytes id, struct bytes body, struct account **);
fallible account_write(struct call *, const struct account *, struct bytes *body);
fallible access_key_parse(struct call *, struct bytes id, struct bytes body, struct access_key **);
fallible access_key_write(struct call *, const struct access_key *, struct bytes *body);

/* As the keeper wants them: the blob, and what the key is for. Borrowed from the record. */
struct account_keys account_keys_of(const struct account *);
struct wrapped access_key_wrapped(const struct access_key *);

/* Every change of who may do what goes through here, in its own transaction. */
fallible generation_bump(struct call *, struct bytes account);
fallible generation_key(struct arena *, struct bytes account, struct bytes *key);

/* The key under which an access key's last use is marked. */
fallible last_use_key(struct arena *, struct bytes account, struct bytes access_key_id,
                      struct bytes *key);

/* "arn:aws:iam::123456789012:user/path/name"; name empty: ":root". */
fallible identity_arn(struct call *, struct bytes account, struct bytes path, struct bytes name,
                      struct bytes *arn);

/* "arn:aws:sts::123456789012:federated-user/name" */
fallible identity_federated_arn(struct call *, struct bytes account, struct bytes name,
                                struct bytes *arn);

/* "arn:aws:iam::123456789012:role/path/name";
 * "arn:aws:sts::123456789012:assumed-role/name/session", which knows no path. */
fallible identity_role_arn(struct call *, struct bytes account, struct bytes path,
                           struct bytes name, struct bytes *arn);
fallible identity_assumed_arn(struct call *, struct bytes account, struct bytes role,
                              struct bytes session, struct bytes *arn);

/* Inline policies as they are kept: at most USER_POLICIES_MOST. */
void identity_policies_read(struct fields *, uint64_t key, struct user_policy *, size_t *n);
void identity_policies_write(struct buf *, const struct user_policy *, size_t n);

/* Tags as they are kept: in a list, a name and its value one behind the other. At most
 * USER_TAGS_MOST. */
fallible identity_tags_read(struct call *, struct fields *, uint64_t key, struct pairs *);
void identity_tags_write(struct buf *, struct pairs);

/* `prefix` and then n random characters of A-Z and 2-7. */
fallible identity_draw_id(struct call *, struct bytes prefix, size_t n, struct bytes *id);

/* [A-Za-z0-9_+=,.@-]{1,most} */
bool identity_name_fits(struct bytes, size_t most);

/* For operations: whose users these are. */
struct bytes identity_account(const struct call *);

/* Who is meant where `named` may be left out: the caller. Empty: the account's root, whom only root
 * and the admin socket mean so. USER_UNSAID: the caller is none of them. */
fallible identity_whose(const struct call *, struct bytes named, struct bytes *name);

/* locate: the user named (struct user_in and the like begin differently, so each row's own locate
 * calls this), with his path and tags; the name empty: the root. USER_ABSENT: judged as one without
 * a path. */
fallible identity_locate_user(struct call *, struct bytes name, struct resource *);
