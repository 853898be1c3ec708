/* scratch: mkdtemp(3) and its end. */
#include "support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void scratch_make(char path[SCRATCH_PATH])
{
    const char *below = getenv("TMPDIR");

    (void)snprintf(path, SCRATCH_PATH, "%s/scratch-XXXXXX", below != NULL ? below : "/tmp");
    if (mkdtemp(path) == NULL) {
        perror(path);
        abort();
    }
}

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *where)
{
    (void)what, (void)kind, (void)where;
    return remove(path);
}

void scratch_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
