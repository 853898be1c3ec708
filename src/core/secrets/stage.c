/* Move a staging label from one version to another, or take it away. */
#include "core/secrets/stages.h"

FAULT(SECRET_STAGE_OWNED, FAULT_CALLER, "secret.stage_owned",
      "The staging label {} is on version {}: that version has to be named to take it away.");
FAULT(SECRET_STAGE_NOT_THERE, FAULT_CALLER, "secret.stage_not_there",
      "The staging label {} is not on version {}.");
FAULT(SECRET_CURRENT_STAYS, FAULT_CALLER, "secret.current_stays",
      "AWSCURRENT can be moved to another version, but not taken away.");

static fallible named(struct call *c, const struct secret *secret, struct bytes id,
                      struct version **out)
{
    *out = id.n != 0 ? version_find(secret, id) : NULL;
    return id.n == 0 || *out != NULL ? OK : why(c, SECRET_VERSION_ABSENT, id);
}

static fallible may_leave(struct call *c, const struct version *owner, const struct version *from,
                          const struct secret_stage_in *in)
{
    if (owner == from)
        return OK;
    if (from == NULL)
        return why(c, SECRET_STAGE_OWNED, in->stage, owner->id);
    return why(c, SECRET_STAGE_NOT_THERE, in->stage, from->id);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_stage_in *in = in_;
    struct secret_stage_out *out = out_;
    struct secret *secret = secret_located(c);
    struct version *from, *to;

    TRY(secret_changeable(secret));
    TRY(named(c, secret, in->remove_from, &from));
    TRY(named(c, secret, in->move_to, &to));
    TRY(may_leave(c, version_labelled(secret, in->stage), from, in));
    ENSURE(to != NULL || !bytes_same(in->stage, AWSCURRENT), SECRET_CURRENT_STAYS);
    TRY(stage_move(c->arena, secret, in->stage, to));
    ENSURE(to == NULL || to->stage_count <= secret_limit(c, LIMIT_STAGES), SECRET_STAGES_FULL);
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    *out = (struct secret_stage_out){.arn = secret->arn, .name = secret->name};
    return OK;
}

const struct operation secret_stage = {
    .name = "secret.stage",
    .action = "secretsmanager:UpdateSecretVersionStage",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_stage_in),
    .out_size = sizeof(struct secret_stage_out),
    .audit = (const struct audited[]){AUDITED(secret_stage_in, id, "secretId"),
                                      AUDITED(secret_stage_in, stage, "versionStage"),
                                      AUDITED(secret_stage_in, remove_from, "removeFromVersionId"),
                                      AUDITED(secret_stage_in, move_to, "moveToVersionId"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(secret_stage_out, arn, "arn"), {0}},
    .locate = secret_locate,
    .run = run,
};
