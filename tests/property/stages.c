/* stages: which version bears which label, against a plain model: a table from label to version.
 * Random puts and moves, and the traces that were recorded from the real service. The seed is
 * printed; give one as the argument to repeat. */
#include "core/secrets/stages.h"
#include "support/draw.h"
#include "support/test.h"

#include <stdio.h>

enum { VERSIONS = 30, LABELS = 6, ROUNDS = 2000, STEPS = 40, CURRENT = 0, PREVIOUS = 1 };

static const char *const labels[LABELS] = {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING",
                                           "A",          "B",           "C"};

static struct arena *arena;
static struct secret secret;
static int model[LABELS]; /* the version that bears it; -1: none */

static void begin(void)
{
    secret = (struct secret){.versions = arena_get(arena, VERSIONS * sizeof(struct version))};
    for (int i = 0; i < LABELS; i++)
        model[i] = -1;
}

static struct bytes id_of(size_t version)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyzABCD";

    return (struct bytes){(const uint8_t *)names + version, 1};
}

static void model_move(int label, int to)
{
    const int from = model[label];

    if (from == to)
        return;
    model[label] = to;
    if (label == CURRENT && from != -1 && to != -1)
        model[PREVIOUS] = from;
}

static void put(const int *wanted, size_t n)
{
    struct bytes stages[LABELS];
    const int fresh = (int)secret.version_count;

    for (size_t i = 0; i < n; i++)
        stages[i] = bytes_of(labels[wanted[i]]);
    secret.versions[secret.version_count++] = (struct version){.id = id_of((size_t)fresh)};
    assert_ok(stages_give(arena, &secret, (struct texts){stages, n}, &secret.versions[fresh], 20));
    for (size_t i = 0; i < n; i++)
        model_move(wanted[i], fresh);
    if (fresh == 0)
        model_move(CURRENT, 0);
}

static void move(int label, int to)
{
    assert_ok(
        stage_move(arena, &secret, bytes_of(labels[label]), to < 0 ? NULL : &secret.versions[to]));
    model_move(label, to);
}

/* Each label is where the model has it, and there only. */
static void compare(void)
{
    size_t borne = 0, wanted = 0;

    for (size_t i = 0; i < secret.version_count; i++)
        borne += secret.versions[i].stage_count;
    for (int i = 0; i < LABELS; i++) {
        const struct version *owner = version_labelled(&secret, bytes_of(labels[i]));

        wanted += model[i] != -1;
        if (owner != (model[i] == -1 ? NULL : &secret.versions[model[i]]))
            fail_msg("seed %llu: %s is elsewhere", draw_seed(), labels[i]);
    }
    assert_int_equal(borne, wanted);
}

static void step(void)
{
    const int from[] = {(int)draw(LABELS), (int)draw(LABELS)};
    int label;

    if (secret.version_count == 0 || (draw(3) == 0 && secret.version_count < VERSIONS)) {
        put(from, draw(4) == 0 ? 0 : 1 + draw(2));
        return;
    }
    label = from[0];
    move(label, label != CURRENT && draw(4) == 0 ? -1 : (int)draw((unsigned)secret.version_count));
}

static void test_same_as_model(void **unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        const struct arena_mark mark = arena_mark(arena);

        begin();
        for (int i = 0; i < STEPS; i++) {
            step();
            compare();
            assert_non_null(version_labelled(&secret, AWSCURRENT));
        }
        arena_rewind(arena, mark);
    }
}

/* --- as recorded --- */

static void has(size_t version, const char *wanted)
{
    char text[128] = "";

    for (size_t i = 0; i < secret.versions[version].stage_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s ",
                 (int)secret.versions[version].stages[i].n,
                 (const char *)secret.versions[version].stages[i].at);
    assert_string_equal(text, wanted);
}

static const int current[] = {CURRENT}, pending[] = {2}, mine[] = {3};

static void test_put_and_put(void **unused)
{
    (void)unused;
    begin();
    put(NULL, 0);
    has(0, "AWSCURRENT ");
    put(current, 1);
    has(0, "AWSPREVIOUS ");
    put(current, 1);
    has(2, "AWSCURRENT ");
    has(1, "AWSPREVIOUS ");
    has(0, "");
}

static void test_put_pending(void **unused)
{
    (void)unused;
    begin();
    put(NULL, 0);
    put(current, 1);
    move(2, 1);
    has(1, "AWSCURRENT AWSPENDING ");
    put(pending, 1);
    has(2, "AWSPENDING ");
    has(1, "AWSCURRENT ");
    has(0, "AWSPREVIOUS ");
}

static void test_move_current(void **unused)
{
    (void)unused;
    begin();
    put(NULL, 0);
    put(mine, 1);
    move(PREVIOUS, 1);
    put(pending, 1);
    move(CURRENT, 2);
    has(2, "AWSPENDING AWSCURRENT ");
    has(0, "AWSPREVIOUS ");
    has(1, "A "); /* a former AWSPREVIOUS owner keeps its own label */
}

static void test_first_is_current(void **unused)
{
    (void)unused;
    begin();
    put(mine, 1);
    has(0, "A AWSCURRENT ");
}

static void test_too_many(void **unused)
{
    struct bytes stages[21];
    char names[21][8];

    (void)unused;
    begin();
    put(NULL, 0);
    for (int i = 0; i < 21; i++) {
        snprintf(names[i], sizeof names[i], "L%d", i);
        stages[i] = bytes_of(names[i]);
    }
    secret.versions[secret.version_count++] = (struct version){.id = id_of(1)};
    assert_fault(stages_give(arena, &secret, (struct texts){stages, 21}, &secret.versions[1], 20),
                 SECRET_STAGES_FULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_model),    cmocka_unit_test(test_put_and_put),
        cmocka_unit_test(test_put_pending),      cmocka_unit_test(test_move_current),
        cmocka_unit_test(test_first_is_current), cmocka_unit_test(test_too_many),
    };
    int failed;

    draw_begin(argc, argv, "stages");
    arena = arena_open(4 << 20);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(arena);
    return failed;
}
