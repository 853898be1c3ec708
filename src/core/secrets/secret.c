/* secret: members are numbered once and for all. The list of versions lies in the secret's own
 * record, so that what is said of all of them (one owner a label, a hundred at most) is guarded by
 * one key. */
#include "core/secrets/secret.h"
#include "core/latest.h"

#include "core/fields.h"
#include "core/marks.h"
#include "core/record.h"
#include "core/secrets/due.h"
#include "core/secrets/index.h"
#include "core/secrets/policy.h"
#include "core/secrets/replica.h"
#include "core/secrets/rotation.h"
#include "core/secrets/value.h"
#include "core/worker.h"

enum {
    NAME = 1,
    SUFFIX,
    CREATED,
    CHANGED,
    DELETED,
    DUE,
    DESCRIPTION,
    KMS_KEY,
    TOKEN,
    TAGS,
    VERSIONS,
    TYPE,
    EXTERNAL,
    EXTERNAL_ROLE,
    POLICY,
    ROTATION,
    REPLICAS,
    PRIMARY,
    CARRIED_ID,
    CARRIED,
    NEXT /* of the number that is still free */
};
enum { VERSION_ID = 1, VERSION_CREATED, STAGES };
enum { BODY = 512 };

#define KNOWN ((UINT64_C(1) << NEXT) - 2)

FAULT(SECRET_ABSENT, FAULT_ABSENT, "secret.absent", "There is no such secret.");
FAULT(SECRET_NAME, FAULT_CALLER, "secret.name",
      "A secret's name has letters, digits and -/_+=.@! only.");
FAULT(SECRET_KMS_KEY, FAULT_CALLER, "secret.kms_key",
      "Only the account's default key can be used: there are no other keys yet.");
FAULT(SECRET_BEYOND, FAULT_CALLER, "secret.beyond", "{} is not served yet.");
FAULT(SECRET_QUOTA, FAULT_LIMIT, "secret.quota",
      "The account has as many secrets in this region as it may have.");
FAULT(SECRET_DELETED, FAULT_STATE, "secret.deleted", "The secret is marked for deletion.");

bool secret_name_fits(struct bytes name)
{
    static const bool fits[UINT8_MAX + 1] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true,
        ['/'] = true,         ['_'] = true,         ['+'] = true,         ['='] = true,
        ['.'] = true,         ['@'] = true,         ['!'] = true,
    };

    for (size_t i = 0; i < name.n; i++)
        if (!fits[name.at[i]])
            return false;
    return name.n != 0;
}

bool secret_gone(const struct call *c, const struct secret *secret)
{
    return secret->due != 0 && secret->due <= latest_now(c);
}

fallible secret_changeable(const struct secret *secret)
{
    ENSURE(secret->follows.at == NULL, SECRET_REPLICA);
    ENSURE(secret->deleted == 0, SECRET_DELETED);
    return OK;
}

fallible secret_arn(struct call *c, struct bytes name, struct bytes suffix, struct bytes *arn)
{
    struct buf b = buf_open(c->arena, 96 + name.n);

    buf_add(&b, LIT("arn:"));
    buf_add(&b, c->partition.n != 0 ? c->partition : LIT("aws"));
    buf_add(&b, LIT(":secretsmanager:"));
    buf_add(&b, c->region);
    buf_add_byte(&b, ':');
    buf_add(&b, c->account);
    buf_add(&b, LIT(":secret:"));
    buf_add(&b, name);
    buf_add_byte(&b, '-');
    buf_add(&b, suffix);
    return buf_done(&b, arn);
}

fallible secret_key(struct call *c, struct bytes name, struct bytes *key)
{
    const struct bytes parts[] = {c->account, c->region, name};

    return record_key(c->arena, TABLE_SECRET, parts, 3, key);
}

fallible secret_use_key(struct call *c, const struct secret *secret, struct bytes *key)
{
    const struct bytes parts[] = {c->account, LIT("secret"), c->region, secret->name,
                                  secret->suffix};

    return record_key(c->arena, TABLE_LAST_USE, parts, 5, key);
}

