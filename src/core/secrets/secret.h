/* secret: the record of one secret: all but its values, save the current one. Found by name or ARN,
 * read and written whole. For this folder alone; all of it lies in the call's arena. */
#pragma once

#include "core/limits.h"
#include "core/resource.h"
#include "core/secrets/secrets.h"

enum { SECRET_SUFFIX = 6, SECRET_NAME_MOST = 512 };

#define AWSCURRENT  LIT("AWSCURRENT")
#define AWSPREVIOUS LIT("AWSPREVIOUS")
#define AWSPENDING  LIT("AWSPENDING")

struct version {
    struct bytes id;
    int64_t created;
    struct bytes *stages;
    size_t stage_count;
    struct bytes fresh; /* its value, not stored yet; at NULL: it is */
};

/* How it is to be rotated; see rotation.h. */
struct rotation {
    bool known, enabled;             /* ever configured; and now on */
    int64_t days;                    /* between rotations; of a schedule what it comes to */
    struct bytes schedule, duration; /* as given; at NULL: days alone, the usual window */
    struct bytes function;           /* the ARN of what carries it out; at NULL: a partner does */
    int64_t since, next; /* when it was configured, and on or before when it is due; 0: never */
};

/* One region of a primary. */
struct replica {
    struct bytes region, kms_key; /* the key at NULL: never said */
    struct bytes failed;          /* why there is no replica; at NULL: there is */
};

struct secret {
    struct bytes key; /* in the store */
    struct bytes name, suffix, arn;
    int64_t created, changed;
    int64_t deleted, due;              /* when it was asked to go, and when it goes; 0: not */
    struct bytes description, kms_key; /* at NULL: never said */
    struct bytes token;                /* of a creation without value, so that it can be repeated */
    struct pair *tags;
    size_t tag_count;
    struct bytes type;     /* of a secret that a partner holds; at NULL: of the usual type */
    struct pairs external; /* what its rotation has to know, and as whom it rotates */
    struct bytes external_role;
    struct version *versions; /* oldest first; room for one more than there may be */
    size_t version_count;
    /* When its resource policy was put (core/secrets/policy.h), each later than the one before; 0:
     * it has none. Of a replica: its primary's. */
    int64_t policy;
    struct rotation rotation;
    /* The value of the version that is current, when it is a short one (core/secrets/value.h), so
     * that it is found with the record; at NULL: it has a row of its own, as all others have. */
    struct bytes carried_id, carried;
    struct replica *replicas; /* of a primary: the other regions it is in (replica.h) */
    size_t replica_count;
    struct bytes follows;        /* of a replica: its primary's region; at NULL: it is none */
    struct bytes primary_region; /* of either, as it was read; at NULL: neither */
    struct bytes old;            /* the body that it was read from */
};

/* locate, for rows whose `in` begins with the id: sets call->located, and names the thing also when
 * it is absent. A secret whose window has ended is absent. */
fallible secret_locate(struct call *, const void *in, struct resource *);
fallible secret_seek(struct call *, struct resource *); /* its resource->find */
struct secret *secret_located(const struct call *);
/* The name that was asked for, in either way of asking; false: nothing that could be one of ours.
 */
bool secret_asked(const struct call *, const struct resource *, struct bytes *name);

/* By its exact name; SECRET_ABSENT when there is no record. One whose window has ended is still
 * found. */
fallible secret_of_name(struct call *, struct bytes name, struct secret **);
fallible secret_of_key(struct call *, struct bytes account, struct bytes key, struct secret **);
fallible secret_parse(struct call *, struct bytes key, struct bytes body, struct secret **);

/* With it, the values of versions that are new, and the replicas: whatever changes a secret ends
 * here. SECRET_REPLICA: a replica is not changed so. */
fallible secret_save(struct call *, struct secret *);
/* The same, of any secret and but for the replicas: for replica.h. */
fallible secret_write(struct call *, struct secret *);
/* The record, its values and its due time: nothing of it is left. */
fallible secret_destroy(struct call *, const struct secret *);

bool secret_name_fits(struct bytes);
bool secret_gone(const struct call *, const struct secret *);
/* SECRET_REPLICA, SECRET_DELETED: only read until it is promoted, or restored. */
fallible secret_changeable(const struct secret *);
/* "arn:aws:secretsmanager:<region>:<account>:secret:<name>-<suffix>" of this call's account and
 * region. */
fallible secret_arn(struct call *, struct bytes name, struct bytes suffix, struct bytes *arn);
fallible secret_key(struct call *, struct bytes name, struct bytes *key);
/* The key under which its last use is marked. */
fallible secret_use_key(struct call *, const struct secret *, struct bytes *key);

/* SECRET_KMS_KEY for any key but the account's default: by its alias, that alias's ARN, or not said
 * (an empty text says so too). */
fallible secret_kms_key_fits(const struct call *, struct bytes key);

/* An empty text says nothing either. */
static inline struct bytes secret_said(struct bytes text)
{
    return text.n != 0 ? text : (struct bytes){0};
}

/* How much this house allows. */
size_t secret_limit(const struct call *, enum limit);

/* What describe and list tell of it: names, times, tags and the labelled versions. */
fallible secret_tell(struct call *, const struct secret *, struct secret_item *);
