/* Recognise the protocol, then four steps that are the whole server. */
#include "wire/answer.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/uuid.h"
#include "core/audit/audit.h"
#include "core/identity/seen.h"
#include "core/rate.h"
#include "core/worker.h"
#include "crypto/random.h"

enum { USER_AGENT = 256 };

static FAULT(UNRECORDED, FAULT_INTERNAL, "answer.unrecorded",
             "The request could not be recorded, so it was not answered.");

static struct bytes header(const struct http_request *request, struct bytes name)
{
    return raw_reveal(http_header(request, name));
}

static void say_origin(struct flight *f, const struct http_request *request)
{
    struct origin *origin = &f->call.origin;

    origin->address = address_write(&request->peer, f->address);
    origin->tls_version = request->tls_version;
    origin->tls_cipher = request->tls_cipher;
    origin->host = header(request, LIT("host"));
    origin->user_agent = header(request, LIT("user-agent"));
    if (origin->user_agent.n > USER_AGENT)
        origin->user_agent.n = USER_AGENT;
}

fallible answer_id(int64_t now, uint8_t id[UUID_TEXT])
{
    uint8_t random[10] = {0};
    const struct fault *fault = random_name(random, sizeof(random));

    uuid_v7(now, random, id);
    return fault;
}

/* Whatever it returns, the flight is fit for a refusal. */
static fallible open_flight(struct flight *f, struct worker *worker, struct arena *arena,
                            const struct http_request *request)
{
    struct call *c = &f->call;
    const int64_t now = clock_now_ms();
    const struct fault *fault = answer_id(now, f->id);

    f->request = request;
    c->arena = arena;
    c->worker = worker;
    c->account = worker->house->account;
    c->region = worker->house->region;
    c->now = now;
    c->id = (struct bytes){f->id, sizeof(f->id)};
    say_origin(f, request);
    f->protocol = protocol_of(f->request);
    f->route = f->protocol->route(f->request);
    f->protocol->words(c, f->request, f->route);
    return fault;
}

/* All that comes before the operation. */
static fallible prepare(struct flight *f)
{
    struct call *c = &f->call;
    const struct operation *operation;
    void *in;

    ENSURE(f->route != NULL, ROUTE_UNKNOWN);
    operation = f->route->operation;
    TRY(call_begin(c));
    TRY(f->protocol->authenticate(c, f->request, false));
    TRY(rate_take(c));
    in = arena_get(c->arena, operation->in_size);
    f->attempt = (struct attempt){.call = c, .operation = operation, .in = in};
    f->attempt.out = arena_get(c->arena, operation->out_size);
    ENSURE(in != NULL && f->attempt.out != NULL, ARENA_SPENT);
    return f->protocol->decode(c, f->request, f->route, in);
}

static void refuse(struct flight *f, const struct fault *fault)
{
    /* The caller hears nothing of what is our fault; the operator does. */
    if (fault->class == FAULT_INTERNAL)
        LOG(LOG_ERROR, "answer.internal", F("request", f->call.id), F("fault", fault));
    f->reply = (struct http_reply){0};
    f->protocol->refuse(&f->call, f->request, f->route, fault, &f->reply);
}

/* The one record of a request that never reached perform. What cannot be recorded is not told. */
static void turn_away(struct flight *f, const struct fault *fault)
{
    struct call *c = &f->call;
    const struct fault *noted = audit_note(c, NULL, NULL, NULL, NULL, fault);
    const struct fault *added = turn_add(c->worker, c); /* without a note: a bare one */

    f->throttled = fault == THROTTLED;
    f->unknown = fault->class == FAULT_UNKNOWN;
    refuse(f, added != OK ? added : noted != OK ? noted : fault);
    call_end(&f->call);
}

/* After perform, which has seen to the record. */
static void conclude(struct flight *f)
{
    const struct fault *fault = f->attempt.fault;

    if (fault == OK && f->call.once.at != NULL)
        seen_add(f->call.worker->house->seen, f->call.once, clock_monotonic_ns() / 1000000);
    if (fault == OK)
        fault = f->protocol->encode(&f->call, f->request, f->route, f->attempt.out, &f->reply);
    if (fault != OK)
        refuse(f, fault);
    call_end(&f->call);
}

enum progress answer_begin(struct flight *f, struct worker *worker, struct arena *arena,
                           const struct http_request *request)
{
    const struct fault *fault = open_flight(f, worker, arena, request);

    if (fault == OK)
        fault = prepare(f);
    if (fault != OK) {
        turn_away(f, fault);
        return DONE;
    }
    if (perform(&f->attempt) == PARKED)
        return PARKED;
    conclude(f);
    return DONE;
}

void answer_resume(struct flight *f)
{
    perform_resume(&f->attempt);
    conclude(f);
}

struct flight *flight_of(struct batch *batch)
{
    struct attempt *attempt = attempt_of(batch);

    return (struct flight *)(void *)((uint8_t *)attempt - offsetof(struct flight, attempt));
}

bool answer_refuses_head(struct flight *f, struct worker *worker, struct arena *arena,
                         const struct http_request *head)
{
    const struct flight before = *f;
    const struct fault *fault = open_flight(f, worker, arena, head);

    if (fault == OK && f->route == NULL && !f->protocol->named_in_body)
        fault = ROUTE_UNKNOWN;
    if (fault == OK)
        fault = call_begin(&f->call);
    if (fault == OK)
        fault = f->protocol->authenticate(&f->call, head, true);
    if (fault != OK) {
        turn_away(f, fault);
        return true;
    }
    call_end(&f->call);
    *f = before;
    return false;
}

void answer_unreadable(struct flight *f, struct worker *worker, struct arena *arena,
                       const struct http_request *request, const struct fault *fault)
{
    const struct fault *opened = open_flight(f, worker, arena, request);

    turn_away(f, opened != OK ? opened : fault);
    f->reply.close = true;
}

void answer_unrecorded(struct flight *f)
{
    refuse(f, UNRECORDED);
}
