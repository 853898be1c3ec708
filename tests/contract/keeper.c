/* keeper: what every keeper promises, whatever it is made of. `keeper_under_test` makes the one to
 * try. */
#include "support/each_fault.h"
#include "support/hex.h"
#include "support/test.h"

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "crypto/start.h"
#include "keeper/local.h"

#include <pthread.h>

#define ACCOUNT LIT("123456789012")

static struct arena *arena;
static struct keeper *keeper;
static const uint8_t root_bytes[32] = {1, 2, 3}, second_root[32] = {4, 5, 6};
static const struct keeper_root roots[] = {{1, {root_bytes, 32}}, {2, {second_root, 32}}};

static struct sensitive_view hidden(struct bytes b)
{
    return (struct sensitive_view){b.at, b.n};
}

static int set_up(void **state)
{
    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    arena = arena_open(64 << 20);
    assert_ok(keeper_local(roots, 1, &keeper));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keeper_close(keeper);
    arena_close(arena);
    arena_forget_kept();
    crypto_forget_kept();
    return 0;
}

static struct key_identity identity(enum key_kind kind, enum key_use use)
{
    return (struct key_identity){ACCOUNT, LIT("key-1"), 1, kind, use};
}

static const enum key_kind kind_for[KEY_USES] = {
    [KEY_FOR_VALUES] = KEY_AES_256,
    [KEY_FOR_CUSTOMER] = KEY_AES_256,
    [KEY_FOR_MACS] = KEY_HMAC_256,
    [KEY_FOR_SIGNATURES] = KEY_ACCESS_SECRET,
};

static struct wrapped key_for(enum key_use use)
{
    struct key_identity is = identity(kind_for[use], use);
    struct wrapped out = {0};

