/* Give a name credentials that end, with as many of the caller's own rights as he passes on. */
#include "base/buf.h"
#include "core/identity/operations.h"
#include "core/identity/session.h"
#include "core/identity/usertags.h"
#include "core/perform.h"
#include "core/resource.h"

FAULT(POLICY_ARN_ABSENT, FAULT_ABSENT, "policy.absent",
      "Policy {} does not exist or is not attachable.");

static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct session_federate_in *in = in_;

    TRY(identity_federated_arn(c, identity_account(c), in->name, &resource->arn));
    resource->asked = resource->arn;
    return OK;
}

/* Tags say who somebody is to policies, so they need a right of their own. */
static fallible may_tag(struct call *c, const struct session_federate_in *in)
{
    struct resource federated = {0};

    if (in->tags.n == 0)
        return OK;
    TRY(user_tags_fit(c, in->tags));
    TRY(locate(c, in, &federated));
    return also_allowed(c, "sts:TagSession", &federated);
}

static fallible say_id(struct call *c, struct bytes name, struct bytes *id)
{
    struct buf b = buf_open(c->arena, 64);

    buf_add(&b, c->who->account);
    buf_add_byte(&b, ':');
    buf_add(&b, name);
    return buf_done(&b, id);
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct session_federate_in *in = in_;
    struct session_federate_out *out = out_;
    struct session session = session_of(c, in->seconds);

    if (c->who->expires != 0)
        return why(c, SESSION_NESTED, LIT("GetFederationToken"));
    if (in->policies.n != 0)
        return why(c, POLICY_ARN_ABSENT, in->policies.at[0]);
    if (in->policy.n != 0)
        TRY(identity_policy_fits(c, in->policy));
    TRY(may_tag(c, in));
    session.called = in->name;
    session.policy = in->policy;
    session.tags = in->tags;
    TRY(session_make(c, &session, &out->credentials));
    TRY(say_id(c, in->name, &out->id));
    out->packed = session_packed(in->policy, in->tags);
    return identity_federated_arn(c, c->who->account, in->name, &out->arn);
}

const struct operation session_federate = {
    .name = "session.federate",
    .action = "sts:GetFederationToken",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct session_federate_in),
    .out_size = sizeof(struct session_federate_out),
    .audit = (const struct audited[]){AUDITED(session_federate_in, name, "name"),
                                      AUDITED(session_federate_in, policy, "policy"),
                                      AUDITED(session_federate_in, seconds, "durationSeconds"),
                                      AUDITED(session_federate_in, tags, "tags"),
                                      {0}},
    .told =
        (const struct audited[]){AUDITED(session_federate_out, credentials.id, "accessKeyId"),
                                 AUDITED(session_federate_out, credentials.expires, "expiration"),
                                 AUDITED(session_federate_out, arn, "federatedUser"),
                                 {0}},
    .locate = locate,
    .run = run,
};
