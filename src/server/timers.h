/* timers: one thread that may wait for the disk: once a second it syncs and signs the journal,
 * performs what fell due, and turns the ticket keys. */
#pragma once

#include "server/watch.h"

struct timers;
struct tls;

/* `tls` may be NULL. The house has its committer. */
fallible timers_start(struct watch *, struct tls *, struct timers **);

/* What is under way is finished first. NULL is fine. */
void timers_stop(struct timers *);
