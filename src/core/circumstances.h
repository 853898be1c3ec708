/* circumstances: what condition keys and policy variables are in a request (core/policy/key.h): a
 * row each that says where its value comes from. Made for one judgement, on its stack. */
#pragma once

#include "core/operation.h"
#include "core/policy/policy.h"

enum { CIRCUMSTANCES_ROOM = 32 }; /* characters of a number or a time */

struct circumstances {
    const struct call *call;
    const struct resource *resource;
    bool unsought; /* the thing was not looked for yet: what it has is told LATER */
    /* One room for each that is asked about in one judgement; it stays to its end. */
    uint8_t now[CIRCUMSTANCES_ROOM], seconds[CIRCUMSTANCES_ROOM], issued[CIRCUMSTANCES_ROOM];
    uint8_t number[CIRCUMSTANCES_ROOM];
};

/* struct question's: `ctx` is a struct circumstances. */
enum circumstance circumstances_of(void *ctx, const struct policy_key *, size_t i,
                                   struct bytes *value);
