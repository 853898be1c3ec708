/* seal: the seal of a data folder is replaced: another passphrase or key file from now on, the root
 * key stays. What opens an old copy of the seal is not changed by it. */
#pragma once

#include "keeper/root.h"

extern const struct fault SEAL_UNSURE[1]; /* the new seal does not open: the old one stays */
extern const struct fault SEAL_PLACE[1];  /* it cannot be written; the old one stays */

/* A new seal beside the old one ("seal.new"), on the disk, and opened again with the new opener
 * before it counts. Blocks for about a second for each passphrase. */
fallible seal_prepare(struct arena *, const char *folder, const struct root_sealed *old,
                      const struct root_opener *opens, const struct root_opener *will_open);

/* It takes the old one's place: by a rename, on the disk when OK. */
fallible seal_take(struct arena *, const char *folder);

/* Writes a seal as "seal.new", holds it against the root that it is to give back. */
fallible seal_write(struct arena *, const char *folder, struct bytes text,
                    struct sensitive_view root, const struct root_opener *);
