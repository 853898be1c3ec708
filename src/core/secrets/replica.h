/* replica: a secret's copies in other regions of this server. A replica is a whole secret there,
 * with the same six characters in its ARN and values sealed anew for it; it is written with its
 * primary, in the same transaction, so it is never behind. Nobody else writes it. A version without
 * a label is not copied, but stays where it was copied before. For this folder alone. */
#pragma once

#include "core/fields.h"
#include "core/secrets/secret.h"

/* Regions of one primary: all that changes with it has to fit one transaction
 * (STORE_CHANGES_MOST). */
enum { SECRET_REPLICAS_MOST = 16 };

/* The member of a primary's record. */
fallible replicas_read(struct call *, struct fields *, uint64_t key, struct secret *);
void replicas_write(struct cbor_map *, uint64_t key, const struct secret *);

/* Makes what is in the other regions like the primary, whose record and values are written already.
 * Called by secret_save. */
fallible replicas_follow(struct call *, const struct secret *primary);

/* Further regions for a secret that is no replica; those it is in already stay. A name that is
 * taken there is overwritten with `force` (who asks may delete that secret), else the region is
 * kept as failed. The replicas come with secret_save. SECRET_REPLICA_REGION, SECRET_REPLICAS_FULL,
 * SECRET_KMS_KEY, DENIED. */
fallible replicas_add(struct call *, struct secret *, struct pairs, bool force);

/* Takes a region away, and the replica there; one that there is not is no mistake. The secret is
 * then to be saved. SECRET_REPLICA_REGION: not a region at all. */
fallible replica_remove(struct call *, struct secret *, struct bytes region);

/* The primary knows this replica, which is in the call's region, no longer. */
fallible replica_forget(struct call *, const struct secret *replica);

fallible replicas_tell(struct call *, const struct secret *, struct secret_replications *);
