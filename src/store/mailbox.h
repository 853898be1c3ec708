/* mailbox: where batches wait for a thread. Many put, one takes; an eventfd tells that there is
 * something, so that a loop can wait for it beside its sockets. */
#pragma once

#include "base/fault.h"

struct batch; /* linked by its `next`; it belongs to the mailbox from put to take */
struct mailbox;

extern const struct fault MAILBOX_UNAVAILABLE[1]; /* no memory or no descriptor: start-up only */

fallible mailbox_open(struct mailbox **);
void mailbox_close(struct mailbox *); /* NULL is fine; it must be empty */

int mailbox_fd(const struct mailbox *); /* readable once something was put since the last take */

/* From any thread, without a lock; cannot fail. A system call only when the box was empty. */
void mailbox_put(struct mailbox *, struct batch *);

/* All that waits, oldest first, linked by `next`; NULL: nothing. One thread only. Clears the fd. */
struct batch *mailbox_take(struct mailbox *);

/* The same, asleep until there is something or somebody called mailbox_wake (then perhaps NULL). */
struct batch *mailbox_wait(struct mailbox *);
void mailbox_wake(struct mailbox *);
