/* value: one call of the keeper to write, one to read; and where values lie. */
#include "core/secrets/value.h"
#include "core/secrets/stages.h"

#include "base/log.h"
#include "core/audit/tally.h"
#include "core/fields.h"
#include "core/identity/account.h"
#include "core/record.h"
#include "core/worker.h"
#include "crypto/digest.h"

enum { DATA_KEY = 1, SEALED, KIND, DIGEST };
/* A row of a record that carries as much still fits into a page of the store with others. */
enum { TAG = 32, BODY_BESIDE = 64, CARRIED_MOST = 1024 };

FAULT(SECRET_TWO_VALUES, FAULT_CALLER, "secret.two_values",
      "A value is either text or binary, not both.");
FAULT(SECRET_TOKEN_USED, FAULT_STATE, "secret.token_used",
      "The token {} stands for another value of the secret {}.");

FAULT(SECRET_GUESSES, FAULT_AGAIN, "secret.guesses",
      "Too many other values were sent under tokens of this secret in this minute.");

fallible value_given(struct sensitive *text, struct sensitive *binary, struct value *out)
{
    ENSURE(text == NULL || binary == NULL, SECRET_TWO_VALUES);
    *out = text != NULL ? (struct value){VALUE_TEXT, text} : (struct value){VALUE_BINARY, binary};
    return OK;
}

static fallible value_key(struct call *c, const struct secret *secret, struct bytes version,
                          struct bytes *key)
{
    const struct bytes parts[] = {c->account, c->region, secret->name, secret->suffix, version};

    return record_key(c->arena, TABLE_VALUE, parts, 5, key);
}

/* What is authenticated of the kind: it must not be changed from text to binary either. */
static struct bytes word_of(enum value_kind kind)
{
    return kind == VALUE_TEXT ? LIT("text") : LIT("binary");
}

static fallible digest(struct call *c, const struct secret *secret, struct bytes version,
                       const struct value *value, uint8_t tag[TAG])
{
    const struct account_keys *keys;

    TRY(account_keys(c, &keys));
    return keeper_mac(c->worker->house->keeper, c->arena, &keys->macs,
                      BOUND(FOR_DIGEST, LIT("value"), secret->arn, version, word_of(value->kind)),
                      sensitive_view(value->plain), tag);
}

static fallible seal(struct call *c, const struct secret *secret, struct bytes version,
                     const struct value *value, struct sealed_value *sealed)
{
    const struct account_keys *keys;

    TRY(account_keys(c, &keys));
    return keeper_value_seal(
        c->worker->house->keeper, c->arena, &keys->values,
        BOUND(FOR_VALUE, c->account, secret->arn, version, word_of(value->kind)),
        sensitive_view(value->plain), sealed);
}

fallible value_seal(struct call *c, const struct secret *secret, struct version *version,
                    const struct value *value)
{
    struct sealed_value sealed;
    uint8_t tag[TAG];
    struct cbor_map map;
    struct buf b;

    TRY(digest(c, secret, version->id, value, tag));
    TRY(seal(c, secret, version->id, value, &sealed));
    b = buf_open(c->arena, sealed.data_key.n + sealed.sealed.n + TAG + BODY_BESIDE);
    map = cbor_map_open(&b);
    cbor_put_bytes(cbor_map_key(&map, DATA_KEY), sealed.data_key);
    cbor_put_bytes(cbor_map_key(&map, SEALED), sealed.sealed);
    cbor_put_int(cbor_map_key(&map, KIND), value->kind);
    cbor_put_bytes(cbor_map_key(&map, DIGEST), (struct bytes){tag, TAG});
    cbor_map_close(&map);
    return buf_done(&b, &version->fresh);
}

static fallible row_save(struct call *c, const struct secret *secret, struct bytes version,
                         struct bytes body)
{
    struct bytes key;

    TRY(value_key(c, secret, version, &key));
    return record_save(c, c->account, key, body);
}

static fallible row_drop(struct call *c, const struct secret *secret, struct bytes version)
{
    struct bytes key;

    TRY(value_key(c, secret, version, &key));
    return record_drop(c, key);
}

/* The list in the secret's record says that it is there: if not, something was taken away. */
static fallible row_load(struct call *c, const struct secret *secret, struct bytes version,
                         struct bytes *body)
{
    struct bytes key;
    const struct fault *fault;

    TRY(value_key(c, secret, version, &key));
    fault = record_load(c, c->account, key, body);
    return fault == STORE_ABSENT ? RECORD_DAMAGED : fault;
}

