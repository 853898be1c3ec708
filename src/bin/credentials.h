/* credentials: an access key handed out once: to a file of mode 0600 or to a terminal, never to a
 * pipe or a log. */
#pragma once

#include "core/identity/identity.h"

extern const struct fault CREDENTIALS_NOWHERE[1]; /* no file was named, and there is no terminal */

/* In the form of ~/.aws/credentials, profile `profile`. `file` NULL: to standard output, if that is
 * a terminal. A file that exists is refused: nothing is overwritten. */
fallible credentials_write(struct arena *, const char *file, const char *profile, struct bytes id,
                           struct sensitive_view secret);

/* Is there somewhere to write to? Asked before a key is made that could then not be shown. */
fallible credentials_possible(const char *file);