    if (use == KEY_FOR_SIGNATURES)
        assert_ok(keeper_admit(keeper, arena, &is,
                               hidden(LIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")), &out));
    else
        assert_ok(keeper_make(keeper, arena, &is, &out));
    return out;
}

static void a_value_opens_where_it_was_sealed(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, ACCOUNT, LIT("eu-west-1"), LIT("db"), LIT("v1"));
    struct wrapped key = key_for(KEY_FOR_VALUES);
    struct sealed_value value, again;
    struct sensitive *plain;

    (void)state;
    assert_ok(keeper_value_seal(keeper, arena, &key, place, hidden(LIT("hunter2")), &value));
    assert_ok(keeper_value_seal(keeper, arena, &key, place, hidden(LIT("hunter2")), &again));
    assert_memory_not_equal(value.data_key.at, again.data_key.at, value.data_key.n);
    for (int warm = 0; warm < 2; warm++) {
        assert_ok(keeper_value_open(keeper, arena, &key, place, &value, &plain));
        assert_bytes(sensitive_reveal(plain), LIT("hunter2"));
    }
    again.data_key = value.data_key; /* another value's data key */
    assert_fault(keeper_value_open(keeper, arena, &key, place, &again, &plain), KEEPER_REFUSED);
}

static void a_value_opens_nowhere_else(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, ACCOUNT, LIT("eu-west-1"), LIT("db"), LIT("v1"));
    struct wrapped key = key_for(KEY_FOR_VALUES), other = key_for(KEY_FOR_VALUES);
    struct sealed_value value, changed;
    struct sensitive *plain;
    uint8_t copy[256];

    (void)state;
    assert_ok(keeper_value_seal(keeper, arena, &key, place, hidden(LIT("hunter2")), &value));
    assert_fault(
        keeper_value_open(keeper, arena, &key,
                          BOUND(FOR_VALUE, ACCOUNT, LIT("eu-west-1"), LIT("db"), LIT("v2")), &value,
                          &plain),
        KEEPER_REFUSED);
    assert_fault(keeper_value_open(keeper, arena, &other, place, &value, &plain), KEEPER_REFUSED);
    for (size_t i = 0; i < value.data_key.n; i++) {
        memcpy(copy, value.data_key.at, value.data_key.n);
        copy[i] ^= 0x40;
        changed = (struct sealed_value){{copy, value.data_key.n}, value.sealed};
        assert_fault(keeper_value_open(keeper, arena, &key, place, &changed, &plain),
                     KEEPER_REFUSED);
        changed.data_key.n = i;
        assert_fault(keeper_value_open(keeper, arena, &key, place, &changed, &plain),
                     KEEPER_REFUSED);
    }
    for (size_t i = 0; i < value.sealed.n; i++) {
        memcpy(copy, value.sealed.at, value.sealed.n);
        copy[i] ^= 1;
        changed = (struct sealed_value){value.data_key, {copy, value.sealed.n}};
        assert_fault(keeper_value_open(keeper, arena, &key, place, &changed, &plain),
                     KEEPER_REFUSED);
    }
}

/* Every method asked with one key: which of them answer OK, as bits. Those refused must say
 * MISUSED. */
enum { VALUES = 1, SEALS = 2, MACS = 4, DERIVES = 8 };

static const struct bytes scope[3] = {{(const uint8_t *)"20150830", 8},
                                      {(const uint8_t *)"us-east-1", 9},
                                      {(const uint8_t *)"iam", 3}};

static unsigned answer_of(const struct fault *why, unsigned bit, const struct fault *expected)
{
    if (why != OK)
        assert_ptr_equal(why, expected);
    return why == OK ? bit : 0;
}

static unsigned ask_all(const struct wrapped *key, const struct fault *expected)
{
    struct sealed_value value;
    struct sensitive *out;
    struct bytes sealed;
    uint8_t tag[32];
    unsigned answered = 0;

    answered |= answer_of(
        keeper_value_seal(keeper, arena, key, BOUND(FOR_VALUE, LIT("x")), hidden(LIT("v")), &value),
        VALUES, expected);
    answered |= answer_of(
        keeper_seal(keeper, arena, key, BOUND(FOR_KMS, LIT("x")), hidden(LIT("v")), &sealed), SEALS,
        expected);
    answered |= answer_of(
        keeper_mac(keeper, arena, key, BOUND(FOR_DIGEST, LIT("x")), hidden(LIT("v")), tag), MACS,
        expected);
    answered |= answer_of(keeper_derive(keeper, arena, key, scope, &out), DERIVES, expected);
    return answered;
}

static void every_kind_does_what_it_is_for_and_nothing_else(void **state)
{
    static const unsigned does[KEY_USES] = {
        [KEY_FOR_VALUES] = VALUES,
        [KEY_FOR_CUSTOMER] = VALUES | SEALS,
        [KEY_FOR_MACS] = MACS,
        [KEY_FOR_SIGNATURES] = DERIVES,
    };

    (void)state;
    for (int use = KEY_NO_USE + 1; use < KEY_USES; use++) {
        struct wrapped key = key_for((enum key_use)use);

        assert_int_equal(ask_all(&key, KEEPER_MISUSED), does[use]);
    }
}

/* A blob offered under any other identity: never opens, cache warm or cold. */
static void assert_only_itself(const struct wrapped *key, const struct key_identity *claimed)
{
    struct wrapped lie = {*claimed, key->blob}, out;
    const struct fault *why = keeper_rewrap(keeper, arena, &lie, &out);

    assert_true(why == KEEPER_REFUSED || why == KEEPER_MISUSED);
    for (int i = 0; i < 2; i++) {
        struct wrapped honest = *key;

        assert_ok(keeper_rewrap(keeper, arena, &honest, &out));
    }
    why = keeper_rewrap(keeper, arena, &lie, &out);
    assert_true(why == KEEPER_REFUSED || why == KEEPER_MISUSED);
}

static void a_blob_is_the_key_it_was_made_as(void **state)
{
    (void)state;
    for (int use = KEY_NO_USE + 1; use < KEY_USES; use++) {
        struct wrapped key = key_for((enum key_use)use);
        struct key_identity is = key.is;

        is.account = LIT("123456789013");
        assert_only_itself(&key, &is);
        is = key.is;
        is.id = LIT("key-2");
        assert_only_itself(&key, &is);
        is = key.is;
        is.version = 2;
        assert_only_itself(&key, &is);
        for (int kind = -1; kind <= KEY_KINDS; kind++)
            for (int other = -1; other <= KEY_USES; other++) {
                is = identity((enum key_kind)kind, (enum key_use)other);
                if (other != use || kind != (int)kind_for[use])
                    assert_only_itself(&key, &is);
            }
    }
}

static void an_altered_blob_does_not_open(void **state)
{
    struct wrapped key = key_for(KEY_FOR_VALUES), changed = key, out;
    uint8_t copy[256];

    (void)state;
    for (size_t i = 0; i < key.blob.n; i++) {
        const struct fault *why;

        memcpy(copy, key.blob.at, key.blob.n);
        copy[i] ^= 2;
        changed.blob = (struct bytes){copy, key.blob.n};
        why = keeper_rewrap(keeper, arena, &changed, &out);
        assert_true(why == KEEPER_REFUSED || (i >= 1 && i < 5 && why == KEEPER_SEALED));
        changed.blob.n = i;
        assert_fault(keeper_rewrap(keeper, arena, &changed, &out), KEEPER_REFUSED);
    }
}

/* Things of every sort, each offered to the openers of the other sorts. */
static void nothing_sealed_opens_by_another_door(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x")), *context = BOUND(FOR_KMS, LIT("x"));
    struct wrapped customer = key_for(KEY_FOR_CUSTOMER), made;
    struct sensitive *plain, *record;
    struct sealed_value value, lie;
    struct bytes sealed, opened;

    (void)state;
    assert_ok(keeper_value_seal(keeper, arena, &customer, place,
                                hidden(LIT("12345678901234567890123456789012")), &value));
    assert_ok(keeper_seal(keeper, arena, &customer, context,
                          hidden(LIT("12345678901234567890123456789012")), &sealed));
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 0, ACCOUNT, &record));

    assert_fault(keeper_open(keeper, arena, &customer, context, value.data_key, &plain),
                 KEEPER_REFUSED);
    assert_fault(
        keeper_open(keeper, arena, &customer, context, bytes_after(value.data_key, 1), &plain),
        KEEPER_REFUSED);
    assert_fault(keeper_open(keeper, arena, &customer, context, value.sealed, &plain),
                 KEEPER_REFUSED);
    assert_fault(keeper_open(keeper, arena, &customer, context, customer.blob, &plain),
                 KEEPER_REFUSED);
    lie = (struct sealed_value){sealed, value.sealed};
    assert_fault(keeper_value_open(keeper, arena, &customer, place, &lie, &plain), KEEPER_REFUSED);
    lie = (struct sealed_value){value.sealed, value.sealed};
    assert_fault(keeper_value_open(keeper, arena, &customer, place, &lie, &plain), KEEPER_REFUSED);
    lie = (struct sealed_value){value.data_key, sealed};
    assert_fault(keeper_value_open(keeper, arena, &customer, place, &lie, &plain), KEEPER_REFUSED);
    made = (struct wrapped){customer.is, value.data_key};
    assert_true(keeper_rewrap(keeper, arena, &made, &made) != OK);
    made = (struct wrapped){customer.is, sealed};
    assert_true(keeper_rewrap(keeper, arena, &made, &made) != OK);

    for (int purpose = FOR_NOTHING + 1; purpose < PURPOSES;
         purpose++) { /* the one key above the keeper */
        const struct bound *any = BOUND((enum purpose)purpose, LIT("x"));

        assert_fault(aead_open_plain(arena, sensitive_view(record), any, value.sealed, &opened),
                     AEAD_REFUSED);
        assert_fault(aead_open_plain(arena, sensitive_view(record), any,
                                     bytes_after(value.data_key, 1), &opened),
                     AEAD_REFUSED);
        assert_fault(aead_open_plain(arena, sensitive_view(record), any,
                                     bytes_after(customer.blob, 5), &opened),
                     AEAD_REFUSED);
        assert_fault(aead_open_plain(arena, sensitive_view(record), any, sealed, &opened),
                     AEAD_REFUSED);
    }
}

