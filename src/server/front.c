/* front: hands whole requests to answer(), and what came back from the committer too. */
#include "server/front.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/audit/turn.h"
#include "server/guard.h"
#include "server/local.h"
#include "store/mailbox.h"
#include "wire/answer.h"

#include <stdlib.h>
#include <string.h>

struct front {
    const struct front_plan *plan;
    struct worker *worker;
    struct mailbox *home;
    uint64_t ticket; /* of the turn that just ended */
};

static struct http_reply no_memory = {.status = 503, .close = true};

static struct flight *flight_for(struct exchange *exchange)
{
    struct flight *flight = exchange->flight;

    if (flight == NULL)
        flight = arena_new(exchange->arena, struct flight);
    if (flight == NULL) {
        exchange->reply = &no_memory;
        return NULL;
    }
    flight->connection = exchange;
    exchange->flight = flight;
    exchange->reply = &flight->reply;
    return flight;
}

static enum handled answer(struct front *front, struct exchange *exchange, struct flight *flight)
{
    enum progress progress =
        answer_begin(flight, front->worker, exchange->arena, &exchange->request);

    if (progress == PARKED)
        return HANDLED_PARKED;
    exchange->rests = flight->throttled;
    exchange->failed = flight->unknown && !front->plan->config->dev;
    return HANDLED_ANSWERED;
}

/* Refused before any protocol looked at it, and noted as any other refusal. */
static enum handled refuse(struct front *front, struct exchange *exchange, struct flight *flight,
                           const struct fault *why)
{
    answer_unreadable(flight, front->worker, exchange->arena, &exchange->request, why);
    return HANDLED_ANSWERED;
}

static enum handled clients_begin(void *ctx, struct exchange *exchange)
{
    struct front *front = ctx;
    const struct config *config = front->plan->config;
    struct flight *flight = flight_for(exchange);
    const struct fault *why = config->dev ? guard_judge(config, &exchange->request) : OK;

    if (flight == NULL)
        return HANDLED_ANSWERED;
    return why != OK ? refuse(front, exchange, flight, why) : answer(front, exchange, flight);
}

static bool clients_refuse_head(void *ctx, struct exchange *exchange)
{
    struct front *front = ctx;
    struct flight *flight = flight_for(exchange);

    if (flight != NULL &&
        !answer_refuses_head(flight, front->worker, exchange->arena, &exchange->request))
        return false;
    exchange->failed = flight != NULL && flight->unknown && !front->plan->config->dev;
    return true;
}

static void turned_away(void *ctx, struct exchange *exchange, const struct fault *fault)
{
    struct front *front = ctx;
    struct flight *flight = flight_for(exchange);

    if (flight != NULL)
        answer_unreadable(flight, front->worker, exchange->arena, &exchange->request, fault);
}

static void unrecorded(void *ctx, struct exchange *exchange, const struct fault *fault)
{
    (void)ctx;
    (void)fault;
    if (exchange->flight != NULL)
        answer_unrecorded(exchange->flight);
    else
        exchange->reply = &no_memory;
}

static enum handled admin_begin(void *ctx, struct exchange *exchange)
{
    struct front *front = ctx;
    const bool may = local_may(exchange->owner, front->plan->admin_gid);
    struct http_reply *told =
        may ? watch_answer(front->plan->watch, exchange->arena, &exchange->request) : NULL;
    struct flight *flight;

    exchange->reply = told;
    if (told != NULL)
        return HANDLED_ANSWERED;
    flight = flight_for(exchange);
    if (flight == NULL)
        return HANDLED_ANSWERED;
    flight->call.peer =
        local_principal(exchange->arena, exchange->owner, front->plan->house->account);
    return may ? answer(front, exchange, flight) : refuse(front, exchange, flight, LOCAL_DENIED);
}

/* Batches come home: requests go on, and what is the worker's own it keeps. */
static void mailed(void *ctx)
{
    struct front *front = ctx;
    struct batch *batch = mailbox_take(front->home);

    while (batch != NULL) {
        struct batch *next = batch->next;

        if (!worker_keeps(front->worker, batch)) {
            struct flight *flight = flight_of(batch);

            answer_resume(flight);
            connection_answered(flight->connection);
        }
        batch = next;
    }
}

static const struct fault *turn_end(void *ctx)
{
    struct front *front = ctx;

    front->ticket = 0;
    return turn_waits(front->worker) ? turn_hand_over(front->worker, &front->ticket) : OK;
}

static uint64_t turn_ticket(void *ctx)
{
    const struct front *front = ctx;

    return front->ticket;
}

static const struct fault *reached(void *ctx, uint64_t *ticket)
{
    const struct front *front = ctx;

    return turn_reached(front->worker, ticket);
}

static void tick(void *ctx)
{
    struct front *front = ctx;

    worker_tick(front->worker, clock_now_ms());
}

/* What was counted of the minute that is not over would be lost. */
static void tell_last_sums(struct front *front)
{
    const struct fault *fault;

    turn_add_sums(front->worker, INT64_MAX);
    fault = turn_write(front->worker);
    if (fault != OK)
        LOG(LOG_ERROR, "journal.sums", F("fault", fault));
}

static void stop(void *ctx)
{
    struct front *front = ctx;

    tell_last_sums(front);
    worker_close(front->worker);
    mailbox_close(front->home);
    free(front);
    arena_forget_kept();
}

static fallible open_front(struct front *front)
{
    TRY(mailbox_open(&front->home));
    return worker_open(front->plan->house, front->home, &front->worker);
}

fallible front_start(void *ctx, size_t thread, struct crew_member *out)
{
    struct front *front = calloc(1, sizeof *front);
    const struct fault *fault;

    (void)thread;
    ENSURE(front != NULL, ARENA_SPENT);
    front->plan = ctx;
    fault = open_front(front);
    if (fault != OK) {
        mailbox_close(front->home);
        free(front);
        return fault;
    }
    *out = (struct crew_member){.ctx = front,
                                .turn_end = turn_end,
                                .ticket = front->plan->house->syncer == NULL ? NULL : turn_ticket,
                                .reached = front->plan->house->syncer == NULL ? NULL : reached,
                                .mail = mailbox_fd(front->home),
                                .mailed = mailed,
                                .tick = tick,
                                .stop = stop};
    out->handlers[FRONT_CLIENTS] =
        (struct handler){front, clients_begin, clients_refuse_head, turned_away, unrecorded, 0};
    out->handlers[FRONT_WATCH] = (struct handler){
        .ctx = front->plan->watch, .begin = watch_begin, .own_most = FRONT_OWN_MOST};
    out->handlers[FRONT_ADMIN] =
        (struct handler){front, admin_begin, NULL, turned_away, unrecorded, FRONT_OWN_MOST};
    return OK;
}
