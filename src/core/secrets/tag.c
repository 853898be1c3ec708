/* Give a secret tags. */
#include "core/secrets/tags.h"

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_tag_in *in = in_;
    struct secret *secret = secret_located(c);

    (void)out;
    TRY(tags_fit(c, in->tags));
    TRY(secret_changeable(secret));
    TRY(tags_put(c, secret, in->tags));
    return in->tags.n == 0 ? OK : tags_save(c, secret, secret_tag.action);
}

const struct operation secret_tag = {
    .name = "secret.tag",
    .action = "secretsmanager:TagResource",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_tag_in),
    .out_size = sizeof(struct nothing),
    .audit = (const struct audited[]){AUDITED(secret_tag_in, id, "secretId"),
                                      AUDITED(secret_tag_in, tags, "tags"),
                                      {0}},
    .locate = secret_locate,
    .run = run,
};