/* "arn:aws:kms:<region>:<account>:" before the alias. */
static bool default_key_arn(const struct call *c, struct bytes arn)
{
    const struct bytes wanted[] = {LIT("arn"), c->partition.n != 0 ? c->partition : LIT("aws"),
                                   LIT("kms"), c->region, c->account};
    struct bytes part;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!bytes_cut(&arn, ':', &part) || !bytes_same(part, wanted[i]))
            return false;
    return bytes_same(arn, LIT("alias/aws/secretsmanager"));
}

fallible secret_kms_key_fits(const struct call *c, struct bytes key)
{
    ENSURE(key.n == 0 || bytes_same(key, LIT("alias/aws/secretsmanager")) ||
               default_key_arn(c, key),
           SECRET_KMS_KEY);
    return OK;
}

size_t secret_limit(const struct call *c, enum limit limit)
{
    return limit_of(&c->worker->house->limits, limit);
}

/* --- reading --- */

static fallible read_pairs(struct call *c, struct fields *f, uint64_t key, struct pair **out,
                           size_t *count)
{
    size_t n;
    struct bytes list = fields_list(f, key, &n);
    struct pair *pairs = arena_get(c->arena, (n / 2 + 1) * sizeof(struct pair));

    ENSURE(pairs != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n / 2; i++) {
        pairs[i].name = fields_next_text(f, &list);
        pairs[i].value = fields_next_text(f, &list);
    }
    if (n % 2 == 0)
        fields_listed(f, list);
    *out = pairs;
    *count = n / 2;
    return OK;
}

static fallible read_version(struct call *c, struct bytes *versions, struct version *version)
{
    struct fields f = fields_of(*versions);
    struct bytes list;

    version->id = fields_text(&f, VERSION_ID);
    version->created = fields_int(&f, VERSION_CREATED);
    list = fields_list(&f, STAGES, &version->stage_count);
    version->stages = arena_get(c->arena, (version->stage_count + 1) * sizeof(struct bytes));
    ENSURE(version->stages != NULL, ARENA_SPENT);
    for (size_t i = 0; i < version->stage_count; i++)
        version->stages[i] = fields_next_text(&f, &list);
    fields_listed(&f, list);
    return fields_leave(&f, versions);
}

static fallible read_versions(struct call *c, struct fields *f, struct secret *secret)
{
    struct bytes list = fields_list(f, VERSIONS, &secret->version_count);

    secret->versions = arena_get(c->arena, (secret->version_count + 1) * sizeof(struct version));
    ENSURE(secret->versions != NULL, ARENA_SPENT);
    for (size_t i = 0; i < secret->version_count; i++)
        TRY(read_version(c, &list, &secret->versions[i]));
    fields_listed(f, list);
    return OK;
}

static fallible read_external(struct call *c, struct fields *f, struct secret *secret)
{
    struct pair *pairs;

    secret->type = fields_text(f, TYPE);
    TRY(read_pairs(c, f, EXTERNAL, &pairs, &secret->external.n));
    secret->external.at = pairs;
    secret->external_role = fields_text(f, EXTERNAL_ROLE);
    return OK;
}

static fallible read_replication(struct call *c, struct fields *f, struct secret *secret)
{
    TRY(replicas_read(c, f, REPLICAS, secret));
    secret->follows = fields_text(f, PRIMARY);
    secret->primary_region = secret->follows;
    if (secret->replica_count != 0)
        secret->primary_region = c->region;
    return OK;
}

