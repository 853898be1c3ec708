/* policy: reading, keeping and telling. Members of the rows are numbered once and for all. */
#include "core/secrets/policy.h"

#include "codec/hex.h"
#include "core/fields.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "crypto/digest.h"

#include <string.h>

enum { JUDGED = 1, REGION, TOLD = 1 };
enum { ROW = 512, SENTENCE = 160, PIECE = 512, WHO_BYTES = 16, PIN = 4 /* text, raw, ARN, id */ };

bool secret_policy_is_default(struct bytes name)
{
    return name.n == 0 || bytes_same(name, SECRET_POLICY_DEFAULT);
}

/* --- reading --- */

/* Who was named, in the order of the document. */
struct spot {
    struct bytes raw, arn, id;
    struct spot *next;
};

struct spots {
    struct call *call;
    struct spot *first, **last;
    size_t users;
};

/* It is written into JSON again as it stands. */
static bool needs_no_escape(struct bytes text)
{
    return memchr(text.at, '"', text.n) == NULL && memchr(text.at, '\\', text.n) == NULL;
}

static fallible spot_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    struct spots *spots = ctx;
    struct spot *spot = arena_new(spots->call->arena, struct spot);
    const struct fault *found;

    ENSURE(spot != NULL, ARENA_SPENT);
    ENSURE(needs_no_escape(named), POLICY_PRINCIPAL);
    spot->raw = raw;
    found = identity_id_of(spots->call, named, &spot->id, &spot->arn);
    ENSURE(found != USER_ABSENT, POLICY_PRINCIPAL);
    TRY(found);
    *id = spot->id;
    spots->users += !bytes_same(spot->id, spots->call->account);
    *spots->last = spot;
    spots->last = &spot->next;
    return OK;
}

static struct bytes between(const uint8_t *from, const uint8_t *to)
{
    return (struct bytes){from, (size_t)(to - from)};
}

/* An account stands in the text as AWS shows it, its root's ARN; a user as a pin. */
static fallible cut_text(struct call *c, struct bytes document, const struct spots *spots,
                         struct texts *told)
{
    struct bytes *at = arena_get(c->arena, (PIN * spots->users + 1) * sizeof(struct bytes));
    struct buf b = buf_open(c->arena, document.n);
    const uint8_t *from = document.at;

    ENSURE(at != NULL, ARENA_SPENT);
    told->at = at;
    for (const struct spot *spot = spots->first; spot != NULL; spot = spot->next) {
        buf_add(&b, between(from, spot->raw.at));
        from = spot->raw.at + spot->raw.n;
        if (bytes_same(spot->id, c->account)) {
            buf_add(&b, spot->arn);
            continue;
        }
        TRY(buf_done(&b, &at[told->n++]));
        at[told->n++] = spot->raw;
        at[told->n++] = spot->arn;
        at[told->n++] = spot->id;
        b = buf_open(c->arena, PIECE);
    }
    buf_add(&b, between(from, document.at + document.n));
    return buf_done(&b, &at[told->n++]);
}

/* AWS's words first, since programs look for them; then what is wrong. */
static fallible refused(struct call *c, const struct fault *fault, struct bytes reason)
{
    struct buf b = buf_open(c->arena, SENTENCE);
    struct bytes sentence;

    if (fault == POLICY_PRINCIPAL)
        return why_said(c, fault, LIT("This resource policy contains an unsupported principal."));
    if (fault == POLICY_SERVICE)
        return why_said(c, fault,
                        LIT("This resource policy contains an invalid service principal."));
    if (fault == POLICY_MALFORMED)
        buf_add(&b, LIT("This resource policy contains a syntax error. "));
    buf_add(&b, reason);
    TRY(buf_done(&b, &sentence));
    return why_said(c, fault, sentence);
}

static fallible few_enough(struct call *c, const struct policy *policy)
{
    const struct bytes *ids;
    size_t n;

    TRY(policy_invited(c->arena, policy, &ids, &n));
    if (n > SECRET_POLICY_USERS_MOST)
        return why_said(c, POLICY_BEYOND,
                        LIT("This resource policy allows more than 100 users by name, more than "
                            "are judged yet."));
    return OK;
}

