/* loop: one thread's turns. A turn collects events, lets tasks work, ends (the hook: the journal's
 * write), and only then lets the replies out.
 *
 * epoll, edge-triggered: a descriptor is added once and never changed. Whoever cannot finish in his
 * share of a turn puts himself on the ready list again. Timers are coarse (LOOP_TICK_MS) and cost
 * no system call. Only loop_wake may be called from another thread. */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

enum { LOOP_TICK_MS = 250, LOOP_LATER = 8, LOOP_STEPS = 3 };

/* clang-format off */
extern const struct fault LOOP_SYSTEM[1]; /* epoll or eventfd cannot be had: out of descriptors or memory */
/* clang-format on */

struct loop;

struct loop_watch {
    int fd;
    void (*fn)(struct loop_watch *,
               uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP... */
};

/* Zeroed before the first use, but for fn. On one list at a time. */
struct loop_task {
    void (*fn)(struct loop_task *);
    struct loop_task *next, *prev;
};

/* Likewise. */
struct loop_timer {
    void (*fn)(struct loop_timer *);
    struct loop_timer *next, *prev;
    int64_t due; /* ms, as loop_now_ms; 0: not set */
};

fallible loop_open(struct loop **out);
void loop_close(struct loop *); /* NULL is fine; watches and tasks are their owners' */

/* The watch must stay where it is until loop_unwatch, which also keeps events already collected
 * from it. */
fallible loop_watch(struct loop *, struct loop_watch *, uint32_t events);
void loop_unwatch(struct loop *, struct loop_watch *);

/* To be run in this turn; when called from a task: in the next. On a list already: stays there. */
void loop_ready(struct loop *, struct loop_task *);

/* The same, before all that are ready now. */
void loop_first(struct loop *, struct loop_task *);

/* In this turn still, behind the ready and later ones and all steps before: for tasks of this turn
 * alone. Who has a long way to go takes it in steps: a request's whole way does not fit into the
 * processor's cache of instructions, a step does, and so serves the whole turn. */
void loop_step(struct loop *, size_t step, struct loop_task *);

/* After the ready ones, at most LOOP_LATER a turn: handshakes, so that strangers do not slow the
 * known. */
void loop_later(struct loop *, struct loop_task *);

/* After this turn's end hook: replies. Called during the flush: after the next turn's. */
void loop_flush(struct loop *, struct loop_task *);

/* Behind this turn's flush: what the flush has put together. */
void loop_last(struct loop *, struct loop_task *);

void loop_cancel(struct loop_task *); /* from whichever list it is on */

/* Fires once, no sooner than `ms` from now and not much more than a tick later (at most 10 minutes
 * ahead). To set a set timer to a later time is one store. */
void loop_timer_set(struct loop *, struct loop_timer *, int64_t ms);
void loop_timer_clear(struct loop_timer *);

/* Called between the tasks and the flush of each turn. What it returned is what loop_turn_fault
 * tells during the flush: OK, or why nothing of this turn may be said. */
void loop_at_turn_end(struct loop *, const struct fault *(*fn)(void *), void *ctx);
const struct fault *loop_turn_fault(const struct loop *);

uint64_t loop_turns(const struct loop *);  /* how many turns there were, with this one */
int64_t loop_now_ms(const struct loop *);  /* monotonic, read once a turn */
int64_t loop_wall_ms(const struct loop *); /* wall time, read once a turn */

/* One turn; waits for events when nothing is ready. */
fallible loop_turn(struct loop *);

/* From any thread, also from a signal handler: the turn that waits ends. `loop_on_wake` says what
 * is then called. */
void loop_wake(struct loop *);
void loop_on_wake(struct loop *, void (*fn)(void *), void *ctx);
