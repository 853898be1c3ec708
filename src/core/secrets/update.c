/* Change a secret's description, its key, or its value. */
#include "core/secrets/stages.h"
#include "core/secrets/value.h"

static fallible fits(struct call *c, const struct secret_update_in *in, struct value *value)
{
    ENSURE(in->token.n != 0, SECRET_TOKEN_MISSING);
    TRY(value_given(in->text, in->binary, value));
    return secret_kms_key_fits(c, in->kms_key);
}

static fallible change(struct call *c, struct secret *secret, const struct secret_update_in *in,
                       const struct value *value)
{
    const struct bytes current = AWSCURRENT;

    if (in->description.at != NULL)
        secret->description = secret_said(in->description);
    if (in->kms_key.at != NULL)
        secret->kms_key = secret_said(in->kms_key);
    if (in->type.at != NULL)
        secret->type = secret_said(in->type);
    secret->changed = c->now;
    if (value->plain != NULL)
        TRY(version_add(c, secret, in->token, value, (struct texts){&current, 1}));
    return secret_save(c, secret);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_update_in *in = in_;
    struct secret_update_out *out = out_;
    struct secret *secret = secret_located(c);
    struct value value;

    TRY(fits(c, in, &value));
    TRY(secret_changeable(secret));
    if (value.plain != NULL && version_find(secret, in->token) != NULL)
        TRY(value_repeated(c, secret, in->token, &value)); /* and nothing changes */
    else
        TRY(change(c, secret, in, &value));
    *out =
        (struct secret_update_out){.arn = secret->arn,
                                   .name = secret->name,
                                   .version = value.plain != NULL ? in->token : (struct bytes){0}};
    return OK;
}

const struct operation secret_update = {
    .name = "secret.update",
    .action = "secretsmanager:UpdateSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_update_in),
    .out_size = sizeof(struct secret_update_out),
    .audit = (const struct audited[]){AUDITED(secret_update_in, id, "secretId"),
                                      AUDITED(secret_update_in, token, "clientRequestToken"),
                                      AUDITED(secret_update_in, description, "description"),
                                      AUDITED(secret_update_in, kms_key, "kmsKeyId"),
                                      AUDITED(secret_update_in, type, "type"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(secret_update_out, arn, "arn"),
                                     AUDITED(secret_update_out, version, "versionId"),
                                     {0}},
    .locate = secret_locate,
    .run = run,
};
