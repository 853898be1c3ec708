/* restore: check, folders, store, seal. */
#include "admin/restore.h"

#include "admin/init.h"
#include "admin/seal.h"
#include "base/file.h"
#include "core/backup/load.h"
#include "core/record.h"
#include "crypto/random.h"

struct restoring {
    const struct restore_plan *plan;
    struct restore_report *report;
    struct sensitive *key; /* the backup's */
    struct load *load;     /* NULL while it is read through */
};

/* The root of the backup's generation, by a seal of it. */
static fallible open_by_seal(struct arena *arena, const struct restore_plan *plan,
                             const struct backup_head *head, struct sensitive **key)
{
    const struct bytes text = plan->from->seal.n > 0 ? plan->from->seal : head->seal;
    struct backup_opener opener = {0};
    struct root_sealed seal;
    struct sensitive *root;
    const struct fault *fault;

    ENSURE(text.n > 0, BACKUP_CLOSED);
    TRY(root_read(arena, text, &seal));
    TRY(root_unseal(arena, &seal, &plan->from->opener, &root));
    fault =
        keeper_local(&(struct keeper_root){seal.generation, sensitive_view(root)}, 1, &opener.root);
    sensitive_wipe(root);
    TRY(fault);
    fault = backup_key(arena, head, &opener, key);
    keeper_close(opener.root);
    return fault;
}

static fallible open_backup(struct arena *arena, struct restoring *r)
{
    const struct backup_opener opener = {.recipient = r->plan->from->recipient};

    TRY(backup_look(arena, r->plan->fd, &r->report->head));
    if (opener.recipient != NULL)
        return backup_key(arena, &r->report->head, &opener, &r->key);
    return open_by_seal(arena, r->plan, &r->report->head, &r->key);
}

/* A new journal begins: what the old one's last checkpoint was is another folder's. */
static fallible take_one(void *ctx, const struct carried *carried)
{
    struct restoring *r = ctx;

    if (r->plan->told != NULL)
        r->plan->told(r->plan->ctx, carried, r->load != NULL);
    if (r->load == NULL || carried->key.at[0] == TABLE_ANCHOR)
        return OK;
    return load_put(r->load, carried);
}

static fallible read_through(struct arena *arena, struct restoring *r)
{
    return backup_read(arena, r->plan->fd, sensitive_view(r->key), take_one, r, &r->report->tail);
}

static fallible check(struct arena *arena, struct restoring *r)
{
    TRY(open_backup(arena, r));
    return read_through(arena, r);
}

fallible restore_check(struct arena *arena, const struct restore_plan *plan,
                       struct restore_report *report)
{
    struct restoring r = {.plan = plan, .report = report};
    const struct fault *fault = check(arena, &r);

    if (r.key != NULL)
        sensitive_wipe(r.key);
    return fault;
}

/* --- writing --- */

static fallible fill(struct arena *arena, struct restoring *r, struct keeper *keeper)
{
    const struct load_plan plan = {.where = file_path(arena, r->plan->folder, "store"),
                                   .keeper = keeper,
                                   .begins_after = r->report->tail.commit,
                                   .account = r->report->head.account,
                                   .region = r->report->head.region};
    const struct fault *fault;

    ENSURE(plan.where != NULL, ARENA_SPENT);
    TRY(load_open(&plan, &r->load));
    fault = read_through(arena, r);
    if (fault == OK)
        fault = load_end(r->load);
    load_close(r->load);
    return fault;
}

static fallible fill_store(struct arena *arena, struct restoring *r, struct sensitive_view root)
{
    const uint32_t generation = r->report->head.generation;
    const struct keeper_root roots[] = {{generation + 1, sensitive_view(r->key)},
                                        {generation + 2, root}};
    struct keeper *keeper;
    const struct fault *fault;

    TRY(keeper_local(roots, 2, &keeper));
    fault = fill(arena, r, keeper);
    keeper_close(keeper);
    return fault;
}

static fallible seal_folder(struct arena *arena, const struct restoring *r,
                            struct sensitive_view root)
{
    const struct backup_head *head = &r->report->head;
    uint8_t id[ROOT_STORE_ID];
    const struct root_house house = {
        .store = {id, sizeof id}, .account = head->account, .region = head->region};
    struct bytes text;

    TRY(random_fill(id, sizeof id));
    TRY(root_seal(arena, &house, head->generation + 2, root, &r->plan->to, &text));
    return seal_write(arena, r->plan->folder, text, root, &r->plan->to);
}

static fallible write_folder(struct arena *arena, struct restoring *r)
{
    struct sensitive *root;
    const struct fault *fault;

    TRY(init_folders(arena, r->plan->folder));
    TRY(root_make(arena, &root));
    fault = fill_store(arena, r, sensitive_view(root));
    if (fault == OK)
        fault = seal_folder(arena, r, sensitive_view(root));
    sensitive_wipe(root);
    return fault;
}

fallible restore_folder(struct arena *arena, const struct restore_plan *plan,
                        struct restore_report *report)
{
    struct restoring r = {.plan = plan, .report = report};
    const struct fault *fault = check(arena, &r);

    if (fault == OK)
        fault = write_folder(arena, &r);
    if (r.key != NULL)
        sensitive_wipe(r.key);
    return fault;
}
