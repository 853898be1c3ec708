/* front: what stands between connections and answers on one thread: a worker, its mailbox, and the
 * three handlers (clients, health and metrics, the admin socket). */
#pragma once

#include "server/config.h"
#include "server/watch.h"

enum { FRONT_CLIENTS, FRONT_WATCH, FRONT_ADMIN };
enum {
    FRONT_OWN_MOST = 64
}; /* connections each of the latter two may have, whoever else is there */

/* Shared by all threads; stays where it is while they run. */
struct front_plan {
    const struct house *house;
    struct watch *watch;
    const struct config *config;
    gid_t admin_gid; /* SOCKET_NO_GROUP: none */
};

/* For crew_plan.start; ctx is a struct front_plan. */
fallible front_start(void *ctx, size_t thread, struct crew_member *out);
