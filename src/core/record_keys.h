/* record_keys: the record keys that a worker has been lent, by account and root generation;
 * bounded, in the keys region. */
#pragma once

#include "base/sensitive.h"
#include "core/worker.h"

fallible record_keys_open(struct record_keys **);
void record_keys_close(struct record_keys *);

/* Borrowed until the next call here. `generation` 0: the newest; which that is goes to *is, unless
 * NULL. */
fallible record_keys_get(struct worker *, uint32_t generation, struct bytes account, uint32_t *is,
                         struct sensitive_view *key);
