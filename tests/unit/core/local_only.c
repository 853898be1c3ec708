/* local_only: what the admin socket may ask for, and nobody else, whatever his policies say. */
#include "house_kit.h"

#include "core/audit/audit.h"
#include "core/authorise.h"
#include "core/identity/identity.h"
#include "support/test.h"

static struct house_kit kit;

static int up(void **state)
{
    (void)state;
    kit = (struct house_kit){0};
    house_make(&kit);
    return 0;
}

static int down(void **state)
{
    (void)state;
    house_unmake(&kit);
    return 0;
}

static const struct fault *asked_by(const struct principal *who, bool local)
{
    struct operation operation = toy_read;
    struct call *c = call_make(kit.worker, who);
    struct toy_in in = {LIT("a"), 0};
    struct toy_out out;
    const struct fault *fault;

    operation.local = local;
    assert_ok(call_begin(c));
    fault = kit_perform(c, &operation, &in, &out);
    call_unmake(c);
    return fault;
}

static void test_not_even_for_root(void **state)
{
    (void)state;
    assert_fault(asked_by(&kit_root, false), TOY_ABSENT);
    assert_fault(asked_by(&kit_root, true), DENIED);
    assert_ok(turn_write(kit.worker));
    assert_int_equal(journal_count(&kit, "\"errorCode\":\"denied\""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_not_even_for_root, up, down),
    };

    kit_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
