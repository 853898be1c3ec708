/* The seal opens with what made it, in its own folder, and with nothing else; altered anywhere it
 * does not open. */
#include "support/test.h"

#include "crypto/start.h"
#include "keeper/root.h"

static const struct password_cost cheap = {64, 1, 1};

static struct root_house house(bool dev)
{
    static const uint8_t id[ROOT_STORE_ID] = {1, 2, 3};

    return (struct root_house){{id, sizeof id}, LIT("123456789012"), LIT("us-east-1"), dev};
}

static struct root_opener by_passphrase(const char *text)
{
    return (struct root_opener){.method = ROOT_BY_PASSPHRASE,
                                .secret = {(const uint8_t *)text, strlen(text)},
                                .cost = cheap};
}

static struct root_opener by_key(uint8_t key[KEEPER_ROOT], uint8_t fill)
{
    memset(key, fill, KEEPER_ROOT);
    return (struct root_opener){.method = ROOT_BY_KEY_FILE, .secret = {key, KEEPER_ROOT}};
}

static const struct fault *reopen(struct arena *arena, struct bytes text,
                                  const struct root_opener *opener, struct sensitive **root)
{
    struct root_sealed seal;

    TRY(root_read(arena, text, &seal));
    return root_unseal(arena, &seal, opener, root);
}

static void check_opener(const struct root_opener *right, const struct root_opener *wrong)
{
    struct arena *arena = arena_open(1 << 20);
    struct root_house where = house(false);
    struct sensitive *root, *again;
    struct bytes text;

    assert_ok(root_make(arena, &root));
    assert_ok(root_seal(arena, &where, 1, sensitive_view(root), right, &text));
    assert_ok(reopen(arena, text, right, &again));
    assert_int_equal(sensitive_view(again).n, KEEPER_ROOT);
    assert_memory_equal(sensitive_view(again).at, sensitive_view(root).at, KEEPER_ROOT);
    assert_fault(reopen(arena, text, wrong, &again), ROOT_WRONG);
    arena_close(arena);
}

static void test_opens_with_its_own(void **state)
{
    uint8_t a[KEEPER_ROOT], b[KEEPER_ROOT];
    struct root_opener pass = by_passphrase("correct horse"), other = by_passphrase("correct hors"),
                       key = by_key(a, 7), wrong = by_key(b, 8);

    (void)state;
    check_opener(&pass, &other);
    check_opener(&pass, &key);
    check_opener(&key, &wrong);
    check_opener(&key, &pass);
}

static void test_every_altered_byte_is_refused(void **state)
{
    struct arena *arena = arena_open(1 << 22);
    struct root_house where = house(false);
    uint8_t bytes[KEEPER_ROOT], copy[2048];
    struct root_opener key = by_key(bytes, 9);
    struct sensitive *root, *again;
    struct bytes text;

    (void)state;
    assert_ok(root_make(arena, &root));
    assert_ok(root_seal(arena, &where, 3, sensitive_view(root), &key, &text));
    assert_true(text.n < sizeof copy);
    for (size_t i = 0; i < text.n; i++) {
        struct arena_mark mark = arena_mark(arena);
        const struct fault *fault;

        memcpy(copy, text.at, text.n);
        copy[i] ^= 1;
        fault = reopen(arena, (struct bytes){copy, text.n}, &key, &again);
        assert_true(fault == ROOT_WRONG || fault == ROOT_MALFORMED || fault == PASSWORD_COST);
        arena_rewind(arena, mark);
    }
    for (size_t n = 0; n < text.n; n++)
        assert_fault(reopen(arena, (struct bytes){text.at, n}, &key, &again), ROOT_MALFORMED);
    arena_close(arena);
}

static void test_says_whose_it_is(void **state)
{
    struct arena *arena = arena_open(1 << 20);
    struct root_house where = house(true);
    uint8_t bytes[KEEPER_ROOT];
    struct root_opener key = by_key(bytes, 1);
    struct root_sealed seal;
    struct sensitive *root;
    struct bytes text;

    (void)state;
    assert_ok(root_make(arena, &root));
    assert_ok(root_seal(arena, &where, 2, sensitive_view(root), &key, &text));
    assert_ok(root_read(arena, text, &seal));
    assert_true(seal.house.dev);
    assert_bytes(seal.house.account, LIT("123456789012"));
    assert_bytes(seal.house.region, LIT("us-east-1"));
    assert_int_equal(seal.generation, 2);
    arena_close(arena);
}

static void test_bad_openers_are_told(void **state)
{
    struct arena *arena = arena_open(1 << 20);
    struct root_house where = house(false);
    struct root_opener empty = by_passphrase(""),
                       brief = {.method = ROOT_BY_KEY_FILE, .secret = {(const uint8_t *)"x", 1}};
    struct sensitive *root;
    struct bytes text;

    (void)state;
    assert_ok(root_make(arena, &root));
    assert_fault(root_seal(arena, &where, 1, sensitive_view(root), &empty, &text), ROOT_PASSPHRASE);
    assert_fault(root_seal(arena, &where, 1, sensitive_view(root), &brief, &text), ROOT_KEY_FILE);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens_with_its_own),
        cmocka_unit_test(test_every_altered_byte_is_refused),
        cmocka_unit_test(test_says_whose_it_is),
        cmocka_unit_test(test_bad_openers_are_told),
    };

    if (sensitive_start(NULL) != OK || crypto_start() != OK)
        return 1;
    password_floor_for_tests(64, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