static void a_wrong_purpose_is_a_misuse(void **state)
{
    struct wrapped customer = key_for(KEY_FOR_CUSTOMER), mac = key_for(KEY_FOR_MACS);
    struct sealed_value value;
    struct bytes sealed;
    uint8_t tag[32];

    (void)state;
    for (int purpose = FOR_NOTHING; purpose <= PURPOSES; purpose++) {
        const struct bound *bound = BOUND((enum purpose)purpose, LIT("x"));

        if (purpose != FOR_VALUE)
            assert_fault(
                keeper_value_seal(keeper, arena, &customer, bound, hidden(LIT("v")), &value),
                KEEPER_MISUSED);
        if (purpose != FOR_KMS)
            assert_fault(keeper_seal(keeper, arena, &customer, bound, hidden(LIT("v")), &sealed),
                         KEEPER_MISUSED);
        if (purpose != FOR_DIGEST)
            assert_fault(keeper_mac(keeper, arena, &mac, bound, hidden(LIT("v")), tag),
                         KEEPER_MISUSED);
    }
}

static void identities_out_of_bounds_are_misuses(void **state)
{
    struct key_identity is = identity(KEY_AES_256, KEY_FOR_VALUES);
    uint8_t large[129] = {0};
    struct wrapped out;

    (void)state;
    is.account = LIT("12345678901");
    assert_fault(keeper_make(keeper, arena, &is, &out), KEEPER_MISUSED);
    is = identity(KEY_AES_256, KEY_FOR_VALUES);
    is.id = (struct bytes){large, sizeof(large)};
    assert_fault(keeper_make(keeper, arena, &is, &out), KEEPER_MISUSED);
    is.id = LIT("");
    assert_fault(keeper_make(keeper, arena, &is, &out), KEEPER_MISUSED);
    is = identity(KEY_AES_256, KEY_FOR_VALUES);
    assert_fault(keeper_admit(keeper, arena, &is, (struct sensitive_view){large, 31}, &out),
                 KEEPER_MISUSED);
    is.version = 0;
    assert_fault(keeper_make(keeper, arena, &is, &out), KEEPER_MISUSED);
    is = identity(KEY_ACCESS_SECRET, KEY_FOR_SIGNATURES);
    assert_fault(keeper_make(keeper, arena, &is, &out), KEEPER_MISUSED);
    assert_fault(keeper_admit(keeper, arena, &is, (struct sensitive_view){large, 0}, &out),
                 KEEPER_MISUSED);
    assert_fault(keeper_admit(keeper, arena, &is, (struct sensitive_view){large, 129}, &out),
                 KEEPER_MISUSED);
}