static bool is_carried(const struct secret *secret, struct bytes version)
{
    return secret->carried.at != NULL && bytes_same(secret->carried_id, version);
}

static fallible load(struct call *c, const struct secret *secret, struct bytes version,
                     struct bytes *body)
{
    if (!is_carried(secret, version))
        return row_load(c, secret, version, body);
    *body = secret->carried;
    return OK;
}

fallible value_open(struct call *c, const struct secret *secret, struct bytes version,
                    struct value *out)
{
    const struct account_keys *keys;
    struct sealed_value sealed;
    struct bytes body;
    struct fields f;

    TRY(load(c, secret, version, &body));
    TRY(account_keys(c, &keys));
    f = fields_of(body);
    sealed.data_key = fields_bytes(&f, DATA_KEY);
    sealed.sealed = fields_bytes(&f, SEALED);
    out->kind = fields_int(&f, KIND) == VALUE_TEXT ? VALUE_TEXT : VALUE_BINARY;
    TRY(fields_end(&f));
    return keeper_value_open(c->worker->house->keeper, c->arena, &keys->values,
                             BOUND(FOR_VALUE, c->account, secret->arn, version, word_of(out->kind)),
                             &sealed, &out->plain);
}

fallible value_drop(struct call *c, const struct secret *secret, struct bytes version)
{
    return is_carried(secret, version) ? OK : row_drop(c, secret, version);
}

/* --- where they lie --- */

static fallible leave_record(struct call *c, struct secret *secret)
{
    const struct bytes id = secret->carried_id, body = secret->carried;

    secret->carried_id = secret->carried = (struct bytes){0};
    return body.at == NULL || version_find(secret, id) == NULL ? OK : row_save(c, secret, id, body);
}

static void enter_record(struct secret *secret, struct version *version, struct bytes body)
{
    secret->carried_id = version->id;
    secret->carried = body;
    version->fresh = (struct bytes){0};
}

/* One that became current after it was stored. */
static fallible fetch_current(struct call *c, struct secret *secret, struct version *current)
{
    struct bytes body;

    TRY(row_load(c, secret, current->id, &body));
    if (body.n > CARRIED_MOST)
        return OK;
    enter_record(secret, current, body);
    return row_drop(c, secret, current->id);
}

static fallible carry(struct call *c, struct secret *secret, struct version *current)
{
    TRY(leave_record(c, secret));
    if (current == NULL)
        return OK;
    if (current->fresh.at == NULL)
        return fetch_current(c, secret, current);
    if (current->fresh.n <= CARRIED_MOST)
        enter_record(secret, current, current->fresh);
    return OK;
}

fallible values_settle(struct call *c, struct secret *secret)
{
    struct version *current = version_labelled(secret, AWSCURRENT);

    if (current == NULL || !is_carried(secret, current->id))
        TRY(carry(c, secret, current));
    for (size_t i = 0; i < secret->version_count; i++) {
        struct version *version = &secret->versions[i];

        if (version->fresh.at != NULL)
            TRY(row_save(c, secret, version->id, version->fresh));
        version->fresh = (struct bytes){0};
    }
    return OK;
}

/* --- a request that is repeated --- */

/* Each no tells what the value is not. */
static void count_guess(struct call *c, const struct secret *secret, struct bytes who)
{
    struct tally *guesses = c->worker->guesses;

    (void)tally_admit(guesses, who, SECRET_GUESSES, c->now);
    if (tally_spent(guesses, who, SECRET_GUESSES, c->now))
        LOG(LOG_NOTICE, "secret.guesses", F("secret", secret->arn), F("request", c->id));
}

fallible value_repeated(struct call *c, const struct secret *secret, struct bytes version,
                        const struct value *value)
{
    struct bytes body, known;
    uint8_t tag[TAG], id[DIGEST_SIZE];
    const struct bytes who = {id, sizeof id};
    struct fields f;
    bool same;

    digest_sha256(secret->arn, id);
    ENSURE(!tally_spent(c->worker->guesses, who, SECRET_GUESSES, c->now), SECRET_GUESSES);
    TRY(load(c, secret, version, &body));
    f = fields_of(body);
    known = fields_bytes(&f, DIGEST);
    TRY(fields_end(&f));
    TRY(digest(c, secret, version, value, tag));
    same = bytes_same_hidden(known, (struct bytes){tag, TAG});
    sensitive_declassify(&same, sizeof(same)); /* the answer is what everyone may know */
    if (same)
        return OK;
    count_guess(c, secret, who);
    return why(c, SECRET_TOKEN_USED, version, secret->arn);
}
