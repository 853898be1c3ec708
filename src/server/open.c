/* open: one thing after the other; what fails closes what was opened before it. */
#include "server/open.h"

#include "base/file.h"
#include "base/log.h"
#include "core/audit/journal.h"
#include "core/audit/outbox.h"
#include "core/audit/syncer.h"
#include "core/audit/tally.h"
#include "core/backup/desk.h"
#include "core/backup/swap.h"
#include "core/identity/seen.h"
#include "core/inventory.h"
#include "server/crew.h"
#include "store/commit.h"

#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
FAULT(OPEN_NO_SEAL, FAULT_ABSENT, "open.no-seal", "This is no data folder of Coffer (it holds no seal); make one with coffer init.");
FAULT(OPEN_DEV, FAULT_STATE, "open.dev", "This folder was made by coffer dev and is not for a server; make another with coffer init.");
FAULT(OPEN_NOT_DEV, FAULT_STATE, "open.not-dev", "This folder was made by coffer init: coffer dev never opens such a one; use coffer server.");
FAULT(OPEN_LOOSE, FAULT_STATE, "open.loose", "The data folder, or the store in it, is not this user's own, or open to others: chown it, and chmod 700.");
/* clang-format on */

static const char *inner(struct arena *arena, const struct config *config, const char *name)
{
    const char *folder = file_text(arena, config->data);

    return folder == NULL ? NULL : file_path(arena, folder, name);
}

/* Who may write here could put an old store back; who may read could take the seal along and guess.
 * The group may pass through, to the admin socket or the journal. */
static bool is_own(const char *path, mode_t others)
{
    struct stat facts;

    if (path == NULL || stat(path, &facts) != 0)
        return true; /* what is not there is told by who opens it */
    return (facts.st_uid == geteuid() || facts.st_uid == 0) && (facts.st_mode & others) == 0;
}

/* A rotation of the root that was killed after it had been decided. */
static fallible settle(struct arena *arena, const struct config *config,
                       const struct root_sealed *seal)
{
    const char *folder = file_text(arena, config->data);

    ENSURE(folder != NULL, ARENA_SPENT);
    return swap_settle(arena, folder, seal->generation);
}

fallible open_seal(struct arena *arena, const struct config *config, struct root_sealed *seal)
{
    const char *path = inner(arena, config, "seal");
    struct bytes text;
    const struct fault *fault;

    ENSURE(path != NULL, ARENA_SPENT);
    fault = file_read(arena, path, ROOT_FILE_MOST, &text);
    ENSURE(fault != FILE_ABSENT, OPEN_NO_SEAL);
    TRY(fault);
    TRY(root_read(arena, text, seal));
    TRY(settle(arena, config, seal));
    ENSURE(is_own(file_text(arena, config->data), 0067) &&
               is_own(inner(arena, config, "store"), 0077),
           OPEN_LOOSE);
    ENSURE(!seal->house.dev || config->dev, OPEN_DEV);
    ENSURE(seal->house.dev || !config->dev, OPEN_NOT_DEV);
    return OK;
}

static fallible open_keeper(struct arena *arena, const struct root_sealed *seal,
                            const struct root_opener *opener, struct keeper **keeper)
{
    struct sensitive *root;
    const struct fault *fault;

    TRY(root_unseal(arena, seal, opener, &root));
    fault = keeper_local(&(struct keeper_root){seal->generation, sensitive_view(root)}, 1, keeper);
    sensitive_wipe(root);
    return fault;
}

static fallible open_store(struct arena *arena, const struct config *config, bool anew,
                           struct opened *opened)
{
    const char *path = inner(arena, config, "store");
    struct engine_settings settings = {
        .where = bytes_of(path), .map_bytes = (size_t)config->map_gib << 30, .weigh_anew = anew};

    ENSURE(path != NULL, ARENA_SPENT);
    if (anew)
        LOG(LOG_NOTICE, "store.weighed-anew", F("store", bytes_of(path)));
    TRY(scales_open(opened->house.keeper, &opened->scales));
    settings.weigher = scales_weigher(opened->scales);
    settings.owners = opened->owners.of == NULL ? NULL : &opened->owners;
    return store_open(&engine_lmdb, &settings, &opened->house.store);
}

