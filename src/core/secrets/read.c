/* Read a value: by version, by label, or the current one. */
#include "core/marks.h"
#include "core/secrets/index.h"
#include "core/secrets/stages.h"
#include "core/secrets/value.h"

FAULT(SECRET_STAGE_ABSENT, FAULT_ABSENT, "secret.stage_absent",
      "No version bears the staging label {}.");
FAULT(SECRET_VERSION_ABSENT, FAULT_ABSENT, "secret.version_absent", "There is no version {}.");
FAULT(SECRET_STAGE_ELSEWHERE, FAULT_STATE, "secret.stage_elsewhere",
      "The staging label given is not on the version given.");

static fallible choose(struct call *c, const struct secret *secret, const struct secret_read_in *in,
                       const struct version **out)
{
    const struct bytes stage = in->stage.n != 0 ? in->stage : AWSCURRENT;

    if (in->version.n == 0) {
        *out = version_labelled(secret, stage);
        return *out != NULL ? OK : why(c, SECRET_STAGE_ABSENT, stage);
    }
    *out = version_find(secret, in->version);
    if (*out == NULL)
        return why(c, SECRET_VERSION_ABSENT, in->version);
    ENSURE(in->stage.n == 0 || version_has(*out, in->stage), SECRET_STAGE_ELSEWHERE);
    return OK;
}

static const struct mark_list listed = {.moved = index_used};

static void mark(struct call *c, uint64_t use, const struct secret *secret, struct bytes version)
{
    const struct mark_of of = {.thing = secret->key, .part = version, .list = &listed};
    struct bytes key;

    if (!mark_known(c, use) && secret_use_key(c, secret, &key) == OK)
        mark_used_of(c, use, key, &of);
}

static fallible run(struct call *c, const void *in, void *out_)
{
    struct secret_read_out *out = out_;
    const struct secret *secret = secret_located(c);
    const struct version *version;
    struct value value;
    uint64_t use;

    ENSURE(secret->deleted == 0, SECRET_DELETED);
    TRY(choose(c, secret, in, &version));
    use = mark_expected(c, secret->arn, version->id);
    TRY(value_open(c, secret, version->id, &value));
    *out = (struct secret_read_out){.arn = secret->arn,
                                    .name = secret->name,
                                    .version = version->id,
                                    .text = value.kind == VALUE_TEXT ? value.plain : NULL,
                                    .binary = value.kind == VALUE_BINARY ? value.plain : NULL,
                                    .stages = {version->stages, version->stage_count},
                                    .created = {version->created}};
    mark(c, use, secret, version->id);
    return OK;
}

const struct operation secret_read = {
    .name = "secret.read",
    .action = "secretsmanager:GetSecretValue",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct secret_read_in),
    .out_size = sizeof(struct secret_read_out),
    .audit = (const struct audited[]){AUDITED(secret_read_in, id, "secretId"),
                                      AUDITED(secret_read_in, version, "versionId"),
                                      AUDITED(secret_read_in, stage, "versionStage"),
                                      {0}},
    .locate = secret_locate,
    .run = run,
};
