/* rotation: how and when a secret is to be rotated, as a part of its record. When the next is due
 * follows from that and from the last change of the value, so it is worked out with every save;
 * nothing here carries a rotation out. For this folder alone. */
#pragma once

#include "codec/schedule.h"
#include "core/fields.h"
#include "core/secrets/secret.h"

/* The member of the record: a list with one map in it, absent while nothing was configured. Written
 * as rotation_settled says. */
fallible rotation_read(struct fields *, uint64_t key, struct rotation *);
void rotation_write(struct cbor_map *, uint64_t key, const struct secret *);

/* Its rotation with `days` and `next` as they follow from the rest. The next window is the first
 * after the value's last change that was open when, or opens after, the rotation was configured. It
 * is due at the end of that window's day, 23:59:59 UTC. */
struct rotation rotation_settled(const struct secret *);

/* The version that is being made by a rotation: it bears AWSPENDING and not AWSCURRENT. NULL:
 * none. */
const struct version *rotation_pending(const struct secret *);

/* "3h": 3; a duration of NULL: 0. -1: not so written. */
int rotation_hours(struct bytes duration);

void rotation_tell(const struct secret *, struct secret_item *);
