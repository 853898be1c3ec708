/* stopped: as the server would open it, without serving. */
#include "bin/stopped.h"

#include "base/file.h"
#include "bin/ask.h"
#include "bin/opener.h"
#include "core/audit/audit.h"
#include "core/audit/journal.h"
#include "crypto/start.h"
#include "server/local.h"

#include <unistd.h>

static fallible read_unborn(struct arena *arena, const char *folder, struct root_sealed *seal)
{
    const char *path = file_path(arena, folder, "seal.new");
    struct bytes text;

    ENSURE(path != NULL, ARENA_SPENT);
    TRY(file_read(arena, path, ROOT_FILE_MOST, &text));
    return root_read(arena, text, seal);
}

static fallible look(struct arena *arena, const char *folder, bool unborn, struct stopped *stopped)
{
    const struct socket_owner self = {.uid = geteuid(), .gid = getegid(), .pid = getpid()};

    *stopped = (struct stopped){.folder = folder};
    config_defaults(&stopped->config);
    stopped->config.data = bytes_of(folder);
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(unborn ? read_unborn(arena, folder, &stopped->seal)
               : open_seal(arena, &stopped->config, &stopped->seal));
    stopped->who = local_principal(arena, &self, stopped->seal.house.account);
    return stopped->who == NULL ? ARENA_SPENT : OK;
}

static fallible enter(struct arena *arena, struct stopped *stopped)
{
    return house_open(arena, &stopped->config, &stopped->seal, &stopped->opener, false,
                      &stopped->opened);
}

fallible stopped_open(struct arena *arena, const struct options *options, struct stopped *stopped)
{
    TRY(look(arena, ask_data(options), false, stopped));
    TRY(opener_outside(options_value(options, "key-file"), stopped->folder));
    TRY(opener_find(arena, options, false, &stopped->opener));
    return enter(arena, stopped);
}

fallible stopped_enter(struct arena *arena, const char *folder, const struct root_opener *opener,
                       bool unborn, struct stopped *stopped)
{
    TRY(look(arena, folder, unborn, stopped));
    stopped->opener = *opener;
    return enter(arena, stopped);
}

fallible stopped_record(struct arena *arena, const struct stopped *stopped,
                        const struct operation *operation, const void *in)
{
    const struct house *house = &stopped->opened.house;
    struct worker *worker;
    const struct fault *fault;

    TRY(worker_open(house, NULL, &worker));
    fault = audit_event(worker, arena, operation, in, stopped->who);
    worker_close(worker);
    TRY(fault);
    return journal_tick(house->journal);
}

void stopped_close(struct stopped *stopped)
{
    if (stopped->opened.house.keeper != NULL)
        house_close(&stopped->opened);
}
