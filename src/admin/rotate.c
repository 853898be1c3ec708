/* rotate: a walk over the old store fills the new one. */
#include "admin/rotate.h"

#include "admin/seal.h"
#include "core/backup/backup.h"
#include "core/backup/load.h"
#include "core/backup/swap.h"
#include "core/worker.h"

static fallible load_one(void *ctx, const struct carried *carried)
{
    return load_put(ctx, carried);
}

static fallible fill(const struct rotate_plan *plan, struct keeper *keeper, struct load *load,
                     struct rotate_report *report)
{
    struct house with = *plan->house;
    struct backup_walk walk = {
        .each = load_one, .ctx = load, .told = plan->told, .told_ctx = plan->ctx};
    uint64_t commit;

    with.keeper = keeper;
    TRY(backup_walk(&with, &walk, &commit));
    report->items = walk.items;
    return load_end(load);
}

static fallible make_store(struct arena *arena, const struct rotate_plan *plan,
                           struct keeper *keeper, struct rotate_report *report)
{
    struct load_plan to = {.where = swap_beside(arena, plan->folder, report->generation),
                           .keeper = keeper,
                           .account = plan->seal->house.account,
                           .region = plan->seal->house.region};
    const struct fault *fault;
    struct load *load;

    ENSURE(to.where != NULL, ARENA_SPENT);
    TRY(swap_remove(to.where));
    TRY(backup_commit_of(plan->house, &to.begins_after));
    TRY(load_open(&to, &load));
    fault = fill(plan, keeper, load, report);
    load_close(load);
    if (fault != OK)
        (void)!swap_remove(to.where);
    return fault;
}

static fallible make_seal(struct arena *arena, const struct rotate_plan *plan,
                          struct sensitive_view root, const struct rotate_report *report)
{
    struct bytes text;

    TRY(root_seal(arena, &plan->seal->house, report->generation, root, plan->opener, &text));
    return seal_write(arena, plan->folder, text, root, plan->opener);
}

static fallible prepare(struct arena *arena, const struct rotate_plan *plan,
                        struct sensitive_view root, struct rotate_report *report)
{
    const struct keeper_root next = {report->generation, root};
    const struct fault *fault;

    TRY(keeper_local_beside(plan->house->keeper, &next, &report->both));
    fault = make_store(arena, plan, report->both, report);
    if (fault == OK)
        fault = make_seal(arena, plan, root, report);
    if (fault == OK)
        return OK;
    keeper_close(report->both);
    report->both = NULL;
    return fault;
}

fallible rotate_prepare(struct arena *arena, const struct rotate_plan *plan,
                        struct rotate_report *report)
{
    struct sensitive *root;
    const struct fault *fault;

    *report = (struct rotate_report){.generation = plan->seal->generation + 1};
    TRY(root_make(arena, &root));
    fault = prepare(arena, plan, sensitive_view(root), report);
    sensitive_wipe(root);
    return fault;
}

fallible rotate_take(struct arena *arena, const struct rotate_plan *plan,
                     const struct rotate_report *report)
{
    TRY(seal_take(arena, plan->folder));
    return swap_settle(arena, plan->folder, report->generation);
}
