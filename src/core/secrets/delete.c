/* Delete a secret: after a window in which it can be taken back, or at once. */
#include "core/latest.h"
#include "core/secrets/due.h"
#include "core/secrets/replica.h"

FAULT(SECRET_WINDOW, FAULT_CALLER, "secret.window", "A recovery window has 7 to 30 days.");
FAULT(SECRET_WINDOW_AND_FORCE, FAULT_CALLER, "secret.window_and_force",
      "A deletion at once has no recovery window.");

FAULT(SECRET_HAS_REPLICAS, FAULT_STATE, "secret.has_replicas",
      "The secret {} is still replicated to [{}].");

enum { WINDOW_LEAST = 7, WINDOW_USUAL = 30, WINDOW_MOST = 30 };
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static bool forced(const struct secret_delete_in *in)
{
    return in->force.said && in->force.value;
}

static fallible fits(const struct secret_delete_in *in)
{
    const struct maybe_int days = in->window_days;

    ENSURE(!days.said || !forced(in), SECRET_WINDOW_AND_FORCE);
    ENSURE(!days.said || (days.value >= WINDOW_LEAST && days.value <= WINDOW_MOST), SECRET_WINDOW);
    return OK;
}

/* Nothing is there: deleting that at once succeeds too, and names what was asked for. */
static fallible nothing_to_do(struct call *c, const struct secret_delete_in *in,
                              struct secret_delete_out *out)
{
    *out = (struct secret_delete_out){.arn = in->id, .name = in->id, .deletion = {c->now}};
    return OK;
}

static fallible at_once(struct call *c, const struct secret *secret, struct secret_delete_out *out)
{
    TRY(secret_destroy(c, secret));
    *out =
        (struct secret_delete_out){.arn = secret->arn, .name = secret->name, .deletion = {c->now}};
    return OK;
}

static fallible after_window(struct call *c, struct secret *secret,
                             const struct secret_delete_in *in, struct secret_delete_out *out)
{
    const int64_t days = in->window_days.said ? in->window_days.value : WINDOW_USUAL;

    ENSURE(secret->deleted == 0, SECRET_DELETED);
    secret->deleted = c->now;
    secret->due = latest_now(c) + days * day_ms;
    TRY(due_put(c, secret_due_purge.name, (struct moment){secret->due}, secret->key));
    TRY(secret_save(c, secret));
    *out = (struct secret_delete_out){
        .arn = secret->arn, .name = secret->name, .deletion = {secret->due}};
    return OK;
}

/* A replica goes with its region's removal from replication, a primary after the last of them. */
static fallible alone(struct call *c, const struct secret *secret)
{
    struct buf b = buf_open(c->arena, 64);
    struct bytes regions;

    ENSURE(secret->follows.at == NULL, SECRET_REPLICA);
    if (secret->replica_count == 0)
        return OK;
    for (size_t i = 0; i < secret->replica_count; i++) {
        if (i > 0)
            buf_add(&b, LIT(", "));
        buf_add(&b, secret->replicas[i].region);
    }
    TRY(buf_done(&b, &regions));
    return why(c, SECRET_HAS_REPLICAS, secret->arn, regions);
}

static fallible run(struct call *c, const void *in_, void *out)
{
    const struct secret_delete_in *in = in_;
    struct secret *secret = secret_located(c);

    TRY(fits(in));
    if (secret == NULL)
        return nothing_to_do(c, in, out);
    TRY(alone(c, secret));
    return forced(in) ? at_once(c, secret, out) : after_window(c, secret, in, out);
}

static fallible seek_either(struct call *c, struct resource *resource)
{
    const struct fault *found = secret_seek(c, resource);

    return found == SECRET_ABSENT ? OK : found;
}

static fallible locate(struct call *c, const void *in, struct resource *resource)
{
    const struct fault *found = secret_locate(c, in, resource);

    if (!forced(in))
        return found;
    if (resource->find != NULL)
        resource->find = seek_either;
    return found == SECRET_ABSENT ? OK : found;
}

const struct operation secret_delete = {
    .name = "secret.delete",
    .action = "secretsmanager:DeleteSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_delete_in),
    .out_size = sizeof(struct secret_delete_out),
    .audit =
        (const struct audited[]){AUDITED(secret_delete_in, id, "secretId"),
                                 AUDITED(secret_delete_in, window_days, "recoveryWindowInDays"),
                                 AUDITED(secret_delete_in, force, "forceDeleteWithoutRecovery"),
                                 {0}},
    .told = (const struct audited[]){AUDITED(secret_delete_out, arn, "arn"), {0}},
    .locate = locate,
    .run = run,
};
