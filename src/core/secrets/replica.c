/* replica: whatever is done in another region is done there: the call goes there and comes back,
 * since keys, ARNs and associated data all name its region. */
#include "core/secrets/replica.h"

#include "core/marks.h"
#include "core/perform.h"
#include "core/record.h"
#include "core/region.h"
#include "core/secrets/policy.h"
#include "core/secrets/stages.h"
#include "core/secrets/value.h"
#include "core/worker.h"

#include <string.h>

FAULT(SECRET_REPLICA, FAULT_STATE, "secret.replica",
      "The secret is a replica: it is changed with its primary, in that one's region.");
FAULT(SECRET_REPLICA_REGION, FAULT_CALLER, "secret.replica_region",
      "Nothing can be replicated to that region.");
FAULT(SECRET_REPLICAS_FULL, FAULT_LIMIT, "secret.replicas_full",
      "A secret is replicated to 16 regions at most.");

enum { REGION = 1, KMS_KEY, FAILED };
enum { SENTENCE = 128 };

/* --- the record's member --- */

fallible replicas_read(struct call *c, struct fields *f, uint64_t key, struct secret *secret)
{
    struct bytes list = fields_list(f, key, &secret->replica_count);

    secret->replicas = arena_get(c->arena, (secret->replica_count + 1) * sizeof(struct replica));
    ENSURE(secret->replicas != NULL, ARENA_SPENT);
    for (size_t i = 0; i < secret->replica_count; i++) {
        struct fields own = fields_of(list);

        secret->replicas[i].region = fields_text(&own, REGION);
        secret->replicas[i].kms_key = fields_text(&own, KMS_KEY);
        secret->replicas[i].failed = fields_text(&own, FAILED);
        TRY(fields_leave(&own, &list));
    }
    return OK;
}

static void write_text(struct cbor_map *map, uint64_t key, struct bytes text)
{
    if (text.at != NULL)
        cbor_put_text(cbor_map_key(map, key), text);
}

void replicas_write(struct cbor_map *record, uint64_t key, const struct secret *secret)
{
    if (secret->replica_count == 0)
        return;
    cbor_put_array(cbor_map_key(record, key), secret->replica_count);
    for (size_t i = 0; i < secret->replica_count; i++) {
        struct cbor_map map = cbor_map_open(record->buf);

        write_text(&map, REGION, secret->replicas[i].region);
        write_text(&map, KMS_KEY, secret->replicas[i].kms_key);
        write_text(&map, FAILED, secret->replicas[i].failed);
        cbor_map_close(&map);
    }
}

/* --- there and back --- */

static struct bytes go(struct call *c, struct bytes region)
{
    const struct bytes from = c->region;

    c->region = region;
    return from;
}

/* NULL: there is none. */
static fallible find(struct call *c, struct bytes name, struct secret **found)
{
    const struct fault *fault = secret_of_name(c, name, found);

    if (fault != SECRET_ABSENT)
        return fault;
    *found = NULL;
    return OK;
}

static bool follows(const struct secret *found, const struct secret *primary, struct bytes home)
{
    return bytes_same(found->follows, home) && bytes_same(found->suffix, primary->suffix);
}

/* --- following --- */

static fallible copy_value(struct call *c, const struct secret *primary, struct bytes home,
                           const struct secret *copy, struct version *version)
{
    const struct bytes there = go(c, home);
    struct value value;
    const struct fault *fault = value_open(c, primary, version->id, &value);

    go(c, there);
    TRY(fault);
    return value_seal(c, copy, version, &value);
}

static fallible copy_versions(struct call *c, const struct secret *primary, struct bytes home,
                              const struct secret *before, struct secret *copy)
{
    const size_t n = primary->version_count;

    copy->version_count = 0;
    copy->versions = arena_get(c->arena, (n + 1) * sizeof(struct version));
    ENSURE(copy->versions != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        const struct version *version = &primary->versions[i];
        const bool there = before != NULL && version_find(before, version->id) != NULL;

        if (!there && version->stage_count == 0)
            continue;
        copy->versions[copy->version_count] = *version;
        if (!there)
            TRY(copy_value(c, primary, home, copy, &copy->versions[copy->version_count]));
        copy->version_count++;
    }
    return OK;
}

static fallible drop_values(struct call *c, const struct secret *primary,
                            const struct secret *before)
{
    for (size_t i = 0; i < before->version_count; i++)
        if (version_find(primary, before->versions[i].id) == NULL)
            TRY(value_drop(c, before, before->versions[i].id));
    return OK;
}

