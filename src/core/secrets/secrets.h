/* secrets: named values with versions and staging labels, in no cloud's words but with AWS's
 * semantics, the richest of the four (SEMANTICS 5). Each version's value is sealed under a data key
 * of its own, under the account's key. A deleted secret is absent to readers from the second its
 * window ends, whether or not the runner has been there. */
#pragma once

#include "core/operation.h"

extern const struct fault SECRET_ABSENT[1];          /* no such secret */
extern const struct fault SECRET_EXISTS[1];          /* subjects: name */
extern const struct fault SECRET_NAME[1];            /* characters outside the name alphabet */
extern const struct fault SECRET_DELETED[1];         /* marked for deletion */
extern const struct fault SECRET_NAME_DELETED[1];    /* create over a scheduled deletion */
extern const struct fault SECRET_STAGE_ABSENT[1];    /* subjects: stage */
extern const struct fault SECRET_VERSION_ABSENT[1];  /* subjects: version id */
extern const struct fault SECRET_STAGE_ELSEWHERE[1]; /* version and stage disagree */
extern const struct fault SECRET_TOKEN_MISSING[1];   /* a value without a token */
extern const struct fault SECRET_TOKEN_USED[1];      /* subjects: token, arn */
extern const struct fault SECRET_GUESSES[1];         /* ten of these in this minute: not compared */
extern const struct fault SECRET_TWO_VALUES[1];      /* text and binary */
extern const struct fault SECRET_NO_VALUE[1];        /* put without either */
extern const struct fault SECRET_VERSIONS_FULL[1];   /* 100 versions, none may go */
extern const struct fault SECRET_STAGES_FULL[1];     /* more than 20 labels on a version */
extern const struct fault SECRET_CURRENT_STAYS[1];   /* AWSCURRENT can be moved, not detached */
extern const struct fault SECRET_WINDOW[1];          /* recovery window outside 7..30 */
extern const struct fault SECRET_WINDOW_AND_FORCE[1];
extern const struct fault SECRET_PAGE[1];          /* a page token that is not ours */
extern const struct fault SECRET_KMS_KEY[1];       /* other than the account's default */
extern const struct fault SECRET_TAG_TWICE[1];     /* subjects: key */
extern const struct fault SECRET_TAG_RESERVED[1];  /* begins with aws:; subjects: key */
extern const struct fault SECRET_TAGS_FULL[1];     /* more than 50 */
extern const struct fault SECRET_FILTER_KEY[1];    /* a filter without a key */
extern const struct fault SECRET_FILTER_VALUES[1]; /* or without values; subjects: the key */
extern const struct fault SECRET_BATCH_WHICH[1];   /* ids and filters, or neither */
extern const struct fault SECRET_BATCH_PAGE[1];   /* a page without filters; subjects: the member */
extern const struct fault PASSWORD_EMPTY[1];      /* every character is excluded */
extern const struct fault PASSWORD_KIND_EMPTY[1]; /* or all of a kind that has to be there */
extern const struct fault PASSWORD_SHORT[1];      /* shorter than there are such kinds */
extern const struct fault SECRET_BEYOND[1];       /* subjects: a member not served yet */
extern const struct fault SECRET_QUOTA[1];
extern const struct fault SECRET_NOT_DUE[1]; /* purge of what is not to be deleted, or not yet */
/* The version that a label leaves (RemoveFromVersionId) was not named; was not the one that has it.
 * Subjects: stage, version. */
extern const struct fault SECRET_STAGE_OWNED[1];
extern const struct fault SECRET_STAGE_NOT_THERE[1];
extern const struct fault SECRET_POLICY_NAME[1];   /* there is but the policy called "default" */
extern const struct fault SECRET_POLICY_ABSENT[1]; /* the same, of a policy to be read */
extern const struct fault SECRET_POLICY_PUBLIC[1]; /* BlockPublicPolicy, and it lets everybody in */
extern const struct fault SECRET_REPLICA[1];       /* changed with its primary alone */
extern const struct fault SECRET_NO_REPLICA[1];    /* nothing to promote */
extern const struct fault SECRET_REPLICA_REGION[1];    /* its own, or not one that is served */
extern const struct fault SECRET_REPLICAS_FULL[1];     /* more than 16 regions */
extern const struct fault SECRET_HAS_REPLICAS[1];      /* subjects: arn, their regions */
extern const struct fault SECRET_ROTATION_TOKEN[1];    /* a rotation without a token */
extern const struct fault SECRET_TWO_SCHEDULES[1];     /* days and an expression */
extern const struct fault SECRET_NO_SCHEDULE[1];       /* neither, here or before */
extern const struct fault SECRET_NO_FUNCTION[1];       /* nobody to carry it out was ever named */
extern const struct fault SECRET_FUNCTION_UNUSABLE[1]; /* named, but cannot be called */
extern const struct fault SECRET_ROTATING[1];          /* AWSPENDING is on another version */
extern const struct fault SECRET_NOT_ROTATED[1];       /* rotation was never configured */

