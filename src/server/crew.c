/* crew: a thread, its loop, its listeners, and how they end. */
#include "server/crew.h"

#include "base/log.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ACCEPTS = 64, SECOND_MS = 1000 };

FAULT(CREW_THREAD, FAULT_AGAIN, "crew.thread", "The system cannot give the threads that serve.");

struct member;

struct listening {
    struct loop_watch watch;
    struct loop_task task;
    struct member *member;
    const struct crew_listener *listener;
};

struct member {
    struct crew *crew;
    size_t number;
    pthread_t thread;
    struct loop *loop;
    struct connections *connections;
    struct crew_member own;
    struct loop_watch mail;
    struct loop_timer tick;
    struct listening listening[CREW_LISTENERS];
    size_t listening_count;
    uint64_t changes; /* of the crew's, those made here */
    bool ending;
    int64_t end_by_ms;
    size_t cut;
};

struct crew {
    struct crew_plan plan;
    struct member *members;
    size_t count, running; /* running: threads that were made */
    size_t ready;          /* told their start, well or not */
    size_t gone;           /* serve no more */
    const struct fault *fault;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ending;      /* atomic */
    uint64_t changes; /* atomic */
};

static bool ends(const struct crew *crew)
{
    return __atomic_load_n(&crew->ending, __ATOMIC_ACQUIRE);
}

