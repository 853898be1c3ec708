/* Tell everything of a secret but its values; also of one that is scheduled for deletion. */
#include "core/secrets/replica.h"

static fallible run(struct call *c, const void *in, void *out)
{
    const struct secret *secret = secret_located(c);
    struct secret_item *item = out;

    (void)in;
    TRY(secret_tell(c, secret, item));
    return replicas_tell(c, secret, &item->replication);
}

const struct operation secret_describe = {
    .name = "secret.describe",
    .action = "secretsmanager:DescribeSecret",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_describe_in),
    .out_size = sizeof(struct secret_item),
    .audit = (const struct audited[]){AUDITED(secret_describe_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
