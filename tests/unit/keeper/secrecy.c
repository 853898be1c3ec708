/* secrecy: after every method has been used, with all caches warm, no key that we know lies
 * anywhere in this process but in the keys region: not raw, not backwards, not in hex or base64,
 * not as a key schedule. */
#include "support/test.h"

#include "base/poison.h"
#include "base/regions.h"
#include "crypto/aead.h"
#include "crypto/sign.h"
#include "crypto/start.h"
#include "keeper/local.h"

#include <openssl/evp.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY = 32, MASK = 0xa5, LONGEST = 64, CHUNK = 1 << 20 };

/* What is looked for is kept masked, so that it is not what is found. */
struct needle {
    size_t n;
    uint8_t masked[LONGEST];
};

static struct arena *arena;
static struct keeper *keeper;
static struct sensitive *root, *account, *phrase;
static uint8_t buffer[CHUNK];

static void make_known(struct sensitive **out, unsigned seed, bool text)
{
    assert_ok(sensitive_new_key(arena, KEY, out));
    for (size_t i = 0; i < KEY; i++) {
        seed = seed * 1664525 + 1013904223;
        sensitive_fill(*out)[i] = (uint8_t)(text ? 'A' + (seed >> 24) % 26 : seed >> 24);
    }
}

static struct sensitive_view seen(const struct sensitive *s)
{
    return sensitive_view(s);
}

static void use_everything(void)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    struct key_identity is = {LIT("123456789012"), LIT("k"), 1, KEY_AES_256, KEY_FOR_VALUES};
    const struct bytes scope[3] = {LIT("20260101"), LIT("eu-west-1"), LIT("secretsmanager")};
    struct wrapped key, mac, secret, again;
    struct sealed_value value;
    struct sensitive *out;
    struct bytes sealed;
    struct arena *own = arena_open(1 << 20);
    uint8_t signature[SIGN_SIZE];

    assert_ok(keeper_admit(keeper, own, &is, seen(account), &key));
    assert_ok(keeper_value_seal(keeper, own, &key, place, seen(phrase), &value));
    for (int i = 0; i < 3; i++)
        assert_ok(keeper_value_open(keeper, own, &key, place, &value, &out));
    assert_ok(keeper_rewrap(keeper, own, &key, &again));
    is.kind = KEY_HMAC_256;
    is.use = KEY_FOR_MACS;
    assert_ok(keeper_admit(keeper, own, &is, seen(account), &mac));
    assert_ok(keeper_mac(keeper, own, &mac, BOUND(FOR_DIGEST, LIT("x")), seen(phrase), signature));
    is.kind = KEY_ACCESS_SECRET;
    is.use = KEY_FOR_SIGNATURES;
    assert_ok(keeper_admit(keeper, own, &is, seen(phrase), &secret));
    assert_ok(keeper_derive(keeper, own, &secret, scope, &out));
    assert_ok(keeper_journal_sign(keeper, 0, LIT("m"), signature));
    assert_ok(sign_make(seen(account), LIT("m"), signature));
    /* Last, so that the context which the thread keeps is left with a key that we know. */
    assert_ok(aead_seal(own, seen(account), place, seen(phrase), &sealed));
    arena_close(own);
}

static int set_up(void **state)
{
    struct keeper_root one = {.generation = 1};

    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    arena = arena_open(1 << 20);
    make_known(&root, 1, false);
    make_known(&account, 2, false);
    make_known(&phrase, 3, true);
    one.key = seen(root);
    assert_ok(keeper_local(&one, 1, &keeper));
    use_everything();
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

static bool same_masked(const uint8_t *at, const struct needle *needle)
{
    for (size_t i = 0; i < needle->n; i++)
        if ((at[i] ^ MASK) != needle->masked[i])
            return false;
    return true;
}

static size_t count_in(const uint8_t *at, size_t n, const struct needle *needle)
{
    size_t found = 0;

    for (size_t i = 0; i + needle->n <= n; i++)
        found += (at[i] ^ MASK) == needle->masked[0] && same_masked(at + i, needle);
    return found;
}

/* Overlapping chunks, so that nothing hides on a border. */
static size_t count_between(int memory, uint64_t from, uint64_t to, const struct needle *needle)
{
    size_t found = 0;

    while (from < to) {
        size_t want = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
        ssize_t got = pread(memory, buffer, want, (off_t)from);

        if (got <= 0)
            break;
        found += count_in(buffer, (size_t)got, needle);
        from += (size_t)got < CHUNK ? (size_t)got : (size_t)got - LONGEST;
    }
    memset(buffer, 0, sizeof(buffer));
    return found;
}

static bool outside(uint64_t at)
{
    const void *p = (const void *)(uintptr_t)at;

    return !region_owns(&region_keys, p) && !region_owns(&region_values, p);
}

static size_t count_everywhere(const struct needle *needle)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512], mode[8];
    unsigned long from, to;
    size_t found = 0;

    assert_non_null(maps);
    assert_true(memory >= 0);
    while (fgets(line, sizeof(line), maps) != NULL)
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[0] == 'r' && outside(from) &&
            to - from < 1UL << 30)
            found += count_between(memory, from, to, needle);
    fclose(maps);
    close(memory);
    return found;
}

