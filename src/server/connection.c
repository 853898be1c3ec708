/* connection: the states of one connection, and what moves it from one to the next. */
#include "server/connection.h"

#include "server/connection_inside.h"

#include <stdlib.h>
#include <sys/epoll.h>

enum { STEP_READ, STEP_TAKE, STEP_BEGIN }; /* of a turn's work (loop_step) */
enum { TURN_BYTES = 256 * 1024, SECOND_MS = 1000, REST_MS = 1000, THROTTLED_MS = 100 };

FAULT(CONNECTION_STRANGER, FAULT_DENIED, "connection.stranger",
      "This address is not one of the proxies of this listener.");
FAULT(CONNECTION_SLOW, FAULT_CALLER, "connection.slow", "The request took too long to arrive.");

#define CONTAINER(at, member) \
    ((struct connection *)(void *)((char *)(at)-offsetof(struct connection, member)))

static void set_timer(struct connection *c, int64_t ms)
{
    loop_timer_set(c->all->loop, &c->timer, ms > 0 ? ms : 0);
}

static int64_t now(const struct connection *c)
{
    return loop_now_ms(c->all->loop);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Waits for a request. After a moment without one it gives memory back. */
static void idle(struct connection *c)
{
    c->state = READING;
    c->idle_ms = now(c);
    set_timer(c, least(REST_MS, c->all->limits.idle));
}

static void get_ready(struct connection *c)
{
    if (connection_is_quiet(c))
        loop_first(c->all->loop, &c->work);
    else
        loop_ready(c->all->loop, &c->work);
}

static void close_exchange(struct connection *c)
{
    struct exchange *exchange = c->exchange;

    c->exchange = NULL;
    c->reader = NULL;
    if (exchange != NULL)
        arena_close(exchange->arena);
}

void connection_drop(struct connection *c)
{
    loop_cancel(&c->work);
    loop_cancel(&c->flush);
    loop_timer_clear(&c->timer);
    loop_unwatch(c->all->loop, &c->watch);
    close_exchange(c);
    connection_owes(c, 0);
    connection_forget_greeting(c);
    stream_close(c->stream);
    door_leave(&c->guest);
    c->prev->next = c->next;
    c->next->prev = c->prev;
    c->all->count--;
    free(c);
}

/* The peer is gone, or has to be: at once, or when the parked exchange comes back. */
static void lose(struct connection *c)
{
    if (c->state == PARKED)
        c->gone = true;
    else
        connection_drop(c);
}

static fallible open_exchange(struct connection *c, struct bytes first)
{
    struct arena *arena = arena_open(c->all->limits.memory);

    ENSURE(arena != NULL, ARENA_SPENT);
    c->exchange = arena_new(arena, struct exchange);
    if (c->exchange == NULL) {
        arena_close(arena);
        return ARENA_SPENT;
    }
    *c->exchange = (struct exchange){.arena = arena, .connection = c, .owner = &c->owner};
    c->exchange->request.peer = c->peer;
    c->exchange->request.tls_version = c->tls_version;
    c->exchange->request.tls_cipher = c->tls_cipher;
    c->asked = c->closes = false;
    c->stage = HTTP_READING_HEAD;
    c->began_ms = now(c);
    c->came = first.n;
    return http_reader_open(arena, &c->exchange->request, first, &c->reader);
}

static bool raw_is(struct raw value, struct bytes text)
{
    return bytes_same(raw_reveal(value), text);
}

static void answer(struct connection *c)
{
    c->state = ANSWERED;
    loop_flush(c->all->loop, &c->flush);
}

static void plain_refusal(struct exchange *exchange, uint16_t status, struct bytes text)
{
    if (exchange->reply == NULL)
        exchange->reply = arena_new(exchange->arena, struct http_reply);
    if (exchange->reply == NULL)
        return;
    *exchange->reply = (struct http_reply){.status = status, .body = {text.at, text.n}};
    if (http_reply_header(exchange->reply, LIT("Content-Type"), LIT("text/plain")) != OK)
        exchange->reply->body.n = 0;
}

static uint16_t status_of(const struct fault *fault)
{
    if (fault == CONNECTION_SLOW)
        return 408;
    return fault->class == FAULT_AGAIN || fault->class == FAULT_INTERNAL ? 503 : http_status(fault);
}

/* What HTTP or a ceiling refuses. The rest of the request cannot be found any more: the connection
 * ends. */
void connection_turn_away(struct connection *c, const struct fault *fault)
{
    struct exchange *exchange = c->exchange;

    connection_count(fault == CONNECTION_SLOW ? &c->all->counts.slow : &c->all->counts.refusals);
    c->closes = true;
    if (exchange != NULL && c->handler->turned_away != NULL)
        c->handler->turned_away(c->handler->ctx, exchange, fault);
    else if (exchange != NULL)
        plain_refusal(exchange, status_of(fault), bytes_of(fault->text));
    if (exchange == NULL || exchange->reply == NULL)
        connection_drop(c);
    else
        answer(c);
}

static void begin(struct connection *c)
{
    connection_give_request_back(c);
    connection_count(&c->all->counts.requests);
    c->closes |= !http_keeps_alive(c->reader);
    c->state = PARKED;
    c->all->parked++;
    if (c->handler->begin(c->handler->ctx, c->exchange) == HANDLED_ANSWERED)
        connection_answered(c->exchange);
}

void connection_answered(struct exchange *exchange)
{
    struct connection *c = exchange->connection;

    c->all->parked--;
    answer(c);
}

/* A body is on its way. Who states its hash is judged now; who asks may send it. */
static fallible ask_head(struct connection *c, bool *refused)
{
    const struct http_request *request = &c->exchange->request;

    *refused = false;
    if (c->asked)
        return OK;
    c->asked = true;
    c->body_ms = now(c);
    if (c->handler->refuses_head != NULL &&
        http_header(request, LIT("x-amz-content-sha256")).at != NULL &&
        c->handler->refuses_head(c->handler->ctx, c->exchange)) {
        *refused = c->closes = true;
        answer(c);
        return OK;
    }
    if (!http_expects_continue(c->reader))
        return OK;
    TRY(stream_write(c->stream, HTTP_CONTINUE));
    return stream_send(c->stream);
}

/* One piece of the request; *n is 0 when there is no more before the next event. */
static fallible read_piece(struct connection *c, size_t *n)
{
    uint8_t *at;
    size_t room;

    TRY(http_want(c->reader, &at, &room));
    return stream_read(c->stream, at, room, n);
}

static fallible take_piece(struct connection *c, size_t n)
{
    c->came += n;
    TRY(http_took(c->reader, n, &c->stage));
    if (c->stage == HTTP_HEAD_READ)
        TRY(http_took(c->reader, 0, &c->stage));
    return OK;
}

/* The request is not whole, and nothing more is there: how long may that last? */
static void wait_for_more(struct connection *c)
{
    const struct connection_limits *limits = &c->all->limits;
    int64_t passed = now(c) - c->began_ms;

    if (c->stage == HTTP_READING_HEAD)
        set_timer(c, limits->head - passed);
    else
        set_timer(c, least(limits->whole - passed, now(c) < c->body_ms + limits->body
                                                       ? c->body_ms + limits->body - now(c)
                                                       : SECOND_MS));
}

static fallible pause_reading(struct connection *c, bool ended_here)
{
    bool refused = false;

    if (c->stage == HTTP_READING_BODY) {
        TRY(ask_head(c, &refused));
        if (refused)
            return OK;
    }
    TRY(connection_count_request(c));
    if (ended_here)
        loop_ready(c->all->loop, &c->work);
    wait_for_more(c);
    return OK;
}

static void take_step(struct connection *c, enum state state, size_t step)
{
    c->state = state;
    loop_step(c->all->loop, step, &c->work);
}

static void fetch(struct connection *c)
{
    stream_fetch(c->stream);
    take_step(c, FETCHED, STEP_READ);
}

/* The first piece, which mostly is the whole request. */
static fallible read_first(struct connection *c)
{
    if (c->exchange == NULL)
        TRY(open_exchange(c, (struct bytes){0}));
    else if (c->stage == HTTP_READING_HEAD)
        TRY(take_piece(c, 0)); /* pipelined bytes were handed over with the opening */
    c->got = 0;
    if (c->stage != HTTP_READ)
        TRY(read_piece(c, &c->got));
    take_step(c, TAKING, STEP_TAKE);
    return OK;
}

/* Takes it, and reads until the request is whole, nothing more comes, or the turn's share is used
 * up. */
static fallible read_on(struct connection *c)
{
    size_t n = c->got, sum = n;

    if (c->stage != HTTP_READ)
        TRY(take_piece(c, n));
    while (n != 0 && c->stage != HTTP_READ && sum < TURN_BYTES) {
        TRY(read_piece(c, &n));
        TRY(take_piece(c, n));
        sum += n;
    }
    if (c->stage == HTTP_READ)
        take_step(c, WHOLE, STEP_BEGIN);
    else if (http_begun(c->reader))
        return pause_reading(c, n != 0);
    else
        close_exchange(c);
    return OK;
}

static void reading(struct connection *c)
{
    const bool first = c->state != TAKING;
    const struct fault *fault;

    c->state = READING;
    fault = first ? read_first(c) : read_on(c);
    if (fault == OK)
        return;
    if (fault == STREAM_ENDED || fault == TLS_BROKEN || fault == TLS_FULL) {
        if (fault != STREAM_ENDED)
            connection_count(&c->all->counts.broken);
        connection_drop(c);
        return;
    }
    connection_turn_away(c, fault);
}

static void shaking(struct connection *c)
{
    if (stream_handshake(c->stream) != OK) {
        connection_count(&c->all->counts.broken);
        connection_drop(c);
        return;
    }
    if (!stream_shaken(c->stream))
        return;
    connection_count(&c->all->counts.handshakes);
    c->tls_version = stream_tls_version(c->stream);
    c->tls_cipher = stream_tls_cipher(c->stream);
    idle(c);
    if (stream_pending(c->stream))
        reading(c);
}

static void linger(struct connection *c)
{
    stream_end(c->stream);
    c->state = LINGERING;
    set_timer(c, c->all->limits.linger);
    if (stream_discard(c->stream) != OK)
        connection_drop(c);
}

static void go_on(struct connection *c)
{
    idle(c);
    if (c->exchange != NULL || stream_pending(c->stream))
        loop_ready(c->all->loop, &c->work);
}

/* The reply is with the kernel. */
static void sent(struct connection *c)
{
    if (c->closes || c->all->ending) {
        linger(c);
        return;
    }
    if (c->rests) {
        c->state = RESTING;
        set_timer(c, THROTTLED_MS);
        return;
    }
    go_on(c);
}

static void sending(struct connection *c)
{
    /* The timer stands since the reply began: taking a little now and then buys no more time. */
    const struct fault *fault = stream_send(c->stream);

    connection_owes(c, stream_queued(c->stream));
    if (fault != OK)
        connection_drop(c);
    else if (!stream_waits(c->stream))
        sent(c);
}

/* What the kernel did not take, or is not to have yet, waits. */
static void wait_to_send(struct connection *c)
{
    c->sending_ms = now(c);
    connection_owes(c, stream_queued(c->stream));
    c->state = c->delay_ms != 0 ? DELAYED : SENDING;
    set_timer(c, c->delay_ms != 0 ? c->delay_ms : connection_may_owe(c));
}

static void send_delayed(struct connection *c)
{
    c->delay_ms = 0;
    wait_to_send(c);
    sending(c);
}

void connection_work(struct loop_task *task)
{
    struct connection *c = CONTAINER(task, work);

    switch (c->state) {
    case GREETING:
        connection_greet(c);
        break;
    case SHAKING:
        shaking(c);
        break;
    case READING:
        if (connection_has_turn(c))
            fetch(c);
        else
            get_ready(c);
        break;
    case FETCHED:
    case TAKING:
        reading(c);
        break;
    case WHOLE:
        begin(c);
        break;
    case SENDING:
        sending(c);
        break;
    case LINGERING:
        if (stream_discard(c->stream) != OK)
            connection_drop(c);
        break;
    case PARKED:
    case ANSWERED:
    case WRITTEN:
    case RESTING:
    case DELAYED:
        break;
    }
}

/* The reply into the stream, encrypted at once. A handler may have one reply for many requests: it
 * is not changed. */
static fallible write_reply(struct connection *c)
{
    struct exchange *exchange = c->exchange;
    struct http_reply reply = *exchange->reply;
    struct bytes out, rest;

    c->closes |= reply.close || c->all->ending;
    reply.close = c->closes;
    reply.head_only = raw_is(exchange->request.method, LIT("HEAD"));
    TRY(http_reply_write(&reply, exchange->arena, loop_wall_ms(c->all->loop), &out, &rest));
    TRY(stream_write(c->stream, out));
    return stream_write(c->stream, rest);
}

/* The next request's bytes, if some have come, are moved into an arena of their own before this one
 * ends. */
static fallible change_exchange(struct connection *c)
{
    struct arena *arena = c->exchange->arena;
    struct bytes rest = {0};
    const struct fault *fault = OK;

    if (!c->closes)
        rest = http_rest(c->reader);
    c->payer = arena_payer(arena);
    c->exchange = NULL;
    if (rest.n != 0)
        fault = open_exchange(c, rest);
    arena_close(arena);
    return fault;
}

static fallible flush_reply(struct connection *c, const struct fault *unrecorded)
{
    struct exchange *exchange = c->exchange;

    if (unrecorded != OK && c->handler->unrecorded != NULL)
        c->handler->unrecorded(c->handler->ctx, exchange, unrecorded);
    else if (unrecorded != OK)
        plain_refusal(exchange, 503, LIT("The request could not be recorded.\n"));
    ENSURE(exchange->reply != NULL, ARENA_SPENT);
    TRY(write_reply(c));
    c->rests = exchange->rests;
    c->delay_ms = exchange->failed ? connection_delay(c) : 0;
    return change_exchange(c);
}

/* Of all that the turn has written, one after the other: the system's part is as long as ours. */
static void let_out(struct connection *c)
{
    if ((c->delay_ms != 0 ? stream_keep(c->stream) : stream_send(c->stream)) != OK) {
        connection_drop(c);
        return;
    }
    connection_count(&c->all->counts.replies);
    if (!stream_waits(c->stream)) {
        sent(c);
        return;
    }
    wait_to_send(c);
}

void connection_reply(struct connection *c, const struct fault *unrecorded)
{
    if (c->gone || flush_reply(c, unrecorded) != OK) {
        connection_drop(c);
        return;
    }
    c->state = WRITTEN;
    if (c->ticket != 0 || stream_crowded(c->stream)) /* held long enough; or many bytes wait */
        let_out(c);
    else
        loop_last(c->all->loop, &c->flush);
}

void connection_flush(struct loop_task *task)
{
    struct connection *c = CONTAINER(task, flush);
    const struct connections *all = c->all;
    const struct fault *unrecorded = loop_turn_fault(all->loop);

    if (c->state == WRITTEN) {
        let_out(c);
        return;
    }
    c->ticket = unrecorded == OK && all->ticket != NULL ? all->ticket(all->ticket_ctx) : 0;
    if (c->ticket != 0 && !c->gone)
        connection_hold(c);
    else
        connection_reply(c, unrecorded);
}

void connection_events(struct loop_watch *watch, uint32_t events)
{
    struct connection *c = CONTAINER(watch, watch);

    if (events & (EPOLLHUP | EPOLLERR)) {
        lose(c);
        return;
    }
    if (events & (EPOLLIN | EPOLLRDHUP))
        stream_readable(c->stream, (events & EPOLLRDHUP) != 0);
    if (c->state == SHAKING || c->state == GREETING)
        loop_later(c->all->loop, &c->work);
    else if ((events & (EPOLLIN | EPOLLRDHUP)) || c->state == SENDING)
        get_ready(c);
}

static bool body_goes_well(const struct connection *c)
{
    const struct connection_limits *limits = &c->all->limits;

    if (c->stage != HTTP_READING_BODY || now(c) - c->began_ms >= limits->whole)
        return false;
    return now(c) - c->body_ms < limits->body || connection_rate(c) >= limits->least_rate;
}

static void rest(struct connection *c)
{
    int64_t left = c->idle_ms + c->all->limits.idle - now(c);

    if (left <= 0) {
        connection_drop(c);
        return;
    }
    stream_rest(c->stream);
    set_timer(c, left);
}

void connection_timer(struct loop_timer *timer)
{
    struct connection *c = CONTAINER(timer, timer);

    if (c->state == PARKED || c->state == ANSWERED || c->state == WRITTEN)
        return;
    if (c->state == RESTING)
        go_on(c);
    else if (c->state == DELAYED)
        send_delayed(c);
    else if (c->state == SENDING && connection_may_owe(c) > 0)
        set_timer(c, connection_may_owe(c));
    else if (c->state == READING && c->exchange == NULL)
        rest(c);
    else if (c->state != READING)
        connection_drop(c);
    else if (body_goes_well(c))
        wait_for_more(c);
    else
        connection_turn_away(c, CONNECTION_SLOW);
}
