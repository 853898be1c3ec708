/* watch: how the server stands: /healthz, /readyz and /metrics on a loopback address of its own,
 * /status over the admin socket. No name, principal or address of anybody stands in any of it. */
#pragma once

#include "core/worker.h"
#include "server/crew.h"
#include "server/face.h"

struct watch {
    const struct house *house;
    struct crew *_Atomic crew; /* NULL until it runs */
    _Atomic bool ending;
    _Atomic bool clock_doubt;
    int64_t started_ms;
    struct face face;
};

/* Handler functions; ctx is a struct watch. Only GET; anything else is 404. */
enum handled watch_begin(void *ctx, struct exchange *);

/* The answer to one path, or NULL: not one of ours. The text lies in the arena. */
struct http_reply *watch_answer(struct watch *, struct arena *, const struct http_request *);

/* What /metrics says of a server that nobody has given its passphrase: that it is sealed, and what
 * needs no house. */
fallible watch_sealed_metrics(const struct watch *, struct arena *, struct bytes *out);
