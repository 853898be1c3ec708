/* Tell when an access key was used last. */
#include "core/identity/operations.h"
#include "core/marks.h"
#include "core/resource.h"

static fallible find(struct call *c, struct bytes id, struct access_key **key)
{
    const struct fault *fault = access_key_load(c, id, key);

    if (fault == ACCESS_KEY_ABSENT ||
        (fault == OK && !bytes_same((*key)->account, identity_account(c))))
        return why(c, ACCESS_KEY_ABSENT, id);
    return fault;
}

/* A key that is nobody's is judged as one of any user. */
static fallible locate(struct call *c, const void *in_, struct resource *resource)
{
    const struct access_key_in *in = in_;
    struct access_key *key;
    const struct fault *found = find(c, in->id, &key);

    if (found == OK)
        return identity_locate_user(c, key->user, resource);
    resource->type = LIT("AWS::IAM::User");
    TRY(identity_arn(c, identity_account(c), LIT("/"), LIT("*"), &resource->arn));
    resource->asked = resource->arn;
    return found;
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct access_key_in *in = in_;
    struct access_key_used_out *out = out_;
    struct access_key *key;
    struct bytes mark;

    TRY(find(c, in->id, &key));
    TRY(last_use_key(c->arena, key->account, in->id, &mark));
    TRY(mark_read(c, mark, &out->last));
    out->user = key->user.n != 0 ? key->user : (struct bytes){0};
    out->service = out->region = LIT("N/A");
    return OK;
}

const struct operation access_key_used = {
    .name = "access_key.used",
    .action = "iam:GetAccessKeyLastUsed",
    .mode = OPERATION_READS,
    .in_size = sizeof(struct access_key_in),
    .out_size = sizeof(struct access_key_used_out),
    .audit = (const struct audited[]){AUDITED(access_key_in, id, "accessKeyId"), {0}},
    .locate = locate,
    .run = run,
};
