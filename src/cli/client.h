/* client: one question to the running server over its admin socket, in the native protocol. The
 * server judges the peer's uid; nothing is signed. Blocking, with a time limit of 30 s. */
#pragma once

#include "base/sensitive.h"

extern const struct fault CLIENT_AWAY[1];   /* nobody listens there: is the server running? */
extern const struct fault CLIENT_DENIED[1]; /* the socket is not open to this user */
extern const struct fault CLIENT_PATH[1];   /* a path too long for a socket: over 107 bytes */
extern const struct fault CLIENT_BROKEN[1]; /* the connection broke, or the answer made no sense */

struct client_reply {
    int status;
    struct bytes body;    /* in the arena, which zeroes it */
    struct bytes request; /* the request id */
};

/* `target` like "/v1/user.create"; `body` JSON, or none for GET. */
fallible client_ask(struct arena *, const char *socket_path, const char *method, const char *target,
                    struct bytes body, struct client_reply *);

/* POST with a body that is a secret: never copied into ordinary memory on this side. */
fallible client_give(struct arena *, const char *socket_path, const char *target,
                     struct sensitive_view body, struct client_reply *);
