/* mailbox: a stack that anybody may push on and one thread takes whole, turned over; an eventfd
 * beside it. */
#include "store/mailbox.h"

#include "base/faultpoint.h"
#include "store/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
    _Atomic(struct batch *) newest;
    int fd;
};

FAULT(MAILBOX_UNAVAILABLE, FAULT_INTERNAL, "mailbox.unavailable",
      "No memory or no file descriptor is left for a mailbox.");

fallible mailbox_open(struct mailbox **out)
{
    struct mailbox *box = fault_point() ? NULL : calloc(1, sizeof(struct mailbox));

    ENSURE(box != NULL, MAILBOX_UNAVAILABLE);
    box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (box->fd < 0) {
        free(box);
        return MAILBOX_UNAVAILABLE;
    }
    *out = box;
    return OK;
}

void mailbox_close(struct mailbox *box)
{
    if (box == NULL)
        return;
    close(box->fd);
    free(box);
}

int mailbox_fd(const struct mailbox *box)
{
    return box->fd;
}

void mailbox_wake(struct mailbox *box)
{
    /* Fails only when the counter is full, and then the other side is awake. */
    (void)!eventfd_write(box->fd, 1);
}

void mailbox_put(struct mailbox *box, struct batch *batch)
{
    struct batch *newest = atomic_load_explicit(&box->newest, memory_order_relaxed);

    /* Once it is in, it is the taker's: nothing of it is touched after the exchange. */
    do
        batch->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&box->newest, &newest, batch,
                                                  memory_order_release, memory_order_relaxed));
    if (newest == NULL)
        mailbox_wake(box);
}

struct batch *mailbox_take(struct mailbox *box)
{
    struct batch *newest, *oldest = NULL;
    eventfd_t count;

    /* The fd first: what comes after this look rings anew. */
    (void)!eventfd_read(box->fd, &count);
    newest = atomic_exchange_explicit(&box->newest, NULL, memory_order_acquire);
    while (newest != NULL) {
        struct batch *older = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

struct batch *mailbox_wait(struct mailbox *box)
{
    struct pollfd rung = {.fd = box->fd, .events = POLLIN};

    while (poll(&rung, 1, -1) < 0 && errno == EINTR)
        ;
    return mailbox_take(box);
}
