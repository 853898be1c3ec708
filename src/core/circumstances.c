/* circumstances: the rows. A key without one is nobody's: of something that does not exist here, or
 * of another service. */
#include "core/circumstances.h"

#include "codec/date.h"
#include "codec/text.h"
#include "core/identity/identity.h"
#include "core/resource.h"

#include <inttypes.h>
#include <stdio.h>

static enum circumstance said(struct bytes value, struct bytes *out)
{
    *out = value;
    return value.at != NULL ? CIRCUMSTANCE_SAID : CIRCUMSTANCE_NONE;
}

/* Not there when it is empty. */
static enum circumstance filled(struct bytes value, struct bytes *out)
{
    *out = value;
    return value.n != 0 ? CIRCUMSTANCE_SAID : CIRCUMSTANCE_NONE;
}

static enum circumstance truth(bool yes, struct bytes *out)
{
    return said(yes ? LIT("true") : LIT("false"), out);
}

static enum circumstance number(int64_t n, uint8_t room[CIRCUMSTANCES_ROOM], struct bytes *out)
{
    const int length = snprintf((char *)room, CIRCUMSTANCES_ROOM, "%" PRId64, n);

    return said((struct bytes){room, (size_t)length}, out);
}

static enum circumstance date(int64_t ms, uint8_t room[CIRCUMSTANCES_ROOM], struct bytes *out)
{
    date_iso(ms, room);
    return said((struct bytes){room, DATE_ISO}, out);
}

/* --- the request --- */

static enum circumstance of_request(struct circumstances *k, enum policy_key_id id,
                                    struct bytes *value)
{
    const struct call *c = k->call;

    switch (id) {
    case KEY_SOURCE_IP:
        return filled(c->origin.address, value);
    case KEY_SECURE_TRANSPORT:
        return truth(c->origin.tls_version.n != 0, value);
    case KEY_CURRENT_TIME:
        return date(c->now, k->now, value);
    case KEY_EPOCH_TIME:
        return number(c->now / 1000, k->seconds, value);
    case KEY_USER_AGENT:
        return filled(c->origin.user_agent, value);
    case KEY_REQUESTED_REGION:
        return filled(c->region, value);
    case KEY_VIA_SERVICE:
        return truth(c->via.n != 0, value);
    case KEY_CALLED_VIA:
    case KEY_CALLED_VIA_FIRST:
    case KEY_CALLED_VIA_LAST:
        return filled(c->via, value);
    default:
        return CIRCUMSTANCE_NONE;
    }
}

/* --- who asks --- */

static struct bytes type_of(const struct principal *who)
{
    if (who->type == PRINCIPAL_ROOT)
        return LIT("Account");
    if (who->type != PRINCIPAL_USER)
        return LIT("AssumedRole");
    return who->base.n != 0 ? LIT("FederatedUser") : LIT("User");
}

static enum circumstance tag(struct pairs tags, struct bytes name, struct bytes *value)
{
    size_t found = tags.n;

    for (size_t i = 0; i < tags.n; i++) {
        if (bytes_same(tags.at[i].name, name))
            return said(tags.at[i].value, value);
        if (found == tags.n && text_same_caseless(tags.at[i].name, name))
            found = i;
    }
    return found < tags.n ? said(tags.at[found].value, value) : CIRCUMSTANCE_NONE;
}

/* A role's session goes by the role's; a federated user by his own. */
static struct bytes arn_of(const struct principal *who)
{
    return who->type == PRINCIPAL_USER || who->base_arn.n == 0 ? who->arn : who->base_arn;
}

static enum circumstance of_principal(struct circumstances *k, const struct policy_key *key,
                                      struct bytes *value)
{
    const struct principal *who = k->call->who;

