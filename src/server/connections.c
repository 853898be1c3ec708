/* connections: what one loop's connections share; how they come in and how all of them end. */
#include "server/connection_inside.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

const struct connection_limits CONNECTION_USUAL = {
    .idle = 60000,
    .shake = 10000,
    .head = 10000,
    .body = 10000,
    .whole = 30000,
    .stall = 2000,
    .send = 30000,
    .linger = 2000,
    .least_rate = 4096,
    .memory = (size_t)8 * 1024 * 1024,
    .owed = (size_t)16 * 1024 * 1024,
};

fallible connections_open(struct loop *loop, struct door *door,
                          const struct connection_limits *limits, struct connections **out)
{
    struct connections *all = calloc(1, sizeof *all);

    ENSURE(all != NULL, TLS_FULL);
    *all = (struct connections){.loop = loop, .door = door, .limits = *limits};
    all->head.next = all->head.prev = &all->head;
    all->held.next = all->held.prev = &all->held;
    if (stream_thread_open(&all->thread) != OK) {
        free(all);
        return TLS_FULL;
    }
    *out = all;
    return OK;
}

void connections_cut(struct connections *all)
{
    while (all->head.next != &all->head)
        connection_drop(all->head.next);
}

void connections_close(struct connections *all)
{
    if (all == NULL)
        return;
    connections_cut(all);
    stream_thread_close(all->thread);
    free(all);
}

static fallible enter(struct connection *c)
{
    const struct connection *other = c->all->head.next;
    size_t n = 0;

    if (c->handler->own_most == 0)
        return door_enter(c->all->door, &c->peer, &c->guest);
    for (; other != &c->all->head; other = other->next)
        n += other->handler == c->handler;
    return n < c->handler->own_most ? OK : DOOR_FULL;
}

/* A proxy's connections count as its own until they are somebody's; handshakes are not its own. */
static fallible admit(struct connection *c, int fd, struct tls *tls)
{
    const struct fault *fault = enter(c);

    if (fault == OK && tls != NULL && c->state != GREETING)
        fault = door_handshake(&c->guest);
    if (fault == OK && c->peer.local)
        fault = socket_owner(fd, &c->owner);
    if (fault != OK) {
        close(fd);
        return fault;
    }
    TRY(stream_open(c->all->thread, fd, tls, &c->stream));
    return loop_watch(c->all->loop, &c->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

static void join(struct connection *c)
{
    struct connections *all = c->all;

    c->next = &all->head;
    c->prev = all->head.prev;
    c->prev->next = all->head.prev = c;
    all->count++;
    connection_count(&all->counts.taken);
    loop_timer_set(all->loop, &c->timer,
                   c->state == READING ? all->limits.idle : all->limits.shake);
}

static void turn_away(struct connection *c)
{
    connection_count(&c->all->counts.turned_away);
    stream_close(c->stream);
    door_leave(&c->guest);
    free(c);
}

/* Which proxies may bring connections was settled when the listener was opened; who else comes
 * there is nobody. */
static fallible knows(struct connection *c, int fd, const struct address_ranges *proxies)
{
    if (proxies == NULL || address_among(&c->peer, proxies))
        return OK;
    connection_count(&c->all->counts.unproxied);
    close(fd);
    return CONNECTION_STRANGER;
}

fallible connections_take(struct connections *all, int fd, const struct address *peer,
                          struct tls *tls, const struct handler *handler,
                          const struct address_ranges *proxies)
{
    struct connection *c = calloc(1, sizeof *c);
    const struct fault *fault;

    if (c == NULL) {
        close(fd);
        return TLS_FULL;
    }
    *c = (struct connection){
        .watch = {fd, connection_events},
        .work = {.fn = connection_work},
        .flush = {.fn = connection_flush},
        .timer = {.fn = connection_timer},
        .all = all,
        .handler = handler,
        .peer = *peer,
        .state = proxies != NULL ? GREETING
                 : tls == NULL   ? READING
                                 : SHAKING,
        .idle_ms = loop_now_ms(all->loop),
    };
    fault = knows(c, fd, proxies);
    if (fault == OK)
        fault = admit(c, fd, tls);
    if (fault == OK)
        join(c);
    else
        turn_away(c);
    return fault;
}

void connections_end(struct connections *all)
{
    struct connection *c = all->head.next;

    all->ending = true;
    while (c != &all->head) {
        struct connection *next = c->next;

        if (c->state == GREETING || c->state == SHAKING ||
            ((c->state == READING || c->state == RESTING) && c->exchange == NULL)) {
            stream_end(c->stream);
            connection_drop(c);
        }
        c = next;
    }
}

void connections_hold(struct connections *all, uint64_t (*ticket)(void *ctx), void *ctx)
{
    all->ticket = ticket;
    all->ticket_ctx = ctx;
}

/* Last in line. It leaves the circle as from any list of tasks, by loop_cancel. */
void connection_hold(struct connection *c)
{
    struct loop_task *head = &c->all->held, *task = &c->flush;

    task->next = head;
    task->prev = head->prev;
    head->prev->next = task;
    head->prev = task;
}

void connections_release(struct connections *all, uint64_t reached, const struct fault *fault)
{
    while (all->held.next != &all->held) {
        struct loop_task *task = all->held.next;
        struct connection *c =
            (struct connection *)(void *)((char *)task - offsetof(struct connection, flush));

        if (fault == OK && c->ticket > reached)
            return;
        loop_cancel(task);
        connection_reply(c, fault);
    }
}

size_t connections_count(const struct connections *all)
{
    return all->count;
}

size_t connections_parked(const struct connections *all)
{
    return all->parked;
}

struct connection_counts connections_counts(const struct connections *all)
{
    struct connection_counts counts;
    const uint64_t *from = (const uint64_t *)&all->counts;
    uint64_t *to = (uint64_t *)&counts;

    for (size_t i = 0; i < sizeof counts / sizeof *to; i++)
        to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
    return counts;
}
