/* hidden: constant time, under valgrind. Keys and plain texts count as undefined, so valgrind
 * counts an error where a branch or an address hangs on one; none may be counted. Without valgrind:
 * skipped (77). */
#include "support/test.h"

#include "base/poison.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "crypto/sign.h"
#include "crypto/start.h"

#include <stdio.h>

static struct arena *arena;
static struct sensitive *key;

#if __has_include(<valgrind/memcheck.h>)
static unsigned long errors(void)
{
    return VALGRIND_COUNT_ERRORS;
}
#else
static unsigned long errors(void)
{
    return 0;
}
#endif

static int set_up(void **state)
{
    struct bytes sealed;

    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    arena = arena_open(1 << 20);
    assert_ok(sensitive_new_key(arena, AEAD_KEY, &key));
    memset(sensitive_fill(key), 0x3c, AEAD_KEY);
    /* What is made once per thread is made before anything is hidden. */
    return aead_seal_plain(arena, sensitive_view(key), BOUND(FOR_VALUE, LIT("x")), LIT("x"),
                           &sealed) == OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    arena_forget_kept();
    crypto_forget_kept();
    return 0;
}

static struct sensitive_view hide(void)
{
    sensitive_conceal(sensitive_view(key));
    return sensitive_view(key);
}

static void show(void)
{
    sensitive_declassify(sensitive_view(key).at, AEAD_KEY);
}

/* The control: without it, a count of none would say nothing. */
static void a_branch_on_a_hidden_byte_is_counted(void **state)
{
    unsigned long before = errors();
    volatile int taken = 0;

    (void)state;
    if (hide().at[3] & 1)
        taken = 1;
    show();
    assert_true(errors() > before);
    assert_int_equal(taken, 0);
}

static void codes_and_derived_keys_do_not_branch(void **state)
{
    unsigned long before = errors();
    struct sensitive *derived, *prepared;
    uint8_t tag[DIGEST_SIZE], other[DIGEST_SIZE] = {1};
    struct mac mac;
    bool same;

    (void)state;
    hide();
    mac_sha256(sensitive_view(key), LIT("message"), tag);
    same =
        bytes_same_hidden((struct bytes){tag, sizeof(tag)}, (struct bytes){other, sizeof(other)});
    sensitive_declassify(&same, sizeof(same));
    assert_ok(mac_prepare(arena, sensitive_view(key), &prepared));
    mac_begin_prepared(&mac, prepared);
    mac_more_hidden(&mac, sensitive_view(key));
    mac_end(&mac, tag);
    assert_ok(kdf_derive(arena, sensitive_view(key), LIT("label"), LIT("context"), &derived));
    show();
    assert_int_equal(errors(), before);
    assert_false(same);
}

static void sealing_does_not_branch(void **state)
{
    unsigned long before = errors();
    struct bytes sealed;

    (void)state;
    hide();
    assert_ok(aead_seal(arena, sensitive_view(key), BOUND(FOR_VALUE, LIT("x")), sensitive_view(key),
                        &sealed));
    show();
    assert_int_equal(errors(), before);
}

/* Whether the tag is right becomes known at the one place where the library says so, and there
 * alone. */
static void opening_branches_on_nothing_but_its_verdict(void **state)
{
    unsigned long before = errors();
    struct sensitive *plain;
    struct bytes sealed;

    (void)state;
    assert_ok(aead_seal(arena, sensitive_view(key), BOUND(FOR_VALUE, LIT("x")), sensitive_view(key),
                        &sealed));
    hide();
    assert_ok(aead_open(arena, sensitive_view(key), BOUND(FOR_VALUE, LIT("x")), sealed, &plain));
    show();
    assert_true(errors() <= before + 1);
}

static void signing_does_not_branch(void **state)
{
    uint8_t signature[SIGN_SIZE];
    unsigned long before;

    (void)state;
    assert_ok(sign_make(sensitive_view(key), LIT("m"), signature));
    before = errors();
    hide();
    assert_ok(sign_make(sensitive_view(key), LIT("m"), signature));
    show();
    assert_int_equal(errors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_on_a_hidden_byte_is_counted),
        cmocka_unit_test(codes_and_derived_keys_do_not_branch),
        cmocka_unit_test(sealing_does_not_branch),
        cmocka_unit_test(opening_branches_on_nothing_but_its_verdict),
        cmocka_unit_test(signing_does_not_branch),
    };

    if (!POISON_VALGRIND) {
        puts("not under valgrind: skipped");
        return 77;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
