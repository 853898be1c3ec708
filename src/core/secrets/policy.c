/* policy: reading, keeping and telling. Members of the rows are numbered once and for all. */
#include "core/secrets/policy.h"

#include "codec/hex.h"
#include "core/fields.h"
#include "core/identity/identity.h"
#include "core/record.h"
#include "crypto/digest.h"

#include <string.h>

enum { JUDGED = 1, TOLD = 1 };
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

/* The id as a hash: a copied data file does not tell whom a policy names. */
static fallible invited_key(struct call *c, struct bytes id, struct bytes name, struct bytes *key)
{
    uint8_t hash[DIGEST_SIZE], hex[2 * WHO_BYTES];
    const struct bytes parts[] = {c->account, {hex, sizeof hex}, c->region, name};

    digest_sha256(id, hash);
    hex_encode((struct bytes){hash, WHO_BYTES}, hex);
    return record_key(c->arena, TABLE_INVITED, parts, 4, key);
}

static fallible save_judged(struct call *c, const struct secret *secret,
                            const struct policy *policy)
{
    struct buf b = buf_open(c->arena, ROW);
    struct cbor_map map = cbor_map_open(&b);
    struct bytes key, packed, body;

    TRY(policy_pack(c->arena, policy, &packed));
    cbor_put_bytes(cbor_map_key(&map, JUDGED), packed);
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

fallible secret_policy_drop(struct call *c, const struct secret *secret)
{
    const struct policy *policy;
    struct bytes key;

    if (secret->policy == 0)
        return OK;
    TRY(secret_policy_load(c, secret, &policy));
    TRY(each_invited(c, secret, policy, record_drop));
    TRY(judged_key(c, secret, &key));
    TRY(record_drop(c, key));
    TRY(told_key(c, secret, &key));
    return record_drop(c, key);
}

fallible secret_policy_save(struct call *c, struct secret *secret,
                            const struct secret_policy *policy)
{
    const int64_t before = secret->policy;

    TRY(secret_policy_drop(c, secret));
    TRY(save_judged(c, secret, policy->judged));
    TRY(save_told(c, secret, policy->told));
    secret->policy = c->now > before ? c->now : before + 1;
    return each_invited(c, secret, policy->judged, invite);
}

/* As they lie in `home`, for where the call stands. */
static fallible take_rows(struct call *c, const struct secret *primary, struct bytes home,
                          struct bytes rows[2])
{
    const struct bytes there = c->region;
    struct bytes judged, told;
    const struct fault *fault;

    c->region = home;
    fault = judged_key(c, primary, &judged);
    if (fault == OK)
        fault = told_key(c, primary, &told);
    c->region = there;
    TRY(fault);
    TRY(record_load(c, c->account, judged, &rows[0]));
    return record_load(c, c->account, told, &rows[1]);
}

fallible secret_policy_follow(struct call *c, const struct secret *primary, struct bytes home,
                              struct secret *copy)
{
    const struct policy *policy;
    struct bytes key, rows[2];

    if (copy->policy == primary->policy)
        return OK;
    TRY(secret_policy_drop(c, copy));
    copy->policy = primary->policy;
    if (copy->policy == 0)
        return OK;
    TRY(take_rows(c, primary, home, rows));
    TRY(judged_key(c, copy, &key));
    TRY(record_save(c, c->account, key, rows[0]));
    TRY(told_key(c, copy, &key));
    TRY(record_save(c, c->account, key, rows[1]));
    TRY(secret_policy_load(c, copy, &policy));
    return each_invited(c, copy, policy, invite);
}

fallible secret_policy_load(struct call *c, const struct secret *secret, const struct policy **out)
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
    TRY(fields_end(&f));
    return policy_unpack(c->arena, packed, out);
}

fallible secret_as_resource(struct call *c, const struct secret *secret, struct resource *out)
{
    *out = (struct resource){.arn = secret->arn,
                             .asked = secret->arn,
                             .type = LIT("AWS::SecretsManager::Secret"),
                             .tags = {secret->tags, secret->tag_count}};
    return secret->policy == 0 ? OK : secret_policy_load(c, secret, &out->policy);
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
    struct bytes key, body, list, raw, arn, id;
    struct fields f;
    size_t n;

    TRY(told_key(c, secret, &key));
    TRY(record_load(c, c->account, key, &body));
    f = fields_of(body);
    list = fields_list(&f, TOLD, &n);
    for (size_t i = 0; i < n; i += PIN) {
        buf_add(&b, fields_next_text(&f, &list));
        if (i + PIN > n)
            break;
        raw = fields_next_text(&f, &list);
        arn = fields_next_text(&f, &list);
        id = fields_next_text(&f, &list);
        TRY(tell_pin(c, &b, raw, arn, id));
    }
    TRY(fields_end(&f));
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

/* Two looks under what is the asker's own and everybody's: what others have there does not show. */
fallible secret_policy_invites(struct call *c, const struct resource *resource, bool *invited)
{
    bool everybody;
    struct bytes name;

    *invited = false;
    if (!secret_asked(c, resource, &name))
        return OK;
    TRY(is_invited(c, c->who->id, name, invited));
    TRY(is_invited(c, LIT("*"), name, &everybody));
    *invited = *invited || everybody;
    return OK;
}
