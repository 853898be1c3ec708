/* server: the whole server, from an opened house to a clean end: certificate, listeners, one loop
 * per core, the admin socket, health and metrics, the timers; SIGTERM and SIGINT end it, SIGHUP
 * reads the certificate again. */
#pragma once

#include "server/open.h"

extern const struct fault SERVER_CERTIFICATE[1]; /* no certificate is set and the folder has none */
extern const struct fault SERVER_PLAIN[1];       /* plain HTTP is for loopback addresses alone */
extern const struct fault SERVER_SYSTEM[1];      /* no thread, no signal descriptor */

struct server_facts {
    const struct address *listen; /* as bound: ports that were 0 are known now */
    size_t count;
    struct address watch;
};

/* Serves until it is told to end; OK then. `ready` is called once, on the calling thread, when all
 * listen. Blocks the signals above for the process: call it before there are other threads. */
fallible server_run(struct arena *, const struct config *, struct opened *,
                    void (*ready)(void *ctx, const struct server_facts *), void *ctx);

/* The same for a folder that a passphrase opens, when there is nobody to ask: it starts sealed
 * (server/sealed.h), and serves at the same addresses from the moment that `coffer unseal` gave the
 * passphrase. `accept` as in house_open. */
fallible server_run_sealed(struct arena *, const struct config *, const struct root_sealed *,
                           bool accept);