/* The example of AWS's own documentation of signature version 4. */
static void the_signing_key_is_amazons(void **state)
{
    struct wrapped key = key_for(KEY_FOR_SIGNATURES);
    struct sensitive *out;

    (void)state;
    assert_ok(keeper_derive(keeper, arena, &key, scope, &out));
    assert_bytes(sensitive_reveal(out),
                 hex("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"));
}

static void a_session_opens_for_its_id_alone(void **state)
{
    const struct bytes id = LIT("ASIA0000000000000001"), claims = LIT("whose it is");
    struct bytes token, again, told;
    uint8_t copy[256];

    (void)state;
    assert_ok(keeper_session_seal(keeper, arena, id, claims, &token));
    assert_ok(keeper_session_seal(keeper, arena, id, claims, &again));
    assert_int_equal(token.n, claims.n + KEEPER_TOKEN_EXTRA);
    assert_memory_not_equal(token.at, again.at, token.n);
    assert_ok(keeper_session_open(keeper, arena, id, token, &told));
    assert_bytes(told, claims);
    assert_fault(keeper_session_open(keeper, arena, LIT("ASIA0000000000000002"), token, &told),
                 KEEPER_REFUSED);
    for (size_t i = 0; i < token.n; i++) {
        memcpy(copy, token.at, token.n);
        copy[i] ^= 0x40;
        assert_non_null(
            keeper_session_open(keeper, arena, id, (struct bytes){copy, token.n}, &told));
        assert_fault(keeper_session_open(keeper, arena, id, (struct bytes){token.at, i}, &told),
                     KEEPER_REFUSED);
    }
    assert_fault(keeper_session_seal(keeper, arena, LIT(""), claims, &token), KEEPER_MISUSED);
    assert_fault(keeper_session_seal(keeper, arena, id, LIT(""), &token), KEEPER_MISUSED);
}

