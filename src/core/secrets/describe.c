/* Tell everything of a secret but its values; also of one that is scheduled for deletion. */
#include "core/secrets/secret.h"

static fallible run(struct call *c, const void *in, void *out)
{
    (void)in;
    return secret_tell(c, secret_located(c), out);
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
