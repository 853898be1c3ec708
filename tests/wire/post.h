/* post: a letter to the world, and what came back. */
#pragma once

#include "support/world.h"
#include "wire/letter.h"

struct answered {
    uint16_t status;
    struct http_reply reply;
    struct bytes body, id;
    const char *wrong; /* with the sending itself; NULL: nothing */
};

/* Read, answered and recorded as if it had come over a connection. All lies in `arena`, which is
 * the request's and the caller's to close. */
struct answered post_letter(struct world *, struct arena *, struct letter *);
