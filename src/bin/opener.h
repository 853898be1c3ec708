/* opener: where the passphrase or key file of a data folder comes from: an option, a descriptor, a
 * systemd credential or the terminal; never argv or the environment. */
#pragma once

#include "bin/options.h"
#include "keeper/root.h"

/* The rows of --key-file and --passphrase-fd, for a command's own table. */
#define OPENER_ROWS                                                                  \
    {"key-file", "FILE", "32 random bytes (mode 0600) that open the root key"},      \
    {                                                                                \
        "passphrase-fd", "N", "read the passphrase from this descriptor, to its end" \
    }

/* The rows for what is to open it from now on. */
/* clang-format off */
#define OPENER_NEW_ROWS                                                                            \
    {"to-key-file", "FILE", "32 random bytes (mode 0600) that are to open it from now on"},        \
    {"make-key-file", NULL, "draw that key file anew (it must not exist, and not lie in DIR)"},    \
    {"to-passphrase", NULL, "a passphrase is to open it from now on; asked for twice"},            \
    {"to-passphrase-fd", "N", "the same, read from this descriptor, to its end"}
/* clang-format on */

extern const struct fault OPENER_NOBODY[1]; /* nothing is said, and no terminal to ask at */

/* Prompts on the terminal when nothing else is said. `again`: it is a new one, which is asked for
 * twice and has a least length. The secret lies in the
 * arena's keys region. The systemd credentials coffer-key and coffer-passphrase are taken when
 * there are any. */
fallible opener_find(struct arena *, const struct options *, bool again, struct root_opener *);

/* By OPENER_NEW_ROWS, of which exactly one way has to be said: OPENER_WHICH. */
extern const struct fault OPENER_WHICH[1];
fallible opener_choose(struct arena *, const struct options *, struct root_opener *);

/* With --make-key-file: the file that this option names is made, 32 random bytes. */
fallible opener_make_file(struct arena *, const struct options *, const char *option);

/* What becomes of that file where `fault` kept everything from being sealed by it: it goes again,
 * so that the same words can be said once more. Returns the fault. */
fallible opener_settle_file(const struct options *, const char *option, const struct fault *fault);

/* The key file must not lie in the data folder that it opens. Either may be NULL, and neither need
 * be there yet. */
fallible opener_outside(const char *file, const char *data);