static fallible keep_policy(struct call *c, const struct secret *primary, struct bytes home,
                            struct secret_policy *policy)
{
    const struct bytes there = go(c, home);
    const struct fault *fault = secret_policy_keep(c, primary, policy);

    go(c, there);
    return fault;
}

/* copy->policy: which one it has; stamps tell policies apart. */
static fallible copy_policy(struct call *c, const struct secret *primary, struct bytes home,
                            struct secret *copy)
{
    struct secret_policy policy;

    if (copy->policy == primary->policy)
        return OK;
    if (primary->policy != 0) {
        TRY(keep_policy(c, primary, home, &policy));
        TRY(secret_policy_save(c, copy, &policy));
    } else {
        TRY(secret_policy_drop(c, copy));
    }
    copy->policy = primary->policy;
    return OK;
}

/* The primary's likeness, but for what is its own. */
static fallible follow(struct call *c, const struct secret *primary, struct bytes home,
                       const struct replica *replica)
{
    struct secret copy = *primary, *before;

    TRY(find(c, primary->name, &before));
    ENSURE(before == NULL || follows(before, primary, home), RECORD_DAMAGED);
    TRY(secret_key(c, copy.name, &copy.key));
    TRY(secret_arn(c, copy.name, copy.suffix, &copy.arn));
    copy.old = before != NULL ? before->old : (struct bytes){0};
    copy.carried_id = before != NULL ? before->carried_id : (struct bytes){0};
    copy.carried = before != NULL ? before->carried : (struct bytes){0};
    copy.policy = before != NULL ? before->policy : 0;
    copy.kms_key = replica->kms_key;
    copy.token = (struct bytes){0};
    copy.follows = home;
    copy.replica_count = 0;
    TRY(copy_versions(c, primary, home, before, &copy));
    if (before != NULL)
        TRY(drop_values(c, primary, before));
    TRY(copy_policy(c, primary, home, &copy));
    return secret_write(c, &copy);
}

fallible replicas_follow(struct call *c, const struct secret *primary)
{
    for (size_t i = 0; i < primary->replica_count; i++) {
        const struct replica *replica = &primary->replicas[i];
        const struct fault *fault;
        struct bytes home;

        if (replica->failed.at != NULL)
            continue;
        home = go(c, replica->region);
        fault = follow(c, primary, home, replica);
        go(c, home);
        TRY(fault);
    }
    return OK;
}

/* --- regions come and go --- */

static struct replica *replica_in(const struct secret *secret, struct bytes region)
{
    for (size_t i = 0; i < secret->replica_count; i++)
        if (bytes_same(secret->replicas[i].region, region))
            return &secret->replicas[i];
    return NULL;
}

/* One of this server's others, of the same partition: no AWS region reaches into another. */
static bool region_fits(const struct call *c, struct bytes region)
{
    return !bytes_same(region, c->region) && region_served(c->worker->house, region) &&
           bytes_same(region_partition(region), region_partition(c->region));
}

static fallible say(struct call *c, const char *middle, struct bytes name, struct bytes tail,
                    struct bytes *sentence)
{
    struct buf b = buf_open(c->arena, SENTENCE);

    buf_add(&b, LIT("Replication failed: Secret name "));
    buf_add(&b, name);
    buf_add_text(&b, middle);
    buf_add(&b, c->region);
    buf_add(&b, tail);
    return buf_done(&b, sentence);
}

static fallible may_overwrite(struct call *c, const struct secret *found)
{
    struct resource resource;

    TRY(secret_as_resource(c, found, &resource));
    return also_allowed(c, secret_delete.action, &resource);
}

/* Is the place for a replica free, or can it be made so? If not, *failed says why. What only waits
 * to be purged has its place still: it waits longer while the clock is in doubt. */
static fallible take_place(struct call *c, const struct secret *primary, struct bytes home,
                           bool force, struct bytes *failed)
{
    struct secret *found;

    TRY(find(c, primary->name, &found));
    if (found == NULL || follows(found, primary, home))
        return OK;
    if (found->follows.at != NULL || found->replica_count != 0)
        return say(c, " is currently replicated to ", primary->name, LIT(" with a different arn."),
                   failed);
    if (!force)
        return say(c, " already exists in region ", primary->name, LIT("."), failed);
    TRY(may_overwrite(c, found));
    return secret_destroy(c, found);
}

