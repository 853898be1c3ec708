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

fallible stopped_open(struct arena *arena, const struct options *options, struct stopped *stopped)
{
    const struct socket_owner self = {.uid = geteuid(), .gid = getegid(), .pid = getpid()};

    *stopped = (struct stopped){.folder = ask_data(options)};
    config_defaults(&stopped->config);
    stopped->config.data = bytes_of(stopped->folder);
    TRY(sensitive_start(NULL));
    TRY(crypto_start());
    TRY(open_seal(arena, &stopped->config, &stopped->seal));
    TRY(opener_outside(options_value(options, "key-file"), stopped->folder));
    TRY(opener_find(arena, options, false, &stopped->opener));
    stopped->who = local_principal(arena, &self, stopped->seal.house.account);
    ENSURE(stopped->who != NULL, ARENA_SPENT);
    return house_open(arena, &stopped->config, &stopped->seal, &stopped->opener, false,
                      &stopped->opened);
}

fallible stopped_record(struct arena *arena, const struct stopped *stopped,
                        const struct operation *operation)
{
    const struct house *house = &stopped->opened.house;
    struct worker *worker;
    const struct fault *fault;

    TRY(worker_open(house, NULL, &worker));
    fault = audit_event(worker, arena, operation, stopped->who);
    worker_close(worker);
    TRY(fault);
    return journal_tick(house->journal);
}

void stopped_close(struct stopped *stopped)
{
    if (stopped->opened.house.keeper != NULL)
        house_close(&stopped->opened);
}
