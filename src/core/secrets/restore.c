/* Take back a deletion that has not been carried out yet. */
#include "core/secrets/due.h"
#include "core/secrets/secret.h"

static fallible take_back(struct call *c, struct secret *secret)
{
    TRY(due_drop(c, secret_due_purge.name, (struct moment){secret->due}, secret->key));
    secret->deleted = secret->due = 0;
    return secret_save(c, secret);
}

/* A secret that was not deleted is restored by doing nothing, as AWS has it. */
static fallible run(struct call *c, const void *in, void *out_)
{
    struct secret_restore_out *out = out_;
    struct secret *secret = secret_located(c);

    (void)in;
    ENSURE(secret->follows.at == NULL, SECRET_REPLICA);
    if (secret->deleted != 0)
        TRY(take_back(c, secret));
    *out = (struct secret_restore_out){.arn = secret->arn, .name = secret->name};
    return OK;
}

const struct operation secret_restore = {
    .name = "secret.restore",
    .action = "secretsmanager:RestoreSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_restore_in),
    .out_size = sizeof(struct secret_restore_out),
    .audit = (const struct audited[]){AUDITED(secret_restore_in, id, "secretId"), {0}},
    .told = (const struct audited[]){AUDITED(secret_restore_out, arn, "arn"), {0}},
    .locate = secret_locate,
    .run = run,
};
