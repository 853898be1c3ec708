/* tags: the names and values that a customer hangs on a secret. For this folder alone. */
#pragma once

#include "core/secrets/secret.h"

/* A request's own tags: each key once (SECRET_TAG_TWICE), none of AWS's (SECRET_TAG_RESERVED), no
 * more than a secret may have (SECRET_TAGS_FULL). */
fallible tags_fit(struct call *, struct pairs);

/* The secret's tags are now those it had and these, which win. SECRET_TAGS_FULL. */
fallible tags_put(struct call *, struct secret *, struct pairs);
bool tags_drop(struct secret *, struct bytes key); /* false: it was not there */

/* SECRET_TAG_RESERVED, with its words. */
fallible tags_free(struct call *, struct bytes key);

/* Saves it as changed now, unless the caller would lose what `action` allows him by its new tags:
 * DENIED. */
fallible tags_save(struct call *, struct secret *, const char *action);
