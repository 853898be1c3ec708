/* locate: which secret an id speaks of: a name, a full ARN, or an ARN without its six random
 * characters. The whole string is looked up as a name first, then as an ARN; nothing is guessed. */
#include "core/secrets/policy.h"

/* What an absent thing would be called: six characters that `?` and `*` in a policy match and that
 * no secret has. */
static const struct bytes no_suffix = {(const uint8_t *)"??????", SECRET_SUFFIX};

/* An ARN's part behind ":secret:"; false: another service's, account's, region's or partition's, or
 * no ARN. */
static bool ours(const struct call *c, struct bytes arn, struct bytes *rest)
{
    const struct bytes wanted[] = {LIT("arn"),
                                   c->partition.n != 0 ? c->partition : LIT("aws"),
                                   LIT("secretsmanager"),
                                   c->region,
                                   c->account,
                                   LIT("secret")};
    struct bytes part;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!bytes_cut(&arn, ':', &part) || !bytes_same(part, wanted[i]))
            return false;
    *rest = arn;
    return arn.n != 0;
}

static bool alphanumeric(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
            return false;
    }
    return true;
}

/* Ends in a hyphen and six characters: taken for complete, also where it is a name's own end. */
static bool complete(struct bytes rest, struct bytes *name, struct bytes *suffix)
{
    if (rest.n < SECRET_SUFFIX + 2 || rest.at[rest.n - SECRET_SUFFIX - 1] != '-')
        return false;
    *name = (struct bytes){rest.at, rest.n - SECRET_SUFFIX - 1};
    *suffix = (struct bytes){rest.at + rest.n - SECRET_SUFFIX, SECRET_SUFFIX};
    return alphanumeric(*suffix);
}

static fallible look(struct call *c, struct bytes name, struct secret **out)
{
    struct secret *secret;

    if (!secret_name_fits(name) || name.n > SECRET_NAME_MOST)
        return SECRET_ABSENT;
    TRY(secret_of_name(c, name, &secret));
    ENSURE(!secret_gone(c, secret), SECRET_ABSENT);
    *out = secret;
    return OK;
}

static fallible keep(struct call *c, struct resource *resource, struct secret *secret)
{
    resource->arn = secret->arn;
    resource->tags = (struct pairs){secret->tags, secret->tag_count};
    resource->fact = secret_fact;
    resource->thing = secret;
    c->located = secret;
    return secret_policy_load(c, secret, resource);
}

/* *suffix stays empty where the end is not known. */
static bool asked(const struct call *c, const struct resource *resource, struct bytes *name,
                  struct bytes *suffix)
{
    struct bytes rest = resource->asked;

    *suffix = (struct bytes){0};
    if (bytes_begins(rest, LIT("arn:")) && !ours(c, resource->asked, &rest))
        return false;
    *name = rest;
    return resource->unknown != 0 || complete(rest, name, suffix);
}

bool secret_asked(const struct call *c, const struct resource *resource, struct bytes *name)
{
    struct bytes suffix;

    return asked(c, resource, name, &suffix) && secret_name_fits(*name) &&
           name->n <= SECRET_NAME_MOST;
}

fallible secret_seek(struct call *c, struct resource *resource)
{
    struct bytes name, suffix;
    struct secret *secret;

    ENSURE(asked(c, resource, &name, &suffix), SECRET_ABSENT);
    TRY(look(c, name, &secret));
    ENSURE(suffix.n == 0 || bytes_same(secret->suffix, suffix), SECRET_ABSENT);
    return keep(c, resource, secret);
}

static fallible by_name(struct call *c, struct bytes name, struct resource *resource)
{
    resource->find = secret_seek;
    resource->invites = secret_policy_invites;
    resource->unknown = SECRET_SUFFIX;
    return secret_arn(c, name, no_suffix, &resource->arn);
}

static fallible by_arn(struct call *c, struct bytes arn, struct resource *resource)
{
    struct bytes rest, name, suffix;

    resource->arn = arn;
    if (!ours(c, arn, &rest))
        return SECRET_ABSENT;
    if (!complete(rest, &name, &suffix))
        return by_name(c, rest, resource);
    resource->find = secret_seek;
    resource->invites = secret_policy_invites;
    return OK;
}

/* The resource's ARN stands before anything is looked for: that of an absent one. */
fallible secret_locate(struct call *c, const void *in, struct resource *resource)
{
    /* the first member of every `in` that says .locate = secret_locate */
    const struct bytes *id = in;

    resource->asked = *id;
    resource->type = LIT("AWS::SecretsManager::Secret");
    if (bytes_begins(*id, LIT("arn:")))
        return by_arn(c, *id, resource);
    ENSURE(secret_name_fits(*id), SECRET_NAME);
    return by_name(c, *id, resource);
}

struct secret *secret_located(const struct call *c)
{
    return c->located;
}
