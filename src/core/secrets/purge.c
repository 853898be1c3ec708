/* Carry out a deletion whose window has ended: values and data keys go. Done by Coffer itself. */
#include "core/secrets/due.h"
#include "core/secrets/secret.h"

FAULT(SECRET_NOT_DUE, FAULT_STATE, "secret.not_due",
      "The secret is not to be deleted, or not yet.");

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct secret_purge_in *in = in_;
    struct secret *secret;

    resource->asked = in->name;
    resource->type = LIT("AWS::SecretsManager::Secret");
    TRY(secret_arn(c, in->name, LIT("??????"), &resource->arn));
    TRY(secret_of_key(c, in->account, in->key, &secret));
    resource->arn = secret->arn;
    c->located = secret;
    return OK;
}

/* The record is read again: it may have been restored, and deleted again, since the row was
 * written. */
static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_purge_in *in = in_;
    const struct secret *secret = secret_located(c);

    (void)out;
    ENSURE(secret->due == in->due.ms && secret_gone(c, secret), SECRET_NOT_DUE);
    return secret_destroy(c, secret);
}

const struct operation secret_purge = {
    .name = "secret.purge",
    .action = "secretsmanager:PurgeSecret",
    .mode = OPERATION_WRITES,
    .local = true,
    .in_size = sizeof(struct secret_purge_in),
    .out_size = sizeof(struct secret_restore_out),
    .audit = (const struct audited[]){AUDITED(secret_purge_in, name, "name"),
                                      AUDITED(secret_purge_in, due, "due"),
                                      {0}},
    .locate = locate,
    .run = run,
};

/* The key is the secret record's own: letter, account, region, name. */
static fallible read_key(struct call *c, struct bytes key, struct moment due, void *in_)
{
    struct secret_purge_in *in = in_;
    struct bytes rest = bytes_after(key, 1);

    ENSURE(bytes_cut(&rest, 0, &in->account) && bytes_cut(&rest, 0, &in->region) &&
               bytes_cut(&rest, 0, &in->name),
           SECRET_ABSENT);
    in->key = key;
    in->due = due;
    c->account = in->account;
    c->region = in->region;
    return OK;
}

const struct due_kind secret_due_purge = {
    .name = {(const uint8_t *)"purge", 5},
    .operation = &secret_purge,
    .irreversible = true,
    .read = read_key,
};