fallible secret_parse(struct call *c, struct bytes key, struct bytes body, struct secret **out)
{
    struct secret *secret = arena_new(c->arena, struct secret);
    struct fields f = fields_of(body);

    ENSURE(secret != NULL, ARENA_SPENT);
    secret->key = key;
    secret->old = body;
    secret->name = fields_text(&f, NAME);
    secret->suffix = fields_text(&f, SUFFIX);
    secret->created = fields_int(&f, CREATED);
    secret->changed = fields_int(&f, CHANGED);
    secret->deleted = fields_int(&f, DELETED);
    secret->due = fields_int(&f, DUE);
    secret->description = fields_text(&f, DESCRIPTION);
    secret->kms_key = fields_text(&f, KMS_KEY);
    secret->token = fields_text(&f, TOKEN);
    TRY(read_pairs(c, &f, TAGS, &secret->tags, &secret->tag_count));
    TRY(read_versions(c, &f, secret));
    TRY(read_external(c, &f, secret));
    secret->policy = fields_int(&f, POLICY);
    TRY(rotation_read(&f, ROTATION, &secret->rotation));
    TRY(read_replication(c, &f, secret));
    secret->carried_id = fields_text(&f, CARRIED_ID);
    secret->carried = fields_bytes(&f, CARRIED);
    TRY(secret_arn(c, secret->name, secret->suffix, &secret->arn));
    *out = secret;
    return fields_end(&f);
}

fallible secret_of_key(struct call *c, struct bytes account, struct bytes key, struct secret **out)
{
    struct bytes body;
    const struct fault *fault = record_load(c, account, key, &body);

    ENSURE(fault != STORE_ABSENT, SECRET_ABSENT);
    TRY(fault);
    return secret_parse(c, key, body, out);
}

fallible secret_of_name(struct call *c, struct bytes name, struct secret **out)
{
    struct bytes key;

    TRY(secret_key(c, name, &key));
    return secret_of_key(c, c->account, key, out);
}

/* --- writing --- */

static void write_version(struct buf *b, const struct version *version)
{
    struct cbor_map map = cbor_map_open(b);

    cbor_put_text(cbor_map_key(&map, VERSION_ID), version->id);
    cbor_put_int(cbor_map_key(&map, VERSION_CREATED), version->created);
    cbor_put_array(cbor_map_key(&map, STAGES), version->stage_count);
    for (size_t i = 0; i < version->stage_count; i++)
        cbor_put_text(b, version->stages[i]);
    cbor_map_close(&map);
}

static void write_text(struct cbor_map *map, uint64_t key, struct bytes text)
{
    if (text.at != NULL)
        cbor_put_text(cbor_map_key(map, key), text);
}

static void write_pairs(struct cbor_map *map, uint64_t key, struct pairs pairs)
{
    cbor_put_array(cbor_map_key(map, key), 2 * pairs.n);
    for (size_t i = 0; i < pairs.n; i++) {
        cbor_put_text(map->buf, pairs.at[i].name);
        cbor_put_text(map->buf, pairs.at[i].value);
    }
}

static void write_lists(struct cbor_map *map, const struct secret *secret)
{
    write_pairs(map, TAGS, (struct pairs){secret->tags, secret->tag_count});
    cbor_put_array(cbor_map_key(map, VERSIONS), secret->version_count);
    for (size_t i = 0; i < secret->version_count; i++)
        write_version(map->buf, &secret->versions[i]);
    write_text(map, TYPE, secret->type);
    if (secret->external.n != 0)
        write_pairs(map, EXTERNAL, secret->external);
    write_text(map, EXTERNAL_ROLE, secret->external_role);
}

/* What the index has of it. */
static fallible indexed(struct call *c, const struct secret *secret, struct indexed *was)
{
    struct fields f = fields_of(secret->old);
    struct pair *tags;

    *was = (struct indexed){0};
    if (secret->old.n == 0)
        return OK;
    was->created = fields_int(&f, CREATED);
    was->changed = fields_int(&f, CHANGED);
    TRY(read_pairs(c, &f, TAGS, &tags, &was->tags.n));
    was->tags.at = tags;
    return OK;
}