/* A client signs with the characters that it was given; here they are made of the token again. */
static void a_session_signs_with_its_secret(void **state)
{
    struct key_identity is = identity(KEY_ACCESS_SECRET, KEY_FOR_SIGNATURES);
    struct sensitive *secret, *again, *key, *by_client;
    struct wrapped wrapped = {0};
    struct bytes token, other;

    (void)state;
    assert_ok(keeper_session_seal(keeper, arena, LIT("ASIA1"), LIT("a"), &token));
    assert_ok(keeper_session_seal(keeper, arena, LIT("ASIA1"), LIT("a"), &other));
    assert_ok(keeper_session_secret(keeper, arena, token, &secret));
    assert_int_equal(sensitive_view(secret).n, KEEPER_SESSION_SECRET);
    for (size_t i = 0; i < KEEPER_SESSION_SECRET; i++)
        assert_non_null(memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                               sensitive_view(secret).at[i], 64));
    assert_ok(keeper_session_secret(keeper, arena, token, &again));
    assert_bytes(sensitive_reveal(again), sensitive_reveal(secret));
    assert_ok(keeper_session_secret(keeper, arena, other, &again));
    assert_false(bytes_same(sensitive_reveal(again), sensitive_reveal(secret)));
    assert_ok(keeper_session_derive(keeper, arena, token, scope, &key));
    assert_ok(keeper_admit(keeper, arena, &is, sensitive_view(secret), &wrapped));
    assert_ok(keeper_derive(keeper, arena, &wrapped, scope, &by_client));
    assert_bytes(sensitive_reveal(key), sensitive_reveal(by_client));
    assert_fault(keeper_session_derive(keeper, arena, token,
                                       (const struct bytes[3]){LIT("a"), LIT(""), LIT("b")}, &key),
                 KEEPER_MISUSED);
}

static void a_session_ends_with_its_root(void **state)
{
    const struct keeper_root newer[] = {{2, {second_root, 32}}};
    struct bytes token, claims;
    struct sensitive *secret;
    struct keeper *both, *newest;

    (void)state;
    assert_ok(keeper_session_seal(keeper, arena, LIT("ASIA1"), LIT("a"), &token));
    assert_ok(keeper_local(roots, 2, &both));
    assert_ok(keeper_local(newer, 1, &newest));
    assert_ok(keeper_session_open(both, arena, LIT("ASIA1"), token, &claims));
    assert_fault(keeper_session_open(newest, arena, LIT("ASIA1"), token, &claims), KEEPER_SEALED);
    assert_fault(keeper_session_secret(newest, arena, token, &secret), KEEPER_SEALED);
    keeper_close(both);
    keeper_close(newest);
}

static void a_mac_tells_key_place_and_message_apart(void **state)
{
    struct wrapped key = key_for(KEY_FOR_MACS), other = key_for(KEY_FOR_MACS);
    uint8_t first[32], tag[32];

    (void)state;
    assert_ok(
        keeper_mac(keeper, arena, &key, BOUND(FOR_DIGEST, LIT("a")), hidden(LIT("v")), first));
    assert_ok(keeper_mac(keeper, arena, &key, BOUND(FOR_DIGEST, LIT("a")), hidden(LIT("v")), tag));
    assert_memory_equal(first, tag, 32);
    assert_ok(keeper_mac(keeper, arena, &key, BOUND(FOR_DIGEST, LIT("a")), hidden(LIT("w")), tag));
    assert_memory_not_equal(first, tag, 32);
    assert_ok(keeper_mac(keeper, arena, &key, BOUND(FOR_DIGEST, LIT("b")), hidden(LIT("v")), tag));
    assert_memory_not_equal(first, tag, 32);
    assert_ok(
        keeper_mac(keeper, arena, &other, BOUND(FOR_DIGEST, LIT("a")), hidden(LIT("v")), tag));
    assert_memory_not_equal(first, tag, 32);
}

