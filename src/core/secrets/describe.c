/* Tell everything of a secret but its values; also of one that is scheduled for deletion. */
#include "core/marks.h"
#include "core/secrets/secret.h"

static fallible last_accessed(struct call *c, const struct secret *secret, struct moment *out)
{
    struct bytes key;

    TRY(secret_use_key(c, secret, &key));
    return mark_read(c, key, out);
}

static fallible run(struct call *c, const void *in, void *out_)
{
    struct secret_describe_out *out = out_;
    const struct secret *secret = secret_located(c);
    struct secret_versions versions;

    (void)in;
    TRY(secret_labelled(c, secret, &versions));
    *out = (struct secret_describe_out){.arn = secret->arn,
                                        .name = secret->name,
                                        .description = secret->description,
                                        .kms_key = secret->kms_key,
                                        .created = {secret->created},
                                        .last_changed = {secret->changed},
                                        .deleted = {secret->deleted},
                                        .tags = {secret->tags, secret->tag_count}};
    out->versions.at = versions.at;
    out->versions.n = versions.n;
    return last_accessed(c, secret, &out->last_accessed);
}

const struct operation secret_describe = {
    .name = "secret.describe",
    .action = "secretsmanager:DescribeSecret",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_describe_in),
    .out_size = sizeof(struct secret_describe_out),
    .audit = (const struct audited[]){AUDITED(secret_describe_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
