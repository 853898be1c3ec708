/* backup: what the verbs of `coffer backup` share. */
#pragma once

#include "bin/options.h"
#include "bin/stopped.h"

struct carried;

/* The verbs, each with the FILE that stands behind it: a new file of make and key, a backup of the
 * others. Each says on standard error what came of it, and returns the exit code (bin/commands.h).
 * make asks the running server of the data folder, and opens the folder itself when there is none.
 */
int backup_make_main(struct arena *, const struct options *, const char *file);
int backup_check_main(struct arena *, const struct options *, const char *file);
int backup_restore_main(struct arena *, const struct options *, const char *file);
int backup_key_main(struct arena *, const char *file);

/* A sentence on standard error of how far it is, once a second at most: nothing of what is short.
 */
struct backup_progress {
    const char *doing; /* "Writing": what stands before the count */
    int64_t told_ns;   /* its own: when it told last */
    uint64_t items;    /* its own: the last count that it heard */
};
void backup_tell(struct backup_progress *, uint64_t items);