static void lent_keys_hang_on_account_and_use(void **state)
{
    struct sensitive *a, *b;

    (void)state;
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 0, ACCOUNT, &a));
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 1, ACCOUNT, &b));
    assert_bytes(sensitive_reveal(a), sensitive_reveal(b));
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 0, LIT("123456789013"), &b));
    assert_memory_not_equal(sensitive_view(a).at, sensitive_view(b).at, 32);
    assert_ok(keeper_lend(keeper, arena, LENT_RECORD, 0, LIT(""), &b));
    assert_memory_not_equal(sensitive_view(a).at, sensitive_view(b).at, 32);
    assert_ok(keeper_lend(keeper, arena, LENT_INDEX, 0, ACCOUNT, &b));
    assert_memory_not_equal(sensitive_view(a).at, sensitive_view(b).at, 32);
    assert_fault(keeper_lend(keeper, arena, LENT_RECORD, 7, ACCOUNT, &b), KEEPER_SEALED);
    assert_fault(keeper_lend(keeper, arena, LENT_RECORD, 0, LIT("1"), &b), KEEPER_MISUSED);
}

static void checkpoints_are_signed(void **state)
{
    uint8_t public[32], signature[64];

    (void)state;
    assert_ok(keeper_journal_public(keeper, 0, public));
    assert_ok(keeper_journal_sign(keeper, 1, LIT("checkpoint"), signature));
    assert_ok(
        sign_check((struct bytes){public, 32}, LIT("checkpoint"), (struct bytes){signature, 64}));
    assert_fault(keeper_journal_sign(keeper, 9, LIT("checkpoint"), signature), KEEPER_SEALED);
}

static void a_new_root_opens_what_the_old_one_wrapped(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    struct wrapped old = key_for(KEY_FOR_VALUES), fresh;
    struct keeper *both, *second;
    struct sealed_value value;
    struct sensitive *plain;
    uint32_t generation;

    (void)state;
    assert_ok(keeper_value_seal(keeper, arena, &old, place, hidden(LIT("v")), &value));
    assert_ok(keeper_local(roots, 2, &both));
    assert_int_equal(both->generation, 2);
    assert_ok(keeper_value_open(both, arena, &old, place, &value, &plain));
    assert_ok(keeper_rewrap(both, arena, &old, &fresh));
    assert_true(keeper_blob_generation(old.blob, &generation));
    assert_int_equal(generation, 1);
    assert_true(keeper_blob_generation(fresh.blob, &generation));
    assert_int_equal(generation, 2);
    keeper_close(both);

    assert_ok(keeper_local(roots + 1, 1, &second));
    assert_ok(keeper_value_open(second, arena, &fresh, place, &value, &plain));
    assert_bytes(sensitive_reveal(plain), LIT("v"));
    assert_fault(keeper_value_open(second, arena, &old, place, &value, &plain), KEEPER_SEALED);
    keeper_close(second);
}

static void another_root_opens_nothing(void **state)
{
    const struct keeper_root wrong = {1, {second_root, 32}};
    struct wrapped key = key_for(KEY_FOR_VALUES), out;
    struct keeper *other;

    (void)state;
    assert_ok(keeper_local(&wrong, 1, &other));
    assert_fault(keeper_rewrap(other, arena, &key, &out), KEEPER_REFUSED);
    keeper_close(other);
}

/* More keys than the keeper remembers: what was pushed out opens as before. */
static void forgotten_keys_open_again(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    enum { MANY = 700 };
    static struct wrapped keys[MANY];
    static struct sealed_value values[MANY];
    struct sensitive *plain;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        keys[i] = key_for(KEY_FOR_VALUES);
        assert_ok(keeper_value_seal(keeper, arena, &keys[i], place,
                                    hidden((struct bytes){(uint8_t *)&i, sizeof(i)}), &values[i]));
    }
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            assert_ok(keeper_value_open(keeper, arena, &keys[i], place, &values[i], &plain));
            assert_memory_equal(sensitive_view(plain).at, &i, sizeof(i));
        }
}

