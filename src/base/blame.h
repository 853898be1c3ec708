/* blame: which file or address a failure at start is about, beside the fault's own sentence: so
 * that nobody looks at the data folder when a key file is missing. */
#pragma once

#include "base/fault.h"

/* Hands the fault on, and keeps a copy of `about` (NULL: nothing) when it is one. The newest
 * counts. For commands and what they start, on the process's first thread; never on the request
 * path. */
fallible blame(const char *about, const struct fault *);

/* What was blamed last; "" when nothing was. */
const char *blamed(void);