static void write_carried(struct cbor_map *map, const struct secret *secret)
{
    if (secret->carried.at == NULL)
        return;
    cbor_put_text(cbor_map_key(map, CARRIED_ID), secret->carried_id);
    cbor_put_bytes(cbor_map_key(map, CARRIED), secret->carried);
}

fallible secret_write(struct call *c, struct secret *secret)
{
    struct buf b = buf_open(c->arena, BODY + secret->old.n);
    struct cbor_map map = cbor_map_over(&b, secret->old, KNOWN);
    struct indexed was;
    struct bytes body;

    TRY(indexed(c, secret, &was));
    TRY(index_save(c, secret, &was));
    TRY(values_settle(c, secret));
    cbor_put_text(cbor_map_key(&map, NAME), secret->name);
    cbor_put_text(cbor_map_key(&map, SUFFIX), secret->suffix);
    cbor_put_int(cbor_map_key(&map, CREATED), secret->created);
    cbor_put_int(cbor_map_key(&map, CHANGED), secret->changed);
    cbor_put_int(cbor_map_key(&map, DELETED), secret->deleted);
    cbor_put_int(cbor_map_key(&map, DUE), secret->due);
    write_text(&map, DESCRIPTION, secret->description);
    write_text(&map, KMS_KEY, secret->kms_key);
    write_text(&map, TOKEN, secret->token);
    write_lists(&map, secret);
    if (secret->policy != 0)
        cbor_put_int(cbor_map_key(&map, POLICY), secret->policy);
    rotation_write(&map, ROTATION, secret);
    replicas_write(&map, REPLICAS, secret);
    write_text(&map, PRIMARY, secret->follows);
    write_carried(&map, secret);
    cbor_map_close(&map);
    TRY(buf_done(&b, &body));
    return record_save(c, c->account, secret->key, body);
}

fallible secret_save(struct call *c, struct secret *secret)
{
    ENSURE(secret->follows.at == NULL, SECRET_REPLICA);
    TRY(secret_write(c, secret));
    return replicas_follow(c, secret);
}

fallible secret_destroy(struct call *c, const struct secret *secret)
{
    struct indexed was;

    TRY(indexed(c, secret, &was));
    TRY(index_drop(c, secret, &was));
    for (size_t i = 0; i < secret->version_count; i++)
        TRY(value_drop(c, secret, secret->versions[i].id));
    if (secret->due != 0)
        TRY(due_drop(c, secret_due_purge.name, (struct moment){secret->due}, secret->key));
    TRY(secret_policy_drop(c, secret));
    return record_drop(c, secret->key);
}

static fallible tell_versions(struct call *c, const struct secret *secret, struct secret_item *item)
{
    struct secret_version_stages *at =
        arena_get(c->arena, (secret->version_count + 1) * sizeof(struct secret_version_stages));

    ENSURE(at != NULL, ARENA_SPENT);
    item->versions.at = at;
    for (size_t i = 0; i < secret->version_count; i++) {
        const struct version *version = &secret->versions[i];

        if (version->stage_count != 0)
            at[item->versions.n++] = (struct secret_version_stages){
                .version = version->id, .stages = {version->stages, version->stage_count}};
    }
    return OK;
}

fallible secret_tell(struct call *c, const struct secret *secret, struct secret_item *item)
{
    struct bytes key;

    *item = (struct secret_item){.arn = secret->arn,
                                 .name = secret->name,
                                 .description = secret->description,
                                 .kms_key = secret->kms_key,
                                 .created = {secret->created},
                                 .last_changed = {secret->changed},
                                 .deleted = {secret->deleted},
                                 .type = secret->type,
                                 .external = secret->external,
                                 .external_role = secret->external_role,
                                 .tags = {secret->tags, secret->tag_count},
                                 .primary_region = secret->primary_region};
    TRY(tell_versions(c, secret, item));
    rotation_tell(secret, item);
    TRY(secret_use_key(c, secret, &key));
    return mark_read(c, key, &item->last_accessed);
}