static fallible add(struct call *c, struct secret *secret, const struct pair *wanted, bool force)
{
    struct replica *replica = replica_in(secret, wanted->name);
    const struct fault *fault;
    struct bytes home;

    ENSURE(region_fits(c, wanted->name), SECRET_REPLICA_REGION);
    if (replica != NULL && replica->failed.at == NULL)
        return OK;
    if (replica == NULL)
        replica = &secret->replicas[secret->replica_count++];
    ENSURE(secret->replica_count <= SECRET_REPLICAS_MOST, SECRET_REPLICAS_FULL);
    *replica = (struct replica){.region = wanted->name, .kms_key = secret_said(wanted->value)};
    home = go(c, wanted->name);
    fault = secret_kms_key_fits(c, wanted->value);
    if (fault == OK)
        fault = take_place(c, secret, home, force, &replica->failed);
    go(c, home);
    return fault;
}

fallible replicas_add(struct call *c, struct secret *secret, struct pairs wanted, bool force)
{
    struct replica *more =
        arena_get(c->arena, (secret->replica_count + wanted.n + 1) * sizeof(struct replica));

    ENSURE(more != NULL, ARENA_SPENT);
    if (secret->replica_count != 0)
        memcpy(more, secret->replicas, secret->replica_count * sizeof(struct replica));
    secret->replicas = more;
    for (size_t i = 0; i < wanted.n; i++)
        TRY(add(c, secret, &wanted.at[i], force));
    return OK;
}

static fallible destroy(struct call *c, const struct secret *primary, struct bytes home)
{
    struct secret *found;

    TRY(find(c, primary->name, &found));
    if (found == NULL || !follows(found, primary, home))
        return OK;
    return secret_destroy(c, found);
}

static void strike(struct secret *secret, struct replica *replica)
{
    const size_t after = secret->replica_count - (size_t)(replica - secret->replicas) - 1;

    memmove(replica, replica + 1, after * sizeof *replica);
    secret->replica_count--;
}

fallible replica_remove(struct call *c, struct secret *secret, struct bytes region)
{
    struct replica *replica = replica_in(secret, region);
    const struct fault *fault = OK;
    struct bytes home;

    if (replica == NULL)
        return region_fits(c, region) ? OK : SECRET_REPLICA_REGION;
    home = go(c, region);
    if (replica->failed.at == NULL)
        fault = destroy(c, secret, home);
    go(c, home);
    strike(secret, replica);
    return fault;
}

static fallible forget(struct call *c, const struct secret *replica, struct bytes region)
{
    struct secret *primary;
    struct replica *entry;

    TRY(find(c, replica->name, &primary));
    if (primary == NULL || !bytes_same(primary->suffix, replica->suffix))
        return OK;
    entry = replica_in(primary, region);
    if (entry == NULL)
        return OK;
    strike(primary, entry);
    primary->changed = c->now;
    return secret_save(c, primary);
}

fallible replica_forget(struct call *c, const struct secret *replica)
{
    const struct bytes here = go(c, replica->follows);
    const struct fault *fault = forget(c, replica, here);

    go(c, here);
    return fault;
}

/* --- telling --- */

static fallible tell(struct call *c, const struct secret *secret, const struct replica *replica,
                     struct secret_replication *out)
{
    const bool failed = replica->failed.at != NULL;
    const struct bytes home = go(c, replica->region);
    struct bytes key;
    const struct fault *fault = secret_use_key(c, secret, &key);

    *out = (struct secret_replication){
        .region = replica->region,
        .kms_key = replica->kms_key.at != NULL ? replica->kms_key : LIT("alias/aws/secretsmanager"),
        .status = failed ? LIT("Failed") : LIT("InSync"),
        .message = failed ? replica->failed : LIT("Replication succeeded")};
    if (fault == OK && !failed)
        fault = mark_read(c, key, &out->last_accessed);
    go(c, home);
    return fault;
}

fallible replicas_tell(struct call *c, const struct secret *secret, struct secret_replications *out)
{
    struct secret_replication *at =
        arena_get(c->arena, (secret->replica_count + 1) * sizeof(struct secret_replication));

    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < secret->replica_count; i++)
        TRY(tell(c, secret, &secret->replicas[i], &at[i]));
    *out = (struct secret_replications){at, secret->replica_count};
    return OK;
}
