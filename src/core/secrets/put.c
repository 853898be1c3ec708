/* Give a secret a new version. */
#include "core/secrets/stages.h"
#include "core/secrets/value.h"

FAULT(SECRET_NO_VALUE, FAULT_CALLER, "secret.no_value", "A value is needed, text or binary.");

static fallible fits(struct call *c, const struct secret_put_in *in, struct value *value)
{
    ENSURE(in->token.n != 0, SECRET_TOKEN_MISSING);
    TRY(value_given(in->text, in->binary, value));
    ENSURE(value->plain != NULL, SECRET_NO_VALUE);
    if (in->rotation_token != NULL)
        return why(c, SECRET_BEYOND, LIT("RotationToken"));
    ENSURE(in->stages.n <= secret_limit(c, LIMIT_STAGES), SECRET_STAGES_FULL);
    return OK;
}

static fallible add(struct call *c, struct secret *secret, const struct secret_put_in *in,
                    const struct value *value)
{
    const struct bytes current = AWSCURRENT;
    const struct texts stages = in->stages.n != 0 ? in->stages : (struct texts){&current, 1};

    TRY(version_add(c, secret, in->token, value, stages));
    return secret_save(c, secret);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_put_in *in = in_;
    struct secret_put_out *out = out_;
    struct secret *secret = secret_located(c);
    const struct version *version;
    struct value value;

    TRY(fits(c, in, &value));
    TRY(secret_changeable(secret));
    if (version_find(secret, in->token) != NULL)
        TRY(value_repeated(c, secret, in->token, &value));
    else
        TRY(add(c, secret, in, &value));
    version = version_find(secret, in->token);
    *out = (struct secret_put_out){.arn = secret->arn,
                                   .name = secret->name,
                                   .version = in->token,
                                   .stages = {version->stages, version->stage_count}};
    return OK;
}

const struct operation secret_put = {
    .name = "secret.put",
    .action = "secretsmanager:PutSecretValue",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_put_in),
    .out_size = sizeof(struct secret_put_out),
    .audit = (const struct audited[]){AUDITED(secret_put_in, id, "secretId"),
                                      AUDITED(secret_put_in, token, "clientRequestToken"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(secret_put_out, arn, "arn"),
                                     AUDITED(secret_put_out, version, "versionId"),
                                     {0}},
    .locate = secret_locate,
    .run = run,
};
