/* sealed: a server whose passphrase nobody has given yet (SECURITY 29: it starts at boot, with
 * nobody at a terminal). It is alive and not ready: clients are told so, and a person hands the
 * passphrase over the admin socket. A wrong one changes nothing; the right one opens the house. */
#pragma once

#include "server/crew.h"
#include "server/open.h"
#include "server/watch.h"

#include <signal.h>

extern const struct fault SEALED[1];       /* what clients are told */
extern const struct fault SEALED_BUSY[1];  /* another passphrase is being tried */
extern const struct fault SEALED_TRIES[1]; /* more than SEALED_TRIES_A_MINUTE: come back later */

enum { SEALED_TRIES_A_MINUTE = 5 };

struct sealed_plan {
    struct arena *arena; /* of the thread that calls sealed_wait */
    const struct config *config;
    const struct root_sealed *seal;
    const struct watch *watch;
    bool accept;           /* a store that was rolled back, as in house_open */
    gid_t admin_gid;       /* who may unseal beside root and ourselves; SOCKET_NO_GROUP: nobody */
    struct opened *opened; /* filled when the passphrase came */
};

struct sealed;

fallible sealed_open(const struct sealed_plan *, struct sealed **);
void sealed_close(struct sealed *); /* after crew_join; NULL is fine */

/* For crew_plan.start; ctx is a struct sealed. The handlers stand where front_start's do. */
fallible sealed_start(void *ctx, size_t thread, struct crew_member *out);

/* Tries what passphrases come, on the calling thread (a second each). OK with *got 0: the house is
 * open, the event "server.unseal" stands in its journal, and who asked is told. Else *got is the
 * signal of the set (blocked by the caller) that came. */
fallible sealed_wait(struct sealed *, const sigset_t *, int *got);

/* Before crew_change or crew_end: whoever still waits is told that it ends. */
void sealed_end(struct sealed *);