static fallible open_journal(struct arena *arena, const struct config *config, struct house *house)
{
    const char *path = inner(arena, config, "journal");
    const struct journal_settings settings = {
        .folder = bytes_of(path),
        .group = config->audit_gid == SOCKET_NO_GROUP ? NULL : &config->audit_gid,
        .strict = bytes_same(config->audit, LIT("strict"))};

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(journal_open(&settings, house->keeper, &house->journal));
    return settings.strict ? syncer_start(house->journal, &house->syncer) : OK;
}

static fallible start_committer(struct opened *opened, bool accept)
{
    struct journal_anchor anchor;
    struct commit_hooks hooks;

    TRY(worker_open(&opened->house, NULL, &opened->committing));
    TRY(outbox_recover(opened->committing, accept));
    hooks = outbox_hooks(opened->committing);
    TRY(committer_start(opened->house.store, &hooks, 0, &opened->house.committer));
    opened->house.committing = opened->committing;
    TRY(outbox_anchor(opened->committing, &anchor));
    latest_raise(&opened->latest, anchor.time);
    return OK;
}

static fallible open_desk(struct arena *arena, const struct config *config, struct house *house)
{
    const char *folder = file_text(arena, config->data);

    ENSURE(folder != NULL, ARENA_SPENT);
    return desk_open(house, folder, &house->desk);
}

static fallible open_all(struct arena *arena, const struct config *config,
                         const struct root_sealed *seal, const struct root_opener *opener,
                         bool accept, struct opened *opened)
{
    opened->owners = quota_owners(&opened->house.quotas);
    TRY(open_keeper(arena, seal, opener, &opened->house.keeper));
    TRY(open_store(arena, config, accept, opened));
    return open_journal(arena, config, &opened->house);
}

fallible house_open(struct arena *arena, const struct config *config,
                    const struct root_sealed *seal, const struct root_opener *opener, bool accept,
                    struct opened *opened)
{
    const struct fault *fault;

    *opened = (struct opened){
        .house = {.account = seal->house.account,
                  .region = seal->house.region,
                  .regions = &opened->house.region,
                  .region_count = 1,
                  .lists_described = bytes_same(config->lists, LIT("described")),
                  .journal_days = (size_t)config->journal_days,
                  .versions_kept = (size_t)config->versions_kept,
                  .limits = config->limits,
                  .quotas = {.secrets = (uint64_t)config->account_secrets,
                             .records = (uint64_t)config->account_records,
                             .bytes = (uint64_t)config->account_mib << 20},
                  .loops = crew_size(&(struct crew_plan){.threads = (size_t)config->workers}),
                  .rate_per_principal = (size_t)config->rate_per_principal,
                  .rate_per_account = (size_t)config->rate_per_account,
                  .latest = &opened->latest,
                  .dev = config->dev}};
    if (config->regions.n > 0) {
        opened->house.regions = config->regions.at;
        opened->house.region_count = config->regions.n;
    }
    if (config->dev)
        opened->house.region_count = opened->house.rate_per_principal =
            opened->house.rate_per_account = 0;
    fault = tally_open(&opened->house.guesses);
    if (fault == OK && !config->dev)
        fault = seen_open(SEEN_GRACE_MS, &opened->house.seen);
    if (fault == OK)
        fault = open_all(arena, config, seal, opener, accept, opened);
    if (fault == OK)
        fault = start_committer(opened, accept);
    if (fault == OK)
        fault = open_desk(arena, config, &opened->house);
    if (fault != OK)
        house_close(opened);
    return fault;
}

fallible house_look(struct arena *arena, const struct config *config,
                    const struct root_sealed *seal, const struct root_opener *opener,
                    struct opened *opened)
{
    const struct fault *fault;

    *opened =
        (struct opened){.house = {.account = seal->house.account, .region = seal->house.region}};
    fault = open_keeper(arena, seal, opener, &opened->house.keeper);
    if (fault == OK)
        fault = open_store(arena, config, false, opened);
    if (fault != OK)
        house_close(opened);
    return fault;
}

void house_close(struct opened *opened)
{
    desk_close(opened->house.desk);
    committer_stop(opened->house.committer);
    worker_close(opened->committing);
    syncer_stop(opened->house.syncer);
    journal_close(opened->house.journal);
    store_close(opened->house.store);
    scales_close(opened->scales);
    keeper_close(opened->house.keeper);
    tally_close(opened->house.guesses);
    seen_close(opened->house.seen);
    *opened = (struct opened){0};
}