struct secret_replication { /* how a secret does in another region */
    struct bytes region, kms_key, status, message;
    struct moment last_accessed; /* the day of the replica's last use */
};
struct secret_replications LIST_OF(secret_replication);
struct secret_create_in {
    struct bytes name, token, description, kms_key;
    struct sensitive *text, *binary;
    struct pairs tags;
    struct pairs replica_regions;       /* a region and the key there, which may be at NULL */
    struct bytes type;                  /* what partner holds it */
    struct bytes cross_account_primary; /* refused for now: SECRET_BEYOND */
    struct maybe_bool force_replica;
};
struct secret_create_out {
    struct bytes arn, name, version; /* version NULL: created without a value */
    struct secret_replications replication;
};

struct secret_read_in {
    struct bytes id, version, stage; /* neither: AWSCURRENT */
};
struct secret_read_out {
    struct bytes arn, name, version;
    struct sensitive *text, *binary; /* the one that was stored */
    struct texts stages;
    struct moment created;
};

struct secret_put_in {
    struct bytes id, token;
    struct sensitive *text, *binary;
    struct sensitive *rotation_token; /* NULL: none; refused for now: SECRET_BEYOND */
    struct texts stages;
};
struct secret_put_out {
    struct bytes arn, name, version;
    struct texts stages;
};

struct secret_update_in {
    struct bytes id, token, description, kms_key, type;
    struct sensitive *text, *binary;
};
struct secret_update_out {
    struct bytes arn, name, version; /* version NULL: no new value */
};

struct secret_describe_in {
    struct bytes id;
};
struct secret_version_stages {
    struct bytes version;
    struct texts stages;
};
struct secret_item { /* all but the values: what describe tells, and list of each */
    struct bytes arn, name, description, kms_key;
    struct bytes type, external_role; /* of one that a partner holds */
    struct pairs external;
    struct moment created, last_changed, last_accessed, deleted;
    struct pairs tags;
    struct {
        const struct secret_version_stages *at;
        size_t n;
    } versions; /* labelled ones only */
    struct maybe_bool rotation_enabled;
    struct maybe_int rotation_days;
    struct bytes schedule, duration, rotation_function;
    struct moment next_rotation;
    struct bytes primary_region;            /* of a secret that is replicated, and of a replica */
    struct secret_replications replication; /* of a primary; list leaves it out */
};

struct secret_filter {
    struct bytes key; /* "name", "description", "tag-key", "tag-value", "all", ... */
    struct texts values;
};
struct secret_filters LIST_OF(secret_filter);
struct secret_list_in {
    struct maybe_int max;             /* 1 to 100; else 100 */
    struct bytes next;                /* of the page before */
    struct bytes sort_order, sort_by; /* in the wire's words; see list.c */
    struct maybe_bool include_planned_deletion;
    struct secret_filters filters;
};
struct secret_list_out {
    struct {
        const struct secret_item *at;
        size_t n;
    } secrets;
    struct bytes next; /* NULL: no more */
};

/* Moves a label; empty members: it was nowhere, it goes nowhere. */
struct secret_stage_in {
    struct bytes id, stage, remove_from, move_to;
};
struct secret_stage_out {
    struct bytes arn, name;
};

/* Says how a secret is to be rotated. What is not said stays as it was said before; days, schedule
 * and duration are said together. Nothing carries a rotation out yet: one at once is refused. */
struct secret_rotate_in {
    struct bytes id, token;
    struct bytes function; /* the ARN of what carries it out */
    struct maybe_int days; /* 1 to 1000; or: */
    struct bytes schedule; /* codec/schedule.h */
    struct bytes duration; /* "3h" */
    struct bytes role;     /* with `details`: a partner carries it out */
    struct pairs details;
    struct maybe_bool at_once; /* not said: yes */
};
struct secret_rotate_out {
    struct bytes arn, name, version; /* of what is being made; version NULL: nothing */
};

