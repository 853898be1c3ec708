/* stopped: a data folder that no server has open, opened by a command for a change of its own,
 * which is recorded in its journal. */
#pragma once

#include "bin/options.h"
#include "server/open.h"

struct operation;
struct principal;

/* Stays where it is while it is open. */
struct stopped {
    const char *folder;
    struct config config;
    struct root_sealed seal;
    struct root_opener opener;
    struct opened opened;
    const struct principal *who; /* who runs the command, as the admin socket would see him */
};

/* Finds the opener (bin/opener.h), starts sensitive memory, opens the whole house: what a crash
 * left behind is recovered. STORE_HELD while a server runs. */
fallible stopped_open(struct arena *, const struct options *, struct stopped *);

/* The same with an opener that is known, of a folder that is; `unborn`: of one whose seal does not
 * count yet (admin/restore.h). */
fallible stopped_enter(struct arena *, const char *folder, const struct root_opener *, bool unborn,
                       struct stopped *);

/* In the journal, and on the disk, when it returns OK. `in` is what the row audits; NULL: nothing.
 */
fallible stopped_record(struct arena *, const struct stopped *, const struct operation *,
                        const void *in);

void stopped_close(struct stopped *);