static void mask(struct needle *needle, const uint8_t *at, size_t n)
{
    needle->n = n;
    for (size_t i = 0; i < n; i++)
        needle->masked[i] = at[i] ^ MASK;
}

/* Written straight into the masked form: the spelling itself never stands in memory. */
static void spell_hex(struct needle *needle, struct sensitive_view key)
{
    static const char digits[] = "0123456789abcdef";

    needle->n = 2 * key.n;
    for (size_t i = 0; i < key.n; i++) {
        needle->masked[2 * i] = (uint8_t)(digits[key.at[i] >> 4] ^ MASK);
        needle->masked[2 * i + 1] = (uint8_t)(digits[key.at[i] & 15] ^ MASK);
    }
}

static void spell_base64(struct needle *needle, struct sensitive_view key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    needle->n = 0;
    for (size_t i = 0; i + 3 <= key.n; i += 3) {
        uint32_t three = (uint32_t)key.at[i] << 16 | (uint32_t)key.at[i + 1] << 8 | key.at[i + 2];

        for (int shift = 18; shift >= 0; shift -= 6)
            needle->masked[needle->n++] = (uint8_t)(digits[three >> shift & 63] ^ MASK);
    }
}

static void spell_backwards(struct needle *needle, struct sensitive_view key)
{
    needle->n = key.n;
    for (size_t i = 0; i < key.n; i++)
        needle->masked[i] = key.at[key.n - 1 - i] ^ MASK;
}

static void assert_nowhere(const struct sensitive *key)
{
    struct needle needle;

    mask(&needle, seen(key).at, KEY);
    assert_int_equal(count_everywhere(&needle), 0);
    mask(&needle, seen(key).at, KEY / 2); /* half a key is too much already */
    assert_int_equal(count_everywhere(&needle), 0);
    mask(&needle, seen(key).at + KEY / 2, KEY / 2);
    assert_int_equal(count_everywhere(&needle), 0);
    spell_hex(&needle, seen(key));
    assert_int_equal(count_everywhere(&needle), 0);
    spell_base64(&needle, seen(key));
    assert_int_equal(count_everywhere(&needle), 0);
    spell_backwards(&needle, seen(key));
    assert_int_equal(count_everywhere(&needle), 0);
}

static void no_key_lies_outside_of_the_region(void **state)
{
    (void)state;
    assert_nowhere(root);
    assert_nowhere(account);
    assert_nowhere(phrase);
}

/* The same search finds a key that OpenSSL was given without inside_begin, and a careless copy. */
static void the_search_finds_what_is_there(void **state)
{
    EVP_CIPHER_CTX *careless = EVP_CIPHER_CTX_new();
    uint8_t *copy = malloc(KEY);
    struct needle needle;

    (void)state;
    mask(&needle, seen(account).at, KEY);
    assert_non_null(copy);
    memcpy(copy, seen(account).at, KEY);
    assert_int_equal(count_everywhere(&needle), 1);
    explicit_bzero(copy, KEY);
    free(copy);
    assert_int_equal(count_everywhere(&needle), 0);
    assert_int_equal(EVP_EncryptInit_ex(careless, EVP_aes_256_gcm(), NULL, seen(account).at, NULL),
                     1);
    assert_true(count_everywhere(&needle) >= 1);
    EVP_CIPHER_CTX_free(careless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_lies_outside_of_the_region),
        cmocka_unit_test(the_search_finds_what_is_there),
    };

    if (POISON_VALGRIND) {
        puts("valgrind keeps copies of its own: not searched");
        return 77;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
