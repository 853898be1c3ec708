/* Make a replica a secret of its own; its primary forgets it. */
#include "core/secrets/replica.h"

FAULT(SECRET_NO_REPLICA, FAULT_STATE, "secret.no_replica", "The secret is not a replica.");

static fallible run(struct call *c, const void *in, void *out_)
{
    struct secret_promote_out *out = out_;
    struct secret *secret = secret_located(c);

    (void)in;
    ENSURE(secret->follows.at != NULL, SECRET_NO_REPLICA);
    TRY(replica_forget(c, secret));
    secret->follows = (struct bytes){0};
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    out->arn = secret->arn;
    return OK;
}

const struct operation secret_promote = {
    .name = "secret.promote",
    .action = "secretsmanager:StopReplicationToReplica",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_promote_in),
    .out_size = sizeof(struct secret_promote_out),
    .audit = (const struct audited[]){AUDITED(secret_promote_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