size_t crew_size(const struct crew_plan *plan)
{
    cpu_set_t set;

    if (plan->threads != 0)
        return plan->threads;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

/* Out of descriptors or memory: those who wait in the kernel's queue are asked in again a moment
 * later. */
static void accept_some(struct loop_task *task)
{
    struct listening *at = (struct listening *)((char *)task - offsetof(struct listening, task));
    struct member *member = at->member;
    const struct crew_listener *listener = at->listener;

    for (int i = 0; i < ACCEPTS; i++) {
        struct address peer;
        const struct fault *fault;
        int fd;

        fault = socket_accept(at->watch.fd, &fd, &peer);
        if (fault == OK && fd < 0)
            return;
        if (fault == OK)
            fault = connections_take(member->connections, fd, &peer, listener->tls,
                                     &member->own.handlers[listener->handler], listener->proxies);
        if (fault == SOCKET_SYSTEM)
            return;
    }
    loop_ready(member->loop, task);
}

static void on_listener(struct loop_watch *watch, uint32_t events)
{
    struct listening *at = (struct listening *)((char *)watch - offsetof(struct listening, watch));

    (void)events;
    loop_ready(at->member->loop, &at->task);
}

static void on_mail(struct loop_watch *watch, uint32_t events)
{
    struct member *member = (struct member *)((char *)watch - offsetof(struct member, mail));

    (void)events;
    member->own.mailed(member->own.ctx);
    if (member->own.reached != NULL) {
        uint64_t ticket = 0;
        const struct fault *fault = member->own.reached(member->own.ctx, &ticket);

        connections_release(member->connections, ticket, fault);
    }
}

static void on_tick(struct loop_timer *timer)
{
    struct member *member = (struct member *)((char *)timer - offsetof(struct member, tick));

    loop_timer_set(member->loop, timer, SECOND_MS);
    for (size_t i = 0; i < member->listening_count && !member->ending; i++)
        loop_ready(member->loop, &member->listening[i].task);
    if (member->own.tick != NULL)
        member->own.tick(member->own.ctx);
}

static fallible listen_at(struct member *member, const struct crew_listener *listener)
{
    struct listening *at = &member->listening[member->listening_count];
    size_t which = listener->first_only ? 0 : member->number;

    if (listener->first_only && member->number != 0)
        return OK;
    *at = (struct listening){.watch = {listener->fds[which], on_listener},
                             .task = {.fn = accept_some},
                             .member = member,
                             .listener = listener};
    TRY(loop_watch(member->loop, &at->watch, EPOLLIN));
    member->listening_count++;
    return OK;
}

/* The handlers keep their places: connections point at them. */
static fallible adopt(struct member *member)
{
    const struct crew_plan *plan = &member->crew->plan;
    struct crew_member fresh = {.mail = -1};

    TRY(plan->start(plan->ctx, member->number, &fresh));
    if (member->own.mail >= 0)
        loop_unwatch(member->loop, &member->mail);
    member->own = fresh;
    loop_at_turn_end(member->loop, fresh.turn_end, fresh.ctx);
    connections_hold(member->connections, fresh.ticket, fresh.ctx);
    member->mail = (struct loop_watch){fresh.mail, on_mail};
    if (fresh.mail >= 0)
        TRY(loop_watch(member->loop, &member->mail, EPOLLIN));
    return OK;
}

static fallible set_up(struct member *member)
{
    const struct crew_plan *plan = &member->crew->plan;

    TRY(loop_open(&member->loop));
    TRY(connections_open(member->loop, plan->door, &plan->limits, &member->connections));
    member->own.mail = -1;
    TRY(adopt(member));
    for (size_t i = 0; i < plan->listener_count; i++)
        TRY(listen_at(member, &plan->listeners[i]));
    member->tick.fn = on_tick;
    loop_timer_set(member->loop, &member->tick, SECOND_MS);
    return OK;
}

static void begin_end(struct member *member)
{
    member->ending = true;
    member->end_by_ms = loop_now_ms(member->loop) + member->crew->plan.end_ms;
    for (size_t i = 0; i < member->listening_count; i++) {
        struct listening *at = &member->listening[i];

        accept_some(&at->task);
        loop_cancel(&at->task);
        loop_unwatch(member->loop, &at->watch);
        close(at->watch.fd);
    }
    connections_end(member->connections);
}

static bool ended(const struct member *member)
{
    return member->ending && (connections_count(member->connections) == 0 ||
                              loop_now_ms(member->loop) >= member->end_by_ms);
}

static void report(struct crew *crew, const struct fault *fault)
{
    pthread_mutex_lock(&crew->lock);
    crew->ready++;
    if (crew->fault == OK)
        crew->fault = fault;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

static void change(struct member *member, uint64_t changes)
{
    member->changes = changes;
    if (member->own.mail >= 0)
        member->own.mailed(member->own.ctx);
    report(member->crew, adopt(member));
}

static void serve(struct member *member)
{
    struct crew *crew = member->crew;

    while (!ended(member)) {
        if (loop_turn(member->loop) != OK) {
            LOG(LOG_ERROR, "loop.failed", F("thread", (int64_t)member->number));
            break;
        }
        if (__atomic_load_n(&crew->changes, __ATOMIC_ACQUIRE) != member->changes)
            change(member, member->changes + 1);
        if (!member->ending && ends(crew))
            begin_end(member);
    }
    member->cut = connections_count(member->connections);
}

static bool holds_parked(const struct member *member)
{
    return member->connections != NULL && connections_parked(member->connections) != 0;
}

/* What is parked belongs to the committer: then all is left to the end of the process. */
static void tear_down(struct member *member)
{
    if (!holds_parked(member)) {
        if (member->connections != NULL)
            connections_cut(member->connections);
        if (member->own.stop != NULL)
            member->own.stop(member->own.ctx);
    }
    arena_forget_kept();
}

/* By who joined: until then others may wake the loop and read the counts. */
static void free_member(struct member *member)
{
    if (holds_parked(member))
        return;
    connections_close(member->connections);
    loop_close(member->loop);
}

/* Nobody waits for its change any more. */
static void leave(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->gone++;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

static void *run(void *member_)
{
    struct member *member = member_;
    const struct fault *fault = set_up(member);

    report(member->crew, fault);
    if (fault == OK)
        serve(member);
    leave(member->crew);
    tear_down(member);
    return NULL;
}

/* Signals go to the thread that started the crew. */
static bool make_threads(struct crew *crew)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < crew->count; i++) {
        crew->members[i].crew = crew;
        crew->members[i].number = i;
        if (pthread_create(&crew->members[i].thread, NULL, run, &crew->members[i]) != 0)
            break;
        crew->running++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return crew->running == crew->count;
}

static const struct fault *wait_for_start(struct crew *crew)
{
    const struct fault *fault;

    pthread_mutex_lock(&crew->lock);
    while (crew->ready + crew->gone < crew->running)
        pthread_cond_wait(&crew->changed, &crew->lock);
    fault = crew->fault;
    pthread_mutex_unlock(&crew->lock);
    return fault;
}

fallible crew_start(const struct crew_plan *plan, struct crew **out)
{
    struct crew *crew = calloc(1, sizeof *crew);
    const struct fault *fault;
    bool made;

    ENSURE(crew != NULL, CREW_THREAD);
    crew->plan = *plan;
    crew->count = crew_size(plan);
    crew->members = calloc(crew->count, sizeof *crew->members);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    made = crew->members != NULL && make_threads(crew);
    fault = wait_for_start(crew);
    if (made && fault == OK) {
        *out = crew;
        return OK;
    }
    crew_end(crew);
    crew_join(crew);
    return fault == OK ? CREW_THREAD : fault;
}

static void wake_all(struct crew *crew)
{
    for (size_t i = 0; i < crew->running; i++)
        if (crew->members[i].loop != NULL)
            loop_wake(crew->members[i].loop);
}

fallible crew_change(struct crew *crew,
                     fallible (*start)(void *ctx, size_t thread, struct crew_member *), void *ctx)
{
    const struct fault *fault;

    crew->plan.start = start;
    crew->plan.ctx = ctx;
    pthread_mutex_lock(&crew->lock);
    crew->ready = 0;
    crew->fault = OK;
    pthread_mutex_unlock(&crew->lock);
    (void)__atomic_fetch_add(&crew->changes, 1, __ATOMIC_RELEASE);
    wake_all(crew);
    fault = wait_for_start(crew);
    return fault == OK && crew->gone > 0 ? CREW_THREAD : fault;
}

void crew_end(struct crew *crew)
{
    __atomic_store_n(&crew->ending, true, __ATOMIC_RELEASE);
    wake_all(crew);
}

size_t crew_join(struct crew *crew)
{
    size_t cut = 0;

    for (size_t i = 0; i < crew->running; i++) {
        pthread_join(crew->members[i].thread, NULL);
        cut += crew->members[i].cut;
        free_member(&crew->members[i]);
    }
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    free(crew->members);
    free(crew);
    return cut;
}

struct connection_counts crew_counts(const struct crew *crew)
{
    struct connection_counts sum = {0};
    uint64_t *to = (uint64_t *)&sum;

    for (size_t i = 0; i < crew->count; i++) {
        struct connection_counts one = connections_counts(crew->members[i].connections);
        const uint64_t *from = (const uint64_t *)&one;

        for (size_t j = 0; j < sizeof sum / sizeof *to; j++)
            to[j] += from[j];
    }
    return sum;
}