fallible secret_policy_read(struct call *c, struct bytes document, struct secret_policy *out)
{
    struct spots spots = {.call = c, .last = &spots.first};
    const struct policy_whom whom = {spot_of, &spots};
    const struct fault *fault;
    struct bytes reason;

    *out = (struct secret_policy){0};
    fault = policy_compile_of_thing(c->arena, document, &whom, &out->judged, &reason);
    if (fault == POLICY_MALFORMED || fault == POLICY_BEYOND || fault == POLICY_PRINCIPAL ||
        fault == POLICY_SERVICE)
        return refused(c, fault, reason);
    TRY(fault);
    TRY(few_enough(c, out->judged));
    return cut_text(c, document, &spots, &out->told);
}

/* --- rows --- */

static fallible judged_key(struct call *c, const struct secret *secret, struct bytes *key)
{
    const struct bytes parts[] = {c->account, c->region, secret->name};

    return record_key(c->arena, TABLE_POLICY, parts, 3, key);
}

static fallible told_key(struct call *c, const struct secret *secret, struct bytes *key)
{
    const struct bytes parts[] = {c->account, c->region, secret->name, LIT("text")};

    return record_key(c->arena, TABLE_POLICY, parts, 4, key);
}

/* The id as a hash: this key does not tell whom a policy names. */
static fallible invited_key(struct call *c, struct bytes id, struct bytes name, struct bytes *key)
{
    uint8_t hash[DIGEST_SIZE], hex[2 * WHO_BYTES];
    const struct bytes parts[] = {c->account, {hex, sizeof hex}, c->region, name};

    digest_sha256(id, hash);
    hex_encode((struct bytes){hash, WHO_BYTES}, hex);
    return record_key(c->arena, TABLE_INVITED, parts, 4, key);
}

static fallible save_judged(struct call *c, const struct secret *secret,
                            const struct secret_policy *policy)
{
    struct buf b = buf_open(c->arena, ROW);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes key, packed, body;

    TRY(policy_pack(c->arena, policy->judged, &packed));
    cbor_put_bytes(cbor_map_key(&map, JUDGED), packed);
    if (policy->region.at != NULL)
        cbor_put_text(cbor_map_key(&map, REGION), policy->region);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(judged_key(c, secret, &key));
    return record_save(c, c->account, key, body);
}

static fallible save_told(struct call *c, const struct secret *secret, struct texts told)
{
    struct buf b = buf_open(c->arena, ROW);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes key, body;

    cbor_put_array(cbor_map_key(&map, TOLD), told.n);
    for (size_t i = 0; i < told.n; i++)
        cbor_put_text(&b, told.at[i]);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    TRY(told_key(c, secret, &key));
    return record_save(c, c->account, key, body);
}

/* The rows of all whom it allows something: `does` one. */
static fallible each_invited(struct call *c, const struct secret *secret,
                             const struct policy *policy,
                             fallible (*does)(struct call *, struct bytes key))
{
    const struct bytes *ids;
    struct bytes key;
    size_t n;

    TRY(policy_invited(c->arena, policy, &ids, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(invited_key(c, ids[i], secret->name, &key));
        TRY(does(c, key));
    }
    return OK;
}

static fallible invite(struct call *c, struct bytes key)
{
    struct buf b = buf_open(c->arena, 8);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes body;

    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    return record_save(c, c->account, key, body);
}

static fallible load_judged(struct call *c, const struct secret *secret, struct secret_policy *out)
{
    struct bytes key, body, packed;
    const struct fault *fault;
    struct fields f;

    TRY(judged_key(c, secret, &key));
    fault = record_load(c, c->account, key, &body);
    ENSURE(fault != STORE_ABSENT, RECORD_DAMAGED);
    TRY(fault);
    f = fields_of(body);
    packed = fields_bytes(&f, JUDGED);
    out->region = fields_text(&f, REGION);
    TRY(fields_end(&f));
    return policy_unpack(c->arena, packed, &out->judged);
}

static fallible load_told(struct call *c, const struct secret *secret, struct texts *told)
{
    struct bytes key, body, list;
    struct bytes *at;
    struct fields f;

    TRY(told_key(c, secret, &key));
    TRY(record_load(c, c->account, key, &body));
    f = fields_of(body);
    list = fields_list(&f, TOLD, &told->n);
    at = arena_get(c->arena, (told->n + 1) * sizeof(struct bytes));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < told->n; i++)
        at[i] = fields_next_text(&f, &list);
    told->at = at;
    return fields_end(&f);
}

fallible secret_policy_drop(struct call *c, const struct secret *secret)
{
    struct secret_policy policy;
    struct bytes key;

    if (secret->policy == 0)
        return OK;
    TRY(load_judged(c, secret, &policy));
    TRY(each_invited(c, secret, policy.judged, record_drop));
    TRY(judged_key(c, secret, &key));
    TRY(record_drop(c, key));
    TRY(told_key(c, secret, &key));
    return record_drop(c, key);
}

