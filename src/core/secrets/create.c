/* Make a secret, with its first value or without. */
#include "core/perform.h"
#include "core/secrets/replica.h"
#include "core/secrets/stages.h"
#include "core/secrets/tags.h"
#include "core/secrets/value.h"
#include "crypto/random.h"

FAULT(SECRET_EXISTS, FAULT_STATE, "secret.exists", "There is a secret {} already.");
FAULT(SECRET_NAME_DELETED, FAULT_STATE, "secret.name_deleted",
      "A secret of this name is scheduled for deletion.");
FAULT(SECRET_TOKEN_MISSING, FAULT_CALLER, "secret.token_missing",
      "A token that names the new version is needed.");
static fallible fits(struct call *c, const struct secret_create_in *in)
{
    ENSURE(secret_name_fits(in->name) && in->name.n <= SECRET_NAME_MOST, SECRET_NAME);
    ENSURE(in->token.n != 0, SECRET_TOKEN_MISSING);
    if (in->cross_account_primary.at != NULL)
        return why(c, SECRET_BEYOND, LIT("CrossAccountPrimaryARN"));
    TRY(secret_kms_key_fits(c, in->kms_key));
    return tags_fit(c, in->tags);
}

/* The name is taken: the first reply again for the same token and value, else a reason. */
static fallible repeated(struct call *c, const struct secret *secret,
                         const struct secret_create_in *in, const struct value *value,
                         struct secret_create_out *out)
{
    const struct version *version = version_find(secret, in->token);

    if (secret->deleted != 0)
        return SECRET_NAME_DELETED;
    if (secret->follows.at != NULL)
        return why(c, SECRET_EXISTS, in->name);
    if (value->plain != NULL && version != NULL)
        TRY(value_repeated(c, secret, in->token, value));
    else if (value->plain != NULL || !bytes_same(secret->token, in->token))
        return why(c, SECRET_EXISTS, in->name);
    *out = (struct secret_create_out){.arn = secret->arn,
                                      .name = secret->name,
                                      .version = version != NULL ? version->id : (struct bytes){0}};
    return replicas_tell(c, secret, &out->replication);
}

/* Six random alphanumerics. 62 does not divide 256: what would make some likelier is thrown
 * away. */
static fallible draw_suffix(struct call *c, struct bytes *suffix)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t drawn, *at = arena_get(c->arena, SECRET_SUFFIX);

    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t n = 0; n < SECRET_SUFFIX;) {
        TRY(random_fill(&drawn, 1));
        if (drawn < 4 * (sizeof set - 1))
            at[n++] = (uint8_t)set[drawn % (sizeof set - 1)];
    }
    *suffix = (struct bytes){at, SECRET_SUFFIX};
    return OK;
}

static fallible blank(struct call *c, const struct secret_create_in *in, struct secret *secret)
{
    *secret = (struct secret){.name = in->name,
                              .created = c->now,
                              .changed = c->now,
                              .description = secret_said(in->description),
                              .kms_key = secret_said(in->kms_key),
                              .type = secret_said(in->type)};
    secret->versions = arena_new(c->arena, struct version);
    ENSURE(secret->versions != NULL, ARENA_SPENT);
    TRY(tags_put(c, secret, in->tags));
    TRY(draw_suffix(c, &secret->suffix));
    TRY(secret_arn(c, secret->name, secret->suffix, &secret->arn));
    return secret_key(c, secret->name, &secret->key);
}

static fallible make(struct call *c, const struct secret_create_in *in, const struct value *value,
                     struct secret_create_out *out)
{
    struct secret secret;

    TRY(blank(c, in, &secret));
    if (value->plain != NULL)
        TRY(version_add(c, &secret, in->token, value, (struct texts){0}));
    else
        secret.token = in->token;
    TRY(replicas_add(c, &secret, in->replica_regions,
                     in->force_replica.said && in->force_replica.value));
    TRY(secret_save(c, &secret));
    *out =
        (struct secret_create_out){.arn = secret.arn,
                                   .name = secret.name,
                                   .version = value->plain != NULL ? in->token : (struct bytes){0}};
    return replicas_tell(c, &secret, &out->replication);
}

/* What it would be called: that there is one already is told only to who may create it. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct secret_create_in *in = in_;

    resource->asked = in->name;
    resource->type = LIT("AWS::SecretsManager::Secret");
    resource->tags = in->tags;
    return secret_arn(c, in->name, LIT("??????"), &resource->arn);
}

/* Who gives it tags may also tag, and who replicates it replicate. */
static fallible may_also(struct call *c, const struct secret_create_in *in)
{
    struct resource resource = {0};

    TRY(locate(c, in, &resource));
    if (in->tags.n != 0)
        TRY(also_allowed(c, secret_tag.action, &resource));
    if (in->replica_regions.n != 0)
        TRY(also_allowed(c, secret_replicate.action, &resource));
    return OK;
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_create_in *in = in_;
    struct secret *secret;
    struct value value;
    const struct fault *found;

    TRY(fits(c, in));
    TRY(may_also(c, in));
    TRY(value_given(in->text, in->binary, &value));
    found = secret_of_name(c, in->name, &secret);
    if (found == SECRET_ABSENT)
        return make(c, in, &value, out);
    TRY(found);
    return repeated(c, secret, in, &value, out);
}

const struct operation secret_create = {
    .name = "secret.create",
    .action = "secretsmanager:CreateSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_create_in),
    .out_size = sizeof(struct secret_create_out),
    .audit =
        (const struct audited[]){AUDITED(secret_create_in, name, "name"),
                                 AUDITED(secret_create_in, token, "clientRequestToken"),
                                 AUDITED(secret_create_in, description, "description"),
                                 AUDITED(secret_create_in, kms_key, "kmsKeyId"),
                                 AUDITED(secret_create_in, type, "type"),
                                 AUDITED(secret_create_in, tags, "tags"),
                                 AUDITED(secret_create_in, replica_regions, "addReplicaRegions"),
                                 {0}},
    .told = (const struct audited[]){AUDITED(secret_create_out, arn, "arn"),
                                     AUDITED(secret_create_out, version, "versionId"),
                                     {0}},
    .locate = locate,
    .run = run,
};
