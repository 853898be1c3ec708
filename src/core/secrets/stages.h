/* stages: which version bears which label. Each label is on at most one version; once there is a
 * value, AWSCURRENT is on exactly one. Pure: nothing but memory. For this folder and its property
 * test. */
#pragma once

#include "core/secrets/secret.h"

struct version *version_find(const struct secret *, struct bytes id);        /* NULL: none */
struct version *version_labelled(const struct secret *, struct bytes stage); /* NULL: none */
bool version_has(const struct version *, struct bytes stage);

/* The label goes to `to` (NULL: to nobody). When AWSCURRENT moves, its old owner gets AWSPREVIOUS,
 * which leaves whoever had it. Only ARENA_SPENT. */
fallible stage_move(struct arena *, struct secret *, struct bytes stage, struct version *to);

/* All of a put's labels to `to`, its newest version; the first version ever gets AWSCURRENT too.
 * SECRET_STAGES_FULL: more than `most`. */
fallible stages_give(struct arena *, struct secret *, struct texts stages, struct version *to,
                     size_t most);
