/* blame: one text; one process runs one command. */
#include "base/blame.h"

#include <stdio.h>

static char kept[4096];

fallible blame(const char *about, const struct fault *fault)
{
    if (fault != OK && about != NULL)
        (void)snprintf(kept, sizeof kept, "%s", about);
    return fault;
}

const char *blamed(void)
{
    return kept;
}
