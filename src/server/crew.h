/* crew: the threads that serve, one event loop each, with listeners of their own, from their start
 * to their clean end (DESIGN 2, Threads and Ending). What a thread answers with is made on it by a
 * callback. */
#pragma once

#include "server/connection.h"

enum { CREW_LISTENERS = 16 };

extern const struct fault CREW_THREAD[1]; /* the system gives no more threads */

/* One place to listen at. The descriptors are the crew's from crew_start on. */
struct crew_listener {
    const int *fds; /* one per thread (socket_listen), or a single one for the first thread alone */
    bool first_only;
    struct tls *tls;                      /* NULL: plain */
    const struct address_ranges *proxies; /* NULL: clients come themselves (connection.h) */
    size_t handler;                       /* which of the member's handlers answers here */
};

/* What one thread works with; filled in by `start` on that thread. */
struct crew_member {
    void *ctx;
    struct handler handlers[4];
    const struct fault *(*turn_end)(
        void *ctx); /* writes the turn's notes; NULL: nothing to write */
    /* How replies wait for more than that (connections_hold): what this turn's wait for, and how
     * far it is, asked when mail came; NULL: for nothing. */
    uint64_t (*ticket)(void *ctx);
    const struct fault *(*reached)(void *ctx, uint64_t *ticket);
    int mail; /* a descriptor that becomes readable when something came; -1: none */
    void (*mailed)(void *ctx);
    void (*tick)(void *ctx); /* about once a second; NULL: nothing to do */
    void (*stop)(void *ctx); /* on the thread, after its last connection; NULL: nothing to do */
};

struct crew_plan {
    size_t threads; /* 0: one per processor that we may use */
    struct door *door;
    struct connection_limits limits;
    struct crew_listener listeners[CREW_LISTENERS];
    size_t listener_count;
    int64_t end_ms; /* how long open requests are waited for at the end; 10,000 is usual */

    void *ctx;
    fallible (*start)(void *ctx, size_t thread, struct crew_member *out);
};

struct crew;

size_t crew_size(const struct crew_plan
                     *); /* how many threads it will be: how many descriptors a listener needs */

/* All threads run and listen when it returns OK; on a fault (also of a `start`) none does. */
fallible crew_start(const struct crew_plan *, struct crew **out);

/* From another thread: between two turns each of the crew's runs `start`, and answers with what
 * that made from then on; listeners and connections stay as they are, also those in a handshake or
 * a request. What the members before still had in their mail is handed to them first; they are not
 * stopped. On a fault some may have changed and some not: end the crew. */
fallible crew_change(struct crew *,
                     fallible (*start)(void *ctx, size_t thread, struct crew_member *), void *ctx);

/* Begins the end: accepts what the kernel has queued, closes the listeners, lets go of idle
 * connections, answers what is open. From any thread or a signal handler; more than once is
 * fine. */
void crew_end(struct crew *);

/* Waits for all threads and frees the crew. Returns how many requests were cut off at the
 * deadline. */
size_t crew_join(struct crew *);

struct connection_counts crew_counts(const struct crew *); /* from any thread */
