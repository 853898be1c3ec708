/* Have a secret in further regions, too. */
#include "core/secrets/replica.h"

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_replicate_in *in = in_;
    struct secret_replicate_out *out = out_;
    struct secret *secret = secret_located(c);

    TRY(secret_changeable(secret));
    TRY(replicas_add(c, secret, in->regions, in->force.said && in->force.value));
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    out->arn = secret->arn;
    return replicas_tell(c, secret, &out->replication);
}

const struct operation secret_replicate = {
    .name = "secret.replicate",
    .action = "secretsmanager:ReplicateSecretToRegions",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_replicate_in),
    .out_size = sizeof(struct secret_replicate_out),
    .audit =
        (const struct audited[]){AUDITED(secret_replicate_in, id, "secretId"),
                                 AUDITED(secret_replicate_in, regions, "addReplicaRegions"),
                                 AUDITED(secret_replicate_in, force, "forceOverwriteReplicaSecret"),
                                 {0}},
    .locate = secret_locate,
    .run = run,
};