    switch (key->id) {
    case KEY_TOKEN_ISSUE_TIME:
        return who->issued != 0 ? date(who->issued, k->issued, value) : CIRCUMSTANCE_NONE;
    case KEY_PRINCIPAL_ARN:
        return filled(arn_of(who), value);
    case KEY_PRINCIPAL_ACCOUNT:
        return filled(who->account, value);
    case KEY_PRINCIPAL_TYPE:
        return said(type_of(who), value);
    case KEY_PRINCIPAL_IS_SERVICE:
        return truth(false, value);
    case KEY_PRINCIPAL_TAG:
        return tag(who->tags, key->suffix, value);
    case KEY_USERNAME:
        return who->type == PRINCIPAL_USER && who->base.n == 0 ? filled(who->name, value)
                                                               : CIRCUMSTANCE_NONE;
    case KEY_USERID:
        return filled(who->id, value);
    case KEY_MFA_PRESENT: /* of sessions alone, of which none is by a second factor */
        return who->issued != 0 ? truth(false, value) : CIRCUMSTANCE_NONE;
    default:
        return CIRCUMSTANCE_NONE;
    }
}

/* --- the thing --- */

static enum circumstance of_account(const struct circumstances *k, struct bytes *value)
{
    struct bytes rest = k->resource->arn, part = {0};

    for (int i = 0; i < 5; i++)
        if (!bytes_cut(&rest, ':', &part))
            return filled(k->call->account, value);
    return filled(part.n != 0 ? part : k->call->account, value);
}

static enum circumstance of_thing(const struct circumstances *k, const struct policy_key *key,
                                  struct bytes *value)
{
    const struct resource *resource = k->resource;

    if (key->id == KEY_RESOURCE_ACCOUNT)
        return of_account(k, value);
    if (k->unsought)
        return CIRCUMSTANCE_LATER;
    if (key->id == KEY_RESOURCE_TAG)
        return tag(resource->tags, key->suffix, value);
    return resource->fact != NULL ? filled(resource->fact(resource->thing, (int)key->id), value)
                                  : CIRCUMSTANCE_NONE;
}

/* --- what was asked: members of `in`, by the names that they have in the journal --- */

static const char *const members[KEY_COUNT] = {
    [KEY_SECRET_ID] = "secretId",
    [KEY_VERSION_ID] = "versionId",
    [KEY_VERSION_STAGE] = "versionStage",
    [KEY_SECRET_NAME] = "name",
    [KEY_SECRET_DESCRIPTION] = "description",
    [KEY_SECRET_KMS_KEY] = "kmsKeyId",
    [KEY_SECRET_TYPE] = "type",
    [KEY_SECRET_FORCE_DELETE] = "forceDeleteWithoutRecovery",
    [KEY_SECRET_WINDOW] = "recoveryWindowInDays",
    [KEY_SECRET_BLOCK_PUBLIC] = "blockPublicPolicy",
    [KEY_SECRET_LAMBDA] = "rotationLambdaARN",
    [KEY_SECRET_ROTATE_NOW] = "rotateImmediately",
    [KEY_SECRET_ROTATION_ROLE] = "externalSecretRotationRoleArn",
    [KEY_SECRET_REPLICA_REGIONS] = "addReplicaRegions",
    [KEY_SECRET_FORCE_REPLICA] = "forceOverwriteReplicaSecret",
    [KEY_STS_EXTERNAL_ID] = "externalId",
    [KEY_STS_SESSION_NAME] = "roleSessionName",
    [KEY_STS_SOURCE_IDENTITY] = "sourceIdentity",
    [KEY_STS_TRANSITIVE_KEYS] = "transitiveTagKeys",
    [KEY_STS_DURATION] = "durationSeconds",
};

static const struct audited *member_of(const struct call *c, const char *name)
{
    const struct operation *operation = c->operation;

    if (operation == NULL || operation->audit == NULL)
        return NULL;
    for (const struct audited *row = operation->audit; row->name != NULL; row++)
        if (bytes_same(bytes_of(row->name), bytes_of(name)))
            return row;
    return NULL;
}

static enum circumstance element(const struct audited *row, const void *at, size_t i,
                                 struct bytes *value)
{
    if (row->each == AUDIT_TEXTS) {
        const struct texts *texts = at;

        return i < texts->n ? said(texts->at[i], value) : CIRCUMSTANCE_NONE;
    }
    const struct pairs *pairs = at;

    return i < pairs->n ? said(pairs->at[i].name, value) : CIRCUMSTANCE_NONE;
}

