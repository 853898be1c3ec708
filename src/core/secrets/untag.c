/* Take tags from a secret; what it does not have is no mistake. */
#include "core/secrets/tags.h"

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_untag_in *in = in_;
    struct secret *secret = secret_located(c);
    bool changed = false;

    (void)out;
    for (size_t i = 0; i < in->keys.n; i++)
        TRY(tags_free(c, in->keys.at[i]));
    TRY(secret_changeable(secret));
    for (size_t i = 0; i < in->keys.n; i++)
        changed = tags_drop(secret, in->keys.at[i]) || changed;
    return changed ? tags_save(c, secret, secret_untag.action) : OK;
}

const struct operation secret_untag = {
    .name = "secret.untag",
    .action = "secretsmanager:UntagResource",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_untag_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(secret_untag_in, id, "secretId"),
                                      AUDITED(secret_untag_in, keys, "tagKeys"),
                                      {0}},
    .locate = secret_locate,
    .run = run,
};
