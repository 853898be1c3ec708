/* loop: epoll, lists of tasks, and a wheel of timers. */
#include "net/loop.h"

#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS = 256, SLOTS = 256 };

FAULT(LOOP_SYSTEM, FAULT_AGAIN, "loop.system", "The system cannot give what an event loop needs.");

struct loop {
    int epoll, wake;
    struct loop_watch waker;
    struct loop_task ready, later, steps[LOOP_STEPS], flush, last; /* heads of circles */
    struct loop_timer slots[SLOTS];                                /* heads of circles */
    int64_t now_ms, wall_ms;
    uint64_t turns;
    int64_t tick;      /* the last one that was looked at */
    int64_t next_tick; /* no slot before this one holds a timer */
    const struct fault *(*at_end)(void *);
    void *at_end_ctx;
    const struct fault *turn_fault;
    void (*on_wake)(void *);
    void *on_wake_ctx;
    struct epoll_event events[EVENTS];
    int event_at, event_count; /* of this turn's events, those not yet told begin at event_at */
};

static int64_t now_ms(void)
{
    return clock_monotonic_ns() / 1000000;
}

static void read_clocks(struct loop *loop)
{
    loop->now_ms = now_ms();
    loop->wall_ms = clock_now_ms();
}

static void circle(struct loop_task *head)
{
    head->next = head->prev = head;
}

static void put(struct loop_task *head, struct loop_task *task)
{
    if (task->next != NULL)
        return;
    task->prev = head->prev;
    task->next = head;
    head->prev->next = task;
    head->prev = task;
}

void loop_cancel(struct loop_task *task)
{
    if (task->next == NULL)
        return;
    task->next->prev = task->prev;
    task->prev->next = task->next;
    task->next = task->prev = NULL;
}

static bool waits(const struct loop_task *head)
{
    return head->next != head;
}

/* Runs what is on the list now, at most `most`; what the tasks put there waits for the next
 * time. */
static void run(struct loop_task *head, size_t most)
{
    struct loop_task now;

    if (!waits(head))
        return;
    now = *head;
    now.next->prev = now.prev->next = &now;
    circle(head);
    while (waits(&now) && most-- != 0) {
        struct loop_task *task = now.next;

        loop_cancel(task);
        task->fn(task);
    }
    if (!waits(&now))
        return;
    now.prev->next = head->next; /* those left over come first */
    head->next->prev = now.prev;
    head->next = now.next;
    now.next->prev = head;
}

static void woken(struct loop_watch *watch, uint32_t events)
{
    struct loop *loop = (struct loop *)((char *)watch - offsetof(struct loop, waker));
    uint64_t count;

    (void)events;
    if (read(loop->wake, &count, sizeof count) == sizeof count && loop->on_wake != NULL)
        loop->on_wake(loop->on_wake_ctx);
}

fallible loop_open(struct loop **out)
{
    struct loop *loop = calloc(1, sizeof *loop);

    ENSURE(loop != NULL, LOOP_SYSTEM);
    circle(&loop->ready);
    circle(&loop->later);
    for (size_t i = 0; i < LOOP_STEPS; i++)
        circle(&loop->steps[i]);
    circle(&loop->flush);
    circle(&loop->last);
    for (size_t i = 0; i < SLOTS; i++)
        loop->slots[i].next = loop->slots[i].prev = &loop->slots[i];
    read_clocks(loop);
    loop->tick = loop->now_ms / LOOP_TICK_MS;
    loop->next_tick = INT64_MAX;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->waker = (struct loop_watch){loop->wake, woken};
    if (loop->epoll < 0 || loop->wake < 0 || loop_watch(loop, &loop->waker, EPOLLIN) != OK) {
        loop_close(loop);
        return LOOP_SYSTEM;
    }
    *out = loop;
    return OK;
}

void loop_close(struct loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->epoll >= 0)
        close(loop->epoll);
    if (loop->wake >= 0)
        close(loop->wake);
    free(loop);
}

fallible loop_watch(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.ptr = watch};

    ENSURE(epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0, LOOP_SYSTEM);
    return OK;
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = loop->event_at; i < loop->event_count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
}

void loop_ready(struct loop *loop, struct loop_task *task)
{
    put(&loop->ready, task);
}

/* Behind the last one of a circle that begins where the list ends: before the first. */
void loop_first(struct loop *loop, struct loop_task *task)
{
    put(loop->ready.next, task);
}

void loop_later(struct loop *loop, struct loop_task *task)
{
    put(&loop->later, task);
}

void loop_step(struct loop *loop, size_t step, struct loop_task *task)
{
    put(&loop->steps[step], task);
}

void loop_flush(struct loop *loop, struct loop_task *task)
{
    put(&loop->flush, task);
}

void loop_last(struct loop *loop, struct loop_task *task)
{
    put(&loop->last, task);
}