/* No two policies of a secret have one stamp, however fast they follow. */
static int64_t stamp(const struct call *c, const struct secret *secret)
{
    return c->now > secret->policy ? c->now : secret->policy + 1;
}

fallible secret_policy_save(struct call *c, struct secret *secret,
                            const struct secret_policy *policy)
{
    TRY(secret_policy_drop(c, secret));
    TRY(save_judged(c, secret, policy));
    TRY(save_told(c, secret, policy->told));
    secret->policy = stamp(c, secret);
    return each_invited(c, secret, policy->judged, invite);
}

fallible secret_policy_keep(struct call *c, const struct secret *secret, struct secret_policy *out)
{
    *out = (struct secret_policy){0};
    TRY(load_judged(c, secret, out));
    if (out->region.at == NULL)
        out->region = c->region;
    return load_told(c, secret, &out->told);
}

fallible secret_policy_load(struct call *c, const struct secret *secret, struct resource *resource)
{
    const struct bytes here = c->region;
    struct secret_policy policy;
    const struct fault *fault;

    if (secret->policy == 0)
        return OK;
    TRY(load_judged(c, secret, &policy));
    resource->policy = policy.judged;
    if (policy.region.at == NULL)
        return OK;
    c->region = policy.region;
    fault = secret_arn(c, secret->name, secret->suffix, &resource->policy_arn);
    c->region = here;
    return fault;
}

static struct bytes region_of(struct bytes arn)
{
    struct bytes part = {0};

    for (int i = 0; i < 4; i++)
        if (!bytes_cut(&arn, ':', &part))
            return (struct bytes){0};
    return part;
}

struct bytes secret_fact(const void *thing, int id)
{
    const struct secret *secret = thing;

    switch (id) {
    case KEY_SECRET_OWN_TYPE:
        return secret->type;
    case KEY_SECRET_OWN_LAMBDA:
        return secret->rotation.function;
    case KEY_SECRET_PRIMARY_REGION:
        return secret->primary_region.n != 0 ? secret->primary_region : region_of(secret->arn);
    default:
        return (struct bytes){0};
    }
}

fallible secret_as_resource(struct call *c, const struct secret *secret, struct resource *out)
{
    *out = (struct resource){.arn = secret->arn,
                             .asked = secret->arn,
                             .type = LIT("AWS::SecretsManager::Secret"),
                             .tags = {secret->tags, secret->tag_count},
                             .fact = secret_fact,
                             .thing = secret};
    return secret_policy_load(c, secret, out);
}

/* --- telling --- */

/* The name as it was written as long as it is his whose id was pinned. */
static fallible tell_pin(struct call *c, struct buf *b, struct bytes raw, struct bytes arn,
                         struct bytes id)
{
    struct bytes now, as;
    const struct fault *found = identity_id_of(c, arn, &now, &as);

    if (found != USER_ABSENT)
        TRY(found);
    buf_add(b, found == OK && bytes_same(now, id) ? raw : id);
    return OK;
}

fallible secret_policy_tell(struct call *c, const struct secret *secret, struct bytes *document)
{
    struct buf b = buf_open(c->arena, ROW);
    struct texts told;

    TRY(load_told(c, secret, &told));
    for (size_t i = 0; i < told.n; i += PIN) {
        buf_add(&b, told.at[i]);
        if (i + PIN <= told.n)
            TRY(tell_pin(c, &b, told.at[i + 1], told.at[i + 2], told.at[i + 3]));
    }
    return buf_done(&b, document);
}

/* --- who is invited --- */

static fallible is_invited(struct call *c, struct bytes id, struct bytes name, bool *yes)
{
    const struct fault *found;
    struct bytes key, value;

    TRY(invited_key(c, id, name, &key));
    found = txn_get(c->txn, key, &value);
    *yes = found == OK;
    return found == STORE_ABSENT ? OK : found;
}

/* Looks under what is the asker's own and everybody's: what others have there does not show. */
fallible secret_policy_invites(struct call *c, const struct resource *resource, bool *invited)
{
    bool everybody, base = false;
    struct bytes name;

    *invited = false;
    if (!secret_asked(c, resource, &name))
        return OK;
    TRY(is_invited(c, c->who->id, name, invited));
    if (c->who->base.n != 0)
        TRY(is_invited(c, c->who->base, name, &base));
    TRY(is_invited(c, LIT("*"), name, &everybody));
    *invited = *invited || base || everybody;
    return OK;
}
