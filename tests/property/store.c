/* Random transactions against a plain model: every engine, the same answers as an array of texts.
 * Two transactions overlap in each step, in one group, so that guards, re-runs and snapshots are
 * walked too. The seed is printed; give it as the argument to walk the same way again. */
#include "support/draw.h"
#include "support/store_kit.h"
#include "support/test.h"

#include <stdio.h>

enum { KEYS = 24, STEPS = 1500, ACTS = 6, VALUE = 16 };

struct model {
    char value[KEYS][VALUE]; /* "" : absent */
    uint64_t revision[KEYS];
    uint64_t number;
};

struct act { /* what a transaction does, so that it can do it again */
    enum act_kind { READ, PUT, DROP, SCAN } kind;
    int key;
    char value[VALUE];
};

struct plan {
    struct act acts[ACTS];
    size_t count;
    struct model *model; /* what it has to see, its own writes laid over */
    bool again_allowed, ran_again;
};

static struct kit kit;

static struct bytes key_of(int key, char text[16])
{
    (void)snprintf(text, 16, "%c/%02d", key % 3 == 0 ? 't' : 's', key);
    return bytes_of(text);
}

static void plan_draw(struct plan *plan)
{
    *plan = (struct plan){.count = 1 + draw(ACTS), .again_allowed = draw(3) > 0};
    for (size_t i = 0; i < plan->count; i++) {
        struct act *act = &plan->acts[i];

        act->kind = (enum act_kind)draw(4);
        act->key = (int)draw(KEYS);
        (void)snprintf(act->value, VALUE, "%u", draw(1000000));
    }
}

struct walk {
    const struct model *seen;
    int next;
    char prefix;
};

/* The model's next key under the prefix has to be this one. */
static const struct fault *walk_one(void *ctx, struct bytes key, struct bytes value, bool *stop)
{
    struct walk *walk = ctx;
    char text[16];

    (void)stop;
    while (walk->next < KEYS && (walk->seen->value[walk->next][0] == 0 ||
                                 key_of(walk->next, text).at[0] != walk->prefix))
        walk->next++;
    assert_true(walk->next < KEYS);
    assert_bytes(key, key_of(walk->next, text));
    assert_bytes(value, bytes_of(walk->seen->value[walk->next]));
    walk->next++;
    return OK;
}

static void act_scan(struct txn *txn, const struct model *seen, int from)
{
    char text[16];
    const struct bytes after = key_of(from, text);
    struct walk walk = {seen, from + 1, text[0]};

    assert_ok(txn_scan(txn, (struct bytes){after.at, 2}, after, walk_one, &walk));
    for (; walk.next < KEYS; walk.next++) {
        if (key_of(walk.next, text).at[0] == walk.prefix)
            assert_int_equal(seen->value[walk.next][0], 0);
    }
}

static void act_read(struct txn *txn, const struct model *seen, int key)
{
    struct bytes value = {0};
    char text[16];
    const struct fault *found = txn_get(txn, key_of(key, text), &value);

    assert_fault(found, seen->value[key][0] == 0 ? STORE_ABSENT : OK);
    assert_bytes(value, bytes_of(found == OK ? seen->value[key] : NULL));
}

static void act_one(struct txn *txn, const struct act *act, struct model *seen)
{
    char text[16];

    switch (act->kind) {
    case READ:
        act_read(txn, seen, act->key);
        break;
    case PUT:
        assert_ok(txn_put(txn, key_of(act->key, text), bytes_of(act->value)));
        (void)snprintf(seen->value[act->key], VALUE, "%s", act->value);
        break;
    case DROP:
        assert_ok(txn_drop(txn, key_of(act->key, text)));
        seen->value[act->key][0] = 0;
        break;
    case SCAN:
        act_scan(txn, seen, act->key);
        break;
    }
}