static enum circumstance whole(struct circumstances *k, const struct audited *row, const void *at,
                               struct bytes *value)
{
    switch (row->member.kind) {
    case KIND_TEXT:
        return said(*(const struct bytes *)at, value);
    case KIND_BOOL:
        return truth(*(const bool *)at, value);
    case KIND_MAYBE_BOOL:
        return ((const struct maybe_bool *)at)->said
                   ? truth(((const struct maybe_bool *)at)->value, value)
                   : CIRCUMSTANCE_NONE;
    case KIND_MAYBE_INT:
        return ((const struct maybe_int *)at)->said
                   ? number(((const struct maybe_int *)at)->value, k->number, value)
                   : CIRCUMSTANCE_NONE;
    default:
        return CIRCUMSTANCE_NONE;
    }
}

static enum circumstance of_member(struct circumstances *k, const char *name, size_t i,
                                   struct bytes *value)
{
    const struct audited *row = member_of(k->call, name);
    const void *at;

    if (row == NULL || k->call->in == NULL)
        return CIRCUMSTANCE_NONE;
    at = (const uint8_t *)k->call->in + row->member.offset;
    if (row->member.kind == KIND_LIST)
        return element(row, at, i, value);
    return i == 0 ? whole(k, row, at, value) : CIRCUMSTANCE_NONE;
}

/* Of RotateSecret alone: does it say when? */
static enum circumstance rotation_rules(struct circumstances *k, struct bytes *value)
{
    static const char *const rules[] = {"automaticallyAfterDays", "scheduleExpression", "duration"};
    bool modifies = false;

    if (member_of(k->call, rules[1]) == NULL)
        return CIRCUMSTANCE_NONE;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        modifies = modifies || of_member(k, rules[i], 0, value) == CIRCUMSTANCE_SAID;
    return truth(modifies, value);
}

static enum circumstance request_tag(struct circumstances *k, struct bytes name,
                                     struct bytes *value)
{
    const struct audited *row = member_of(k->call, "tags");

    if (row == NULL || row->each != AUDIT_PAIRS || k->call->in == NULL)
        return CIRCUMSTANCE_NONE;
    return tag(
        *(const struct pairs *)(const void *)((const uint8_t *)k->call->in + row->member.offset),
        name, value);
}

static enum circumstance of_asked(struct circumstances *k, const struct policy_key *key, size_t i,
                                  struct bytes *value)
{
    switch (key->id) {
    case KEY_TAG_KEYS:
        return of_member(k, member_of(k->call, "tags") != NULL ? "tags" : "tagKeys", i, value);
    case KEY_REQUEST_TAG:
        return request_tag(k, key->suffix, value);
    case KEY_SECRET_ROTATION_RULES:
        return rotation_rules(k, value);
    default:
        return members[key->id] != NULL ? of_member(k, members[key->id], i, value)
                                        : CIRCUMSTANCE_NONE;
    }
}

/* --- all together --- */

/* Whose the keys are. */
enum source { SOURCE_ASKED, SOURCE_REQUEST, SOURCE_PRINCIPAL, SOURCE_THING };

static enum source source_of(enum policy_key_id id)
{
    if (id >= KEY_SOURCE_IP && id <= KEY_CALLED_VIA_LAST)
        return SOURCE_REQUEST;
    if (id >= KEY_PRINCIPAL_ARN && id <= KEY_SOURCE_IDENTITY)
        return SOURCE_PRINCIPAL;
    return id == KEY_RESOURCE_ACCOUNT || policy_key_of_thing(id) ? SOURCE_THING : SOURCE_ASKED;
}

enum circumstance circumstances_of(void *ctx, const struct policy_key *key, size_t i,
                                   struct bytes *value)
{
    struct circumstances *k = ctx;

    switch (source_of(key->id)) {
    case SOURCE_REQUEST:
        return i == 0 ? of_request(k, key->id, value) : CIRCUMSTANCE_NONE;
    case SOURCE_PRINCIPAL:
        return i == 0 ? of_principal(k, key, value) : CIRCUMSTANCE_NONE;
    case SOURCE_THING:
        return i == 0 ? of_thing(k, key, value) : CIRCUMSTANCE_NONE;
    case SOURCE_ASKED:
        break;
    }
    return of_asked(k, key, i, value);
}