struct secret_cancel_rotation_in {
    struct bytes id;
};

struct secret_replicate_in {
    struct bytes id;
    struct pairs regions;    /* as replica_regions */
    struct maybe_bool force; /* overwrite what has the name there */
};
struct secret_unreplicate_in {
    struct bytes id;
    struct texts regions;
};
struct secret_replicate_out {
    struct bytes arn;
    struct secret_replications replication;
};
struct secret_promote_in {
    struct bytes id;
};
struct secret_promote_out {
    struct bytes arn;
};

struct secret_delete_in {
    struct bytes id;
    struct maybe_int window_days;
    struct maybe_bool force;
};
struct secret_delete_out {
    struct bytes arn, name;
    struct moment deletion; /* when it will be gone */
};

struct secret_restore_in {
    struct bytes id;
};
struct secret_restore_out {
    struct bytes arn, name;
};

/* Tags with new values, and tags that are new; the others stay. */
struct secret_tag_in {
    struct bytes id;
    struct pairs tags;
};
struct secret_untag_in { /* what is not there need not go */
    struct bytes id;
    struct texts keys;
};

/* The resource policy of a secret. `name` is "default" or not said. */
struct secret_policy_put_in {
    struct bytes id, document, name;
    struct maybe_bool block_public;
};
struct secret_policy_in { /* get and delete */
    struct bytes id, name;
};
struct secret_policy_out { /* all three */
    struct bytes arn, name;
    struct bytes policy;   /* its name; get: NULL with the document */
    struct bytes document; /* get alone; NULL: it has none */
};
struct secret_policy_validate_in {
    struct bytes id; /* empty: of no secret in particular */
    struct bytes document;
};
struct secret_policy_finding {
    struct bytes check, message;
};
struct secret_policy_validate_out {
    bool passed;
    struct {
        const struct secret_policy_finding *at;
        size_t n;
    } findings;
};

struct secret_versions_in {
    struct bytes id;
    struct maybe_int max;         /* 1 to 100; else 100 */
    struct bytes next;            /* of the page before */
    struct maybe_bool deprecated; /* also those without labels */
};
struct secret_version_item {
    struct bytes id;
    struct texts stages;
    struct moment last_accessed, created;
    struct texts kms_keys;
};
struct secret_versions_out {
    struct bytes arn, name;
    struct {
        const struct secret_version_item *at;
        size_t n;
    } versions;        /* oldest first */
    struct bytes next; /* NULL: no more */
};

/* The values of several secrets: of those named, or of a page of those that the filters show. What
 * cannot be read is told beside the others, as this operation's caller would have been told. */
struct secret_batch_in {
    struct texts ids;     /* 1 to 20 */
    struct maybe_int max; /* 1 to 20; else 20 */
    struct bytes next;
    struct {
        const struct secret_filter *at;
        size_t n;
    } filters;
};
struct secret_batch_error {
    struct bytes id, code, message; /* in the wire's words */
};
struct secret_batch_out {
    struct {
        const struct secret_read_out *at;
        size_t n;
    } values;
    struct {
        const struct secret_batch_error *at;
        size_t n;
    } errors;
    struct bytes next; /* NULL: no more */
};

struct password_in {
    struct maybe_int length; /* 1 to 4,096; else 32 */
    struct bytes exclude;
    struct maybe_bool no_numbers, no_punctuation, no_uppercase, no_lowercase, space;
    struct maybe_bool each_kind; /* one of each kind that is not left out; else true */
};
struct password_out {
    struct sensitive *password;
};

/* Coffer itself, when a recovery window has ended: value and data keys go. */
struct secret_purge_in {
    struct bytes account, region, name; /* as far as the key holds the name */
    struct bytes key;                   /* of the secret's record */
    struct moment due;
};

extern const struct operation secret_create, secret_read, secret_put, secret_update,
    secret_describe, secret_list, secret_stage, secret_rotate, secret_cancel_rotation,
    secret_replicate, secret_unreplicate, secret_promote, secret_delete, secret_restore,
    secret_purge, secret_tag, secret_untag, secret_batch, secret_versions, password_make;
extern const struct operation secret_policy_put, secret_policy_get, secret_policy_delete,
    secret_policy_validate;
