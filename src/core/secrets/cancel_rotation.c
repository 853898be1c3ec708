/* Turn a secret's rotation off. How it was configured is kept, and so are the labels of what a
 * rotation left behind: that version is named in the reply. */
#include "core/secrets/rotation.h"

FAULT(SECRET_NOT_ROTATED, FAULT_STATE, "secret.not_rotated",
      "Rotation was never configured for the secret.");

static fallible run(struct call *c, const void *in, void *out_)
{
    struct secret_rotate_out *out = out_;
    struct secret *secret = secret_located(c);
    const struct version *pending = rotation_pending(secret);

    (void)in;
    TRY(secret_changeable(secret));
    ENSURE(secret->rotation.known, SECRET_NOT_ROTATED);
    if (secret->rotation.enabled) {
        secret->rotation.enabled = false;
        secret->changed = c->now;
        TRY(secret_save(c, secret));
    }
    *out = (struct secret_rotate_out){.arn = secret->arn,
                                      .name = secret->name,
                                      .version = pending != NULL ? pending->id : (struct bytes){0}};
    return OK;
}

const struct operation secret_cancel_rotation = {
    .name = "secret.cancel_rotation",
    .action = "secretsmanager:CancelRotateSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_cancel_rotation_in),
    .out_size = sizeof(struct secret_rotate_out),
    .audit = (const struct audited[]){AUDITED(secret_cancel_rotation_in, id, "secretId"), {0}},
    .locate = secret_locate,
    .run = run,
};
