/* dev: what `coffer dev` does to a data folder: a temporary one (or one of its own kind, kept),
 * with a key file beside the seal, a certificate for this machine, and access keys, drawn or given.
 * Never a folder of `coffer init`. */
#pragma once

#include "admin/init.h"

extern const struct fault DEV_CREDENTIALS[1]; /* not ID:SECRET or ID:SECRET:USER */
extern const struct fault DEV_FOREIGN[1];     /* a folder of `coffer init` */
extern const struct fault DEV_PLACE[1];       /* no temporary folder can be made */

struct dev_plan {
    const char *folder; /* NULL: a temporary one, in $TMPDIR or /tmp */
    struct bytes account, region;
    const struct bytes *hosts; /* names of the certificate beside localhost, 127.0.0.1 and ::1 */
    size_t host_count;
    const struct dev_key *keys; /* given access keys */
    size_t key_count;
};

struct dev_key {
    struct bytes id, secret, user; /* user empty: the account's root */
};

struct dev_folder {
    const char *folder;
    bool temporary; /* dev_remove it at the end */
    struct root_opener opener;
    struct bytes key_id;              /* an access key of the account's root */
    struct sensitive_view key_secret; /* to be shown: it is a throw-away's */
};

/* "ID:SECRET[:USER]"; the slices point into the text. */
fallible dev_read_key(struct bytes text, struct dev_key *);

/* Makes the folder if it is not there yet; adds given keys that it does not have; reads what it
 * needs. */
fallible dev_prepare(struct arena *, const struct dev_plan *, struct dev_folder *);

/* Removes a temporary folder and all in it. */
void dev_remove(const struct dev_folder *);
