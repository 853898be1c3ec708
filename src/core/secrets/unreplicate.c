/* Delete a secret's replicas in some regions, at once. */
#include "core/secrets/replica.h"

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_unreplicate_in *in = in_;
    struct secret_replicate_out *out = out_;
    struct secret *secret = secret_located(c);

    TRY(secret_changeable(secret));
    for (size_t i = 0; i < in->regions.n; i++)
        TRY(replica_remove(c, secret, in->regions.at[i]));
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    out->arn = secret->arn;
    return replicas_tell(c, secret, &out->replication);
}

const struct operation secret_unreplicate = {
    .name = "secret.unreplicate",
    .action = "secretsmanager:RemoveRegionsFromReplication",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_unreplicate_in),
    .out_size = sizeof(struct secret_replicate_out),
    .audit =
        (const struct audited[]){AUDITED(secret_unreplicate_in, id, "secretId"),
                                 AUDITED(secret_unreplicate_in, regions, "removeReplicaRegions"),
                                 {0}},
    .locate = secret_locate,
    .run = run,
};