static bool walk(void *ctx)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    struct key_identity is = identity(KEY_AES_256, KEY_FOR_VALUES),
                        mac_is = identity(KEY_HMAC_256, KEY_FOR_MACS);
    struct key_identity access_is = identity(KEY_ACCESS_SECRET, KEY_FOR_SIGNATURES);
    struct arena *own = arena_open(1 << 20);
    struct wrapped key, mac, access;
    struct sealed_value value;
    struct sensitive *plain, *derived, *lent;
    struct keeper *k = NULL;
    uint8_t tag[64];
    bool done;

    (void)ctx;
    done = own != NULL && keeper_local(roots, 2, &k) == OK &&
           keeper_make(k, own, &is, &key) == OK &&
           keeper_value_seal(k, own, &key, place, hidden(LIT("hunter2")), &value) == OK &&
           keeper_value_open(k, own, &key, place, &value, &plain) == OK &&
           keeper_make(k, own, &mac_is, &mac) == OK &&
           keeper_mac(k, own, &mac, BOUND(FOR_DIGEST, LIT("x")), hidden(LIT("v")), tag) == OK &&
           keeper_admit(k, own, &access_is, hidden(LIT("wJalrXUtnFEMI/K7MDENG")), &access) == OK &&
           keeper_derive(k, own, &access, scope, &derived) == OK &&
           keeper_lend(k, own, LENT_RECORD, 0, ACCOUNT, &lent) == OK &&
           keeper_journal_sign(k, 0, LIT("m"), tag) == OK;
    if (done)
        assert_bytes(sensitive_reveal(plain), LIT("hunter2"));
    keeper_close(k);
    arena_close(own);
    return done;
}

static void nothing_stays(void *ctx, bool succeeded)
{
    const struct sensitive_usage *before = ctx;

    (void)succeeded;
    assert_int_equal(sensitive_usage().values, before->values);
    assert_int_equal(sensitive_usage().keys, before->keys);
}

static void each_failure_leaves_nothing(void **state)
{
    struct sensitive_usage before;

    (void)state;
    assert_true(walk(NULL));
    before = sensitive_usage();
    each_fault("keeper", walk, nothing_stays, &before);
}

static struct wrapped shared_key;
static struct sealed_value shared_value;

static void *open_much(void *ctx)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("shared"));
    struct arena *own = arena_open(1 << 20);
    struct arena_mark mark = arena_mark(own);

    for (int i = 0; i < 2000; i++) {
        struct sensitive *plain;

        if (keeper_value_open(keeper, own, &shared_key, place, &shared_value, &plain) != OK ||
            memcmp(sensitive_view(plain).at, "shared", 6) != 0)
            *(bool *)ctx = false;
        arena_rewind(own, mark);
    }
    arena_close(own);
    arena_forget_kept();
    return NULL;
}

static void many_threads_ask_one_keeper(void **state)
{
    bool right[4] = {true, true, true, true};
    pthread_t threads[4];

    (void)state;
    shared_key = key_for(KEY_FOR_VALUES);
    assert_ok(keeper_value_seal(keeper, arena, &shared_key, BOUND(FOR_VALUE, LIT("shared")),
                                hidden(LIT("shared")), &shared_value));
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_much, &right[i]), 0);
    for (int i = 0; i < 200; i++) /* and the cache is stirred meanwhile */
        (void)key_for(KEY_FOR_VALUES);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(right[i]);
    }
}

static const struct bound *backup_place(void)
{
    static const struct bytes parts[] = {{(const uint8_t *)"root", 4}, {(const uint8_t *)"id", 2}};
    static const struct bound place = {FOR_BACKUP, parts, 2};

    return &place;
}

static void a_backup_s_key_opens_by_its_root(void **state)
{
    struct keeper *both, *other;
    struct bytes sealed;
    struct sensitive *key;

    (void)state;
    assert_ok(keeper_backup_seal(keeper, arena, backup_place(),
                                 hidden((struct bytes){second_root, 32}), &sealed));
    assert_ok(keeper_backup_open(keeper, arena, 1, backup_place(), sealed, &key));
    assert_memory_equal(sensitive_view(key).at, second_root, 32);
    assert_fault(keeper_backup_open(keeper, arena, 2, backup_place(), sealed, &key), KEEPER_SEALED);
    assert_fault(keeper_backup_open(keeper, arena, 1, BOUND(FOR_BACKUP, LIT("root")), sealed, &key),
                 KEEPER_REFUSED);
    assert_fault(keeper_backup_open(keeper, arena, 1, BOUND(FOR_VALUE, LIT("root")), sealed, &key),
                 KEEPER_MISUSED);
    assert_fault(keeper_backup_seal(keeper, arena, backup_place(),
                                    hidden((struct bytes){second_root, 31}), &sealed),
                 KEEPER_MISUSED);
    assert_ok(keeper_local(roots, 2, &both)); /* the first is an older one there */
    assert_ok(keeper_backup_open(both, arena, 1, backup_place(), sealed, &key));
    assert_ok(keeper_local(&(struct keeper_root){1, {second_root, 32}}, 1, &other));
    assert_fault(keeper_backup_open(other, arena, 1, backup_place(), sealed, &key), KEEPER_REFUSED);
    keeper_close(both);
    keeper_close(other);
}

