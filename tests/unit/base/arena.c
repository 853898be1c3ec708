/* An arena gives zeroed pieces, parts newest first, and rewinds to its mark. */
#include "support/test.h"

#include "base/arena.h"

static int order[4], parted;

static void note_parting(void *what)
{
    order[parted++] = *(int *)what;
}

static void test_rewind_parts_and_zeroes(void **state)
{
    static int one = 1, two = 2;
    struct arena *arena = arena_open(1 << 20);
    struct arena_mark mark;
    uint8_t *piece;

    (void)state;
    parted = 0;
    assert_ok(arena_part(arena, note_parting, &one));
    mark = arena_mark(arena);
    assert_ok(arena_part(arena, note_parting, &two));
    for (int i = 0; i < 10; i++) {
        piece = arena_get(arena, 30000);
        assert_non_null(piece);
        memset(piece, 0xaa, 30000);
    }
    arena_rewind(arena, mark);
    assert_int_equal(parted, 1);
    assert_int_equal(order[0], 2);
    piece = arena_get(arena, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(piece[i], 0);
    arena_close(arena);
    assert_int_equal(parted, 2);
    assert_int_equal(order[1], 1);
    arena_forget_kept();
}

static void test_limit_is_a_refusal(void **state)
{
    struct arena *arena = arena_open(1000);

    (void)state;
    assert_non_null(arena_get(arena, 900));
    assert_null(arena_get(arena, 200));
    assert_null(arena_get(arena, SIZE_MAX));
    assert_non_null(arena_get(arena, 50));
    arena_close(arena);
    arena_forget_kept();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rewind_parts_and_zeroes),
        cmocka_unit_test(test_limit_is_a_refusal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
