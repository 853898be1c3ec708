/* init: a data folder is made: the root key, sealed; the store with the first account and its root
 * access key; a certificate, if asked for. Layout: seal, store/, journal/, tls/, admin/ (the
 * socket's folder); 0700 and 0600. */
#pragma once

#include "core/identity/identity.h"
#include "keeper/root.h"

extern const struct fault INIT_FOLDER[1];  /* it exists and is not empty; nothing was changed */
extern const struct fault INIT_ACCOUNT[1]; /* not twelve digits */
extern const struct fault INIT_REGION[1];  /* not like us-east-1 */
extern const struct fault INIT_PLACE[1];   /* the folder cannot be made there */

struct init_plan {
    const char *folder;
    struct bytes account, region;
    bool
        dev; /* marks the folder: `coffer server` refuses it, and `coffer dev` refuses all others */
    struct root_opener opener;
    const struct bytes *tls_hosts; /* none: no certificate is made */
    size_t tls_host_count;
};

/* The folder, absent or empty before, and those in it but the store's. INIT_FOLDER, INIT_PLACE. */
fallible init_folders(struct arena *, const char *folder);

/* After sensitive_start and crypto_start. `root_key` is the account's first access key: to be shown
 * once. On a fault what was made is left for the operator to look at, and never overwrites
 * anything. */
fallible init_folder(struct arena *, const struct init_plan *, struct identity_new_key *root_key);

/* A certificate for the hosts, with an authority of its own, in a folder that init_folder made:
 * tls/ca.pem, server.pem and server.key, the folder's owner's. FILE_EXISTS, and nothing changed,
 * when there is one and `replace` is not said. After crypto_start. */
fallible init_certificate(struct arena *, const char *folder, const struct bytes hosts[], size_t n,
                          bool replace);