static void plan_run(struct plan *plan, struct reader *reader, struct batch *batch)
{
    struct model seen = *plan->model;
    struct txn *txn;

    assert_ok(store_begin(reader, kit.arena, &txn));
    for (size_t i = 0; i < plan->count; i++)
        act_one(txn, &plan->acts[i], &seen);
    assert_ok(txn_pack(txn, batch));
}

static bool plan_again(struct batch *batch, struct worker *there, struct reader *inside)
{
    struct plan *plan = (struct plan *)(void *)there;

    plan->ran_again = true;
    plan_run(plan, inside, batch);
    return true;
}

static bool plan_writes(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->acts[i].kind == PUT || plan->acts[i].kind == DROP)
            return true;
    return false;
}

/* Would its guards fail, had it seen `old` and finds `now`? Keys that it had itself written are no
 * guards. */
static bool plan_conflicts(const struct plan *plan, const struct model *old,
                           const struct model *now)
{
    bool written[KEYS] = {0};

    for (size_t i = 0; i < plan->count; i++) {
        const struct act *act = &plan->acts[i];

        if (act->kind == PUT || act->kind == DROP)
            written[act->key] = true;
        if (act->kind == READ && !written[act->key] &&
            old->revision[act->key] != now->revision[act->key])
            return true;
    }
    return false;
}

static void plan_apply(const struct plan *plan, struct model *model)
{
    if (!plan_writes(plan))
        return;
    model->number++;
    for (size_t i = 0; i < plan->count; i++) {
        const struct act *act = &plan->acts[i];

        if (act->kind == PUT) {
            (void)snprintf(model->value[act->key], VALUE, "%s", act->value);
            model->revision[act->key] = model->number;
        } else if (act->kind == DROP) {
            model->value[act->key][0] = 0;
            model->revision[act->key] = 0;
        }
    }
}

static void judge(struct plan *plan, const struct batch *batch, const struct model *old,
                  struct model *now)
{
    const bool conflicts = plan_conflicts(plan, old, now);

    assert_int_equal(plan->ran_again, conflicts && plan->again_allowed);
    if (conflicts && !plan->again_allowed) {
        assert_fault(batch->outcome, STORE_CONFLICT);
        return;
    }
    assert_ok(batch->outcome);
    plan_apply(plan, now);
    assert_int_equal(batch->number, plan_writes(plan) ? now->number : 0);
}

static void step(struct model *model)
{
    const struct arena_mark mark = arena_mark(kit.arena);
    const struct model old = *model;
    struct model after_first;
    struct plan plans[2];
    struct batch *group[2];

    for (int i = 0; i < 2; i++) {
        plan_draw(&plans[i]);
        plans[i].model = model;
        group[i] = kit_batch(&kit);
        plan_run(&plans[i], kit.reader, group[i]);
        group[i]->again = plans[i].again_allowed ? plan_again : NULL;
        group[i]->there = (struct worker *)(void *)&plans[i];
    }
    after_first = old; /* the second, run again, sees the first's writes */
    plan_apply(&plans[0], &after_first);
    plans[1].model = &after_first;
    assert_ok(store_commit(kit.store, group, 2, 0));
    judge(&plans[0], group[0], &old, model);
    judge(&plans[1], group[1], &old, model);
    arena_rewind(kit.arena, mark);
}

static void walk_engine(const struct engine *engine)
{
    struct model model = {0};

    draw_again();
    kit_open(&kit, engine, 0);
    for (int i = 0; i < STEPS; i++) {
        step(&model);
        if (engine == &engine_lmdb && i % 500 == 499)
            kit_reopen(&kit);
    }
    kit_close(&kit);
}

static void memory_is_the_model(void **state)
{
    (void)state;
    walk_engine(&engine_memory);
}

static void lmdb_is_the_model(void **state)
{
    (void)state;
    walk_engine(&engine_lmdb);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_the_model),
        cmocka_unit_test(lmdb_is_the_model),
    };

    draw_begin(argc, argv, "store");
    return cmocka_run_group_tests_name("property: store", tests, NULL, NULL);
}