static void into_slot(struct loop *loop, struct loop_timer *timer)
{
    int64_t tick = timer->due / LOOP_TICK_MS + 1;
    struct loop_timer *head;

    if (tick <= loop->tick)
        tick = loop->tick + 1;
    if (tick >= loop->tick + SLOTS)
        tick = loop->tick + SLOTS - 1;
    if (tick < loop->next_tick)
        loop->next_tick = tick;
    head = &loop->slots[tick % SLOTS];
    timer->prev = head->prev;
    timer->next = head;
    head->prev->next = timer;
    head->prev = timer;
}

static void out_of_slot(struct loop_timer *timer)
{
    timer->next->prev = timer->prev;
    timer->prev->next = timer->next;
    timer->next = timer->prev = NULL;
}

/* A timer that is set later stays in its slot: when that comes up it is put further on. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t ms)
{
    int64_t due = loop->now_ms + ms;
    bool later = timer->next != NULL && due >= timer->due && timer->due != 0;

    timer->due = due;
    if (later)
        return;
    if (timer->next != NULL)
        out_of_slot(timer);
    into_slot(loop, timer);
}

void loop_timer_clear(struct loop_timer *timer)
{
    if (timer->next != NULL)
        out_of_slot(timer);
    timer->due = 0;
}

static void fire(struct loop *loop, struct loop_timer *head)
{
    struct loop_timer now;

    if (head->next == head)
        return;
    now = *head;
    now.next->prev = now.prev->next = &now;
    head->next = head->prev = head;
    while (now.next != &now) {
        struct loop_timer *timer = now.next;

        out_of_slot(timer);
        if (timer->due > loop->now_ms) {
            into_slot(loop, timer);
            continue;
        }
        timer->due = 0;
        timer->fn(timer);
    }
}

static void turn_wheel(struct loop *loop)
{
    int64_t tick = loop->now_ms / LOOP_TICK_MS;

    if (tick > loop->tick + SLOTS)
        loop->tick = tick - SLOTS;
    while (loop->tick < tick) {
        loop->tick++;
        fire(loop, &loop->slots[loop->tick % SLOTS]);
    }
}

static void find_next_tick(struct loop *loop)
{
    loop->next_tick = INT64_MAX;
    for (int64_t tick = loop->tick + 1; tick < loop->tick + SLOTS; tick++) {
        if (loop->slots[tick % SLOTS].next != &loop->slots[tick % SLOTS]) {
            loop->next_tick = tick;
            return;
        }
    }
}

/* How long the wait may last: until the next slot that holds a timer. */
static int patience(struct loop *loop)
{
    if (waits(&loop->ready) || waits(&loop->later) || waits(&loop->flush) || waits(&loop->last))
        return 0;
    if (loop->next_tick <= loop->tick)
        find_next_tick(loop);
    if (loop->next_tick == INT64_MAX)
        return -1;
    return (int)(loop->next_tick * LOOP_TICK_MS - loop->tick * LOOP_TICK_MS);
}

static fallible collect(struct loop *loop)
{
    int count = epoll_wait(loop->epoll, loop->events, EVENTS, patience(loop));

    ENSURE(count >= 0 || errno == EINTR, LOOP_SYSTEM);
    loop->event_count = count < 0 ? 0 : count;
    read_clocks(loop);
    for (loop->event_at = 0; loop->event_at < loop->event_count;) {
        struct epoll_event *event = &loop->events[loop->event_at++];
        struct loop_watch *watch = event->data.ptr;

        if (watch != NULL)
            watch->fn(watch, event->events);
    }
    return OK;
}

fallible loop_turn(struct loop *loop)
{
    loop->turns++;
    TRY(collect(loop));
    turn_wheel(loop);
    run(&loop->ready, SIZE_MAX);
    run(&loop->later, LOOP_LATER);
    for (size_t i = 0; i < LOOP_STEPS; i++)
        run(&loop->steps[i], SIZE_MAX);
    loop->turn_fault = loop->at_end == NULL ? OK : loop->at_end(loop->at_end_ctx);
    run(&loop->flush, SIZE_MAX);
    run(&loop->last, SIZE_MAX);
    return OK;
}

void loop_at_turn_end(struct loop *loop, const struct fault *(*fn)(void *), void *ctx)
{
    loop->at_end = fn;
    loop->at_end_ctx = ctx;
}

const struct fault *loop_turn_fault(const struct loop *loop)
{
    return loop->turn_fault;
}

uint64_t loop_turns(const struct loop *loop)
{
    return loop->turns;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_wall_ms(const struct loop *loop)
{
    return loop->wall_ms;
}

void loop_wake(struct loop *loop)
{
    uint64_t one = 1;
    ssize_t n = write(loop->wake, &one, sizeof one); /* a full counter wakes as well */

    (void)n;
}

void loop_on_wake(struct loop *loop, void (*fn)(void *), void *ctx)
{
    loop->on_wake = fn;
    loop->on_wake_ctx = ctx;
}
