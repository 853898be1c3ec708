/* init: folders first, then the store, and the seal last: a folder without a seal was never
 * finished. */
#include "admin/init.h"

#include "admin/change.h"
#include "base/file.h"
#include "crypto/random.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* clang-format off */
FAULT(INIT_FOLDER, FAULT_STATE, "init.folder", "The folder exists and is not empty; nothing was changed.");
FAULT(INIT_ACCOUNT, FAULT_CALLER, "init.account", "An account is twelve digits, like 123456789012.");
FAULT(INIT_REGION, FAULT_CALLER, "init.region", "A region is a name like us-east-1.");
FAULT(INIT_PLACE, FAULT_STATE, "init.place", "The folder cannot be made: does its parent exist, and may we write there?");
/* clang-format on */

static fallible judge(const struct init_plan *plan)
{
    size_t hyphens = 0;

    ENSURE(plan->account.n == 12, INIT_ACCOUNT);
    for (size_t i = 0; i < plan->account.n; i++)
        ENSURE(plan->account.at[i] >= '0' && plan->account.at[i] <= '9', INIT_ACCOUNT);
    ENSURE(plan->region.n >= 6 && plan->region.n <= 32, INIT_REGION);
    for (size_t i = 0; i < plan->region.n; i++) {
        uint8_t c = plan->region.at[i];

        ENSURE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-', INIT_REGION);
        hyphens += c == '-';
    }
    ENSURE(hyphens >= 2, INIT_REGION);
    return OK;
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool empty = folder != NULL;

    while (empty && (entry = readdir(folder)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (folder != NULL)
        (void)closedir(folder);
    return empty;
}

static fallible make_folder(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0)
        return chmod(path, mode) == 0 ? OK : INIT_PLACE;
    ENSURE(errno == EEXIST, INIT_PLACE);
    ENSURE(is_empty(path), INIT_FOLDER);
    return chmod(path, mode) == 0 ? OK : INIT_PLACE;
}

fallible init_folders(struct arena *arena, const char *folder)
{
    static const struct {
        const char *name;
        mode_t mode;
    } inner[] = {{"journal", 0750}, {"tls", 0700}, {"admin", 0700}};

    TRY(make_folder(folder, 0700));
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        const char *path = file_path(arena, folder, inner[i].name);

        ENSURE(path != NULL, ARENA_SPENT);
        TRY(make_folder(path, inner[i].mode));
    }
    return OK;
}

static fallible create_file(struct arena *arena, const char *folder, const char *name,
                            unsigned mode, struct bytes text)
{
    const char *path = file_path(arena, folder, name);

    ENSURE(path != NULL, ARENA_SPENT);
    return file_create(path, mode, text);
}

/* The account and its root's key: no operation and no principal stands behind them yet. */
static fallible create_account(struct call *c, void *root_key)
{
    TRY(identity_create_account(c, c->account, LIT("default")));
    return identity_create_key(c, c->account, (struct bytes){0}, NULL, root_key);
}

static fallible fill_store(struct arena *arena, const struct init_plan *plan,
                           struct sensitive_view root, struct identity_new_key *root_key)
{
    struct change_plan change = {
        .folder = plan->folder, .account = plan->account, .region = plan->region};
    const struct fault *fault;

    TRY(keeper_local(&(struct keeper_root){1, root}, 1, &change.keeper));
    fault = change_folder(arena, &change, create_account, root_key);
    keeper_close(change.keeper);
    return fault;
}

fallible init_folder(struct arena *arena, const struct init_plan *plan,
                     struct identity_new_key *root_key)
{
    uint8_t id[ROOT_STORE_ID];
    struct root_house house = {{id, sizeof id}, plan->account, plan->region, plan->dev};
    struct sensitive *root;
    struct bytes seal;

    TRY(judge(plan));
    TRY(random_fill(id, sizeof id));
    TRY(root_make(arena, &root));
    TRY(root_seal(arena, &house, 1, sensitive_view(root), &plan->opener, &seal));
    TRY(init_folders(arena, plan->folder));
    if (plan->tls_host_count > 0)
        TRY(init_certificate(arena, plan->folder, plan->tls_hosts, plan->tls_host_count, false));
    TRY(fill_store(arena, plan, sensitive_view(root), root_key));
    return create_file(arena, plan->folder, "seal", 0600, seal);
}