static void what_lies_under_one_goes_under_one_beside_it(void **state)
{
    const struct bound *place = BOUND(FOR_VALUE, ACCOUNT, LIT("db"));
    struct wrapped old = key_for(KEY_FOR_VALUES), fresh;
    struct sealed_value value;
    struct keeper *beside, *alone;
    struct sensitive *plain;
    uint32_t generation;

    (void)state;
    assert_ok(keeper_value_seal(keeper, arena, &old, place, hidden(LIT("hunter2")), &value));
    assert_ok(keeper_local_beside(keeper, &roots[1], &beside));
    assert_int_equal(beside->generation, 2);
    assert_ok(keeper_rewrap(beside, arena, &old, &fresh));
    assert_true(keeper_blob_generation(fresh.blob, &generation) && generation == 2);
    keeper_close(beside);
    assert_ok(keeper_local(&roots[1], 1, &alone));
    assert_ok(keeper_value_open(alone, arena, &fresh, place, &value, &plain));
    assert_memory_equal(sensitive_view(plain).at, "hunter2", 7);
    assert_fault(keeper_value_open(alone, arena, &old, place, &value, &plain), KEEPER_SEALED);
    keeper_close(alone);
    assert_fault(keeper_local_beside(keeper, &roots[0], &beside), KEEPER_MISUSED);
}

static void roots_out_of_bounds_are_misuses(void **state)
{
    const struct keeper_root twice[] = {roots[0], roots[0]}, none = {0, {root_bytes, 32}},
                             small = {1, {root_bytes, 16}};
    struct keeper *out;

    (void)state;
    assert_fault(keeper_local(roots, 0, &out), KEEPER_MISUSED);
    assert_fault(keeper_local(twice, 2, &out), KEEPER_MISUSED);
    assert_fault(keeper_local(&none, 1, &out), KEEPER_MISUSED);
    assert_fault(keeper_local(&small, 1, &out), KEEPER_MISUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_opens_where_it_was_sealed),
        cmocka_unit_test(a_value_opens_nowhere_else),
        cmocka_unit_test(every_kind_does_what_it_is_for_and_nothing_else),
        cmocka_unit_test(a_blob_is_the_key_it_was_made_as),
        cmocka_unit_test(an_altered_blob_does_not_open),
        cmocka_unit_test(nothing_sealed_opens_by_another_door),
        cmocka_unit_test(a_wrong_purpose_is_a_misuse),
        cmocka_unit_test(identities_out_of_bounds_are_misuses),
        cmocka_unit_test(the_signing_key_is_amazons),
        cmocka_unit_test(a_session_opens_for_its_id_alone),
        cmocka_unit_test(a_session_signs_with_its_secret),
        cmocka_unit_test(a_session_ends_with_its_root),
        cmocka_unit_test(a_mac_tells_key_place_and_message_apart),
        cmocka_unit_test(lent_keys_hang_on_account_and_use),
        cmocka_unit_test(checkpoints_are_signed),
        cmocka_unit_test(a_new_root_opens_what_the_old_one_wrapped),
        cmocka_unit_test(another_root_opens_nothing),
        cmocka_unit_test(forgotten_keys_open_again),
        cmocka_unit_test(each_failure_leaves_nothing),
        cmocka_unit_test(many_threads_ask_one_keeper),
        cmocka_unit_test(a_backup_s_key_opens_by_its_root),
        cmocka_unit_test(what_lies_under_one_goes_under_one_beside_it),
        cmocka_unit_test(roots_out_of_bounds_are_misuses),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
