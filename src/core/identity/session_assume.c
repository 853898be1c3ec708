/* Take a role's rights for a while, if its trust policy lets the caller. */
#include "base/buf.h"
#include "core/identity/operations.h"
#include "core/identity/role.h"
#include "core/identity/session.h"
#include "core/identity/usertags.h"
#include "core/perform.h"
#include "core/resource.h"

#include <string.h>

FAULT(ROLE_ARN, FAULT_CALLER, "role.arn", "{} is invalid");
FAULT(ROLE_BY_ROOT, FAULT_DENIED, "role.by-root", "Roles may not be assumed by root accounts.");
FAULT(SESSION_LONG, FAULT_CALLER, "session.long",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
FAULT(SESSION_CHAINED_LONG, FAULT_CALLER, "session.chained-long",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
      "chaining");
FAULT(SESSION_BEYOND, FAULT_CALLER, "session.beyond",
      "This server knows no transitive tags, source identities or provided contexts yet.");

enum { SECOND_MS = 1000, USUAL = 3600, PARTS = 5 };

/* "arn:aws:iam::123456789012:role/path/name": its six parts, none of the first three empty. */
static bool read_arn(struct bytes arn, struct bytes parts[PARTS], struct bytes *rest)
{
    *rest = arn;
    for (int i = 0; i < PARTS; i++)
        if (!bytes_cut(rest, ':', &parts[i]))
            return false;
    return bytes_same(parts[0], LIT("arn")) && parts[1].n != 0 && parts[2].n != 0 && rest->n != 0;
}

static struct bytes last_of(struct bytes path)
{
    const uint8_t *slash = memrchr(path.at, '/', path.n);

    return slash == NULL ? path : bytes_after(path, (size_t)(slash - path.at) + 1);
}

/* The role of this very ARN, path and all; another account's is nobody's. */
static fallible find(struct call *c, struct bytes arn, struct bytes name, struct role **role)
{
    struct bytes own;

    ENSURE(identity_name_fits(name, USER_NAME_MOST), ROLE_ABSENT);
    TRY(role_load(c, identity_account(c), name, role));
    TRY(identity_role_arn(c, identity_account(c), (*role)->path, name, &own));
    return bytes_same(own, arn) ? OK : ROLE_ABSENT;
}

/* A role that is not there has no trust policy, so nobody may assume it: the refusal is that of one
 * that does not trust. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct session_assume_in *in = in_;
    struct bytes parts[PARTS], rest;
    struct role *role = NULL;
    const struct fault *found;

    if (!read_arn(in->role, parts, &rest))
        return why(c, ROLE_ARN, in->role);
    resource->arn = resource->asked = in->role;
    resource->type = LIT("AWS::IAM::Role");
    resource->must_allow = resource->terse = true;
    found = find(c, in->role, last_of(rest), &role);
    if (found != OK)
        return found;
    resource->tags = role->tags;
    c->located = role;
    return policy_unpack(c->arena, role->packed, &resource->policy);
}

static fallible known(const struct session_assume_in *in)
{
    ENSURE(in->transitive.n == 0 && in->source_identity.at == NULL && in->contexts.n == 0,
           SESSION_BEYOND);
    ENSURE(in->device.at == NULL && in->code == NULL, SESSION_SECOND_FACTOR);
    return OK;
}

static fallible lasts(struct call *c, const struct role *role, struct maybe_int seconds)
{
    if (!seconds.said)
        return OK;
    ENSURE(c->who->type != PRINCIPAL_ROLE || seconds.value <= USUAL, SESSION_CHAINED_LONG);
    ENSURE(seconds.value <= role->max_session, SESSION_LONG);
    return OK;
}

/* Tags say who somebody is to policies: the role has to trust the caller to say so. */
static fallible may_tag(struct call *c, const struct session_assume_in *in)
{
    struct resource role = {0};

    if (in->tags.n == 0)
        return OK;
    TRY(user_tags_fit(c, in->tags));
    TRY(locate(c, in, &role));
    return also_allowed(c, "sts:TagSession", &role);
}

static struct session session_for(const struct call *c, const struct role *role,
                                  const struct session_assume_in *in)
{
    const struct maybe_int usual = {.value = USUAL, .said = true};
    struct session session = session_of(c, usual);

    if (in->seconds.said)
        session.expires = session.issued + in->seconds.value * SECOND_MS;
    session.called = in->name;
    session.policy = in->policy;
    session.tags = in->tags;
    session.role = role->name;
    session.role_id = role->id;
    return session;
}

static fallible say_id(struct call *c, struct bytes role, struct bytes name, struct bytes *id)
{
    struct buf b = buf_open(c->arena, 96);

    buf_add(&b, role);
    buf_add_byte(&b, ':');
    buf_add(&b, name);
    return buf_done(&b, id);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct session_assume_in *in = in_;
    struct session_assume_out *out = out_;
    const struct role *role = c->located;
    struct session session;

    ENSURE(c->who->type != PRINCIPAL_ROOT, ROLE_BY_ROOT);
    TRY(known(in));
    if (in->policies.n != 0)
        return why(c, POLICY_ARN_ABSENT, in->policies.at[0]);
    if (in->policy.n != 0)
        TRY(identity_policy_fits(c, in->policy));
    TRY(lasts(c, role, in->seconds));
    TRY(may_tag(c, in));
    session = session_for(c, role, in);
    TRY(session_make(c, &session, &out->credentials));
    if (in->policy.n != 0 || in->tags.n != 0)
        out->packed = (struct maybe_int){session_packed(in->policy, in->tags), true};
    TRY(say_id(c, role->id, in->name, &out->id));
    return identity_assumed_arn(c, c->who->account, role->name, in->name, &out->arn);
}

const struct operation session_assume = {
    .name = "session.assume",
    .action = "sts:AssumeRole",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct session_assume_in),
    .out_size = sizeof(struct session_assume_out),
    .audit = (const struct audited[]){AUDITED(session_assume_in, role, "roleArn"),
                                      AUDITED(session_assume_in, name, "roleSessionName"),
                                      AUDITED(session_assume_in, policy, "policy"),
                                      AUDITED(session_assume_in, external_id, "externalId"),
                                      AUDITED(session_assume_in, seconds, "durationSeconds"),
                                      AUDITED(session_assume_in, tags, "tags"),
                                      {0}},
    .told = (const struct audited[]){AUDITED(session_assume_out, credentials.id, "accessKeyId"),
                                     AUDITED(session_assume_out, credentials.expires, "expiration"),
                                     AUDITED(session_assume_out, arn, "assumedRoleUser"),
                                     {0}},
    .locate = locate,
    .run = run,
};
