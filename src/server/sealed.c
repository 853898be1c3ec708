/* sealed: the crew's threads refuse, the first of them takes passphrases and parks who asked; the
 * thread that waits opens the house. */
#include "server/sealed.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/json_write.h"
#include "core/audit/audit.h"
#include "server/confine.h"
#include "server/front.h"
#include "server/local.h"
#include "wire/answer.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { MINUTE_MS = 60000 };

/* clang-format off */
FAULT(SEALED, FAULT_AGAIN, "server.sealed",
      "The store is sealed: it waits for its passphrase. Its operator can give it with coffer unseal.");
FAULT(SEALED_BUSY, FAULT_AGAIN, "server.unseal-busy", "Another passphrase is being tried.");
FAULT(SEALED_TRIES, FAULT_LIMIT, "server.unseal-tries", "Too many passphrases in this minute: try again in the next.");
static FAULT(ENDING, FAULT_AGAIN, "server.ending", "The server is ending.");
static FAULT(NO_DESCRIPTOR, FAULT_AGAIN, "server.descriptor", "The system has no more descriptors.");
/* clang-format on */

struct sealed {
    struct sealed_plan plan;
    int asked, home; /* readable: something waits; something was answered */
    struct exchange *_Atomic waiting, *_Atomic answered;
    _Atomic bool ending;

    /* Of the one try under way; whoever has its exchange has these. */
    struct sensitive *passphrase;
    const struct fault *outcome;

    /* Of the first thread, which has the admin socket. */
    bool trying;
    int64_t minute;
    int tries;
};

static const struct operation server_unseal = {
    .name = "server.unseal",
    .action = "coffer:Unseal",
    .mode = OPERATION_WRITES,
    .local = true,
};

/* --- replies --- */

static struct http_reply no_memory = {.status = 503, .close = true};

/* How each of those who ask is spoken to: the type of what is said, and the name of the request's
 * id. */
struct form {
    const char *type, *id;
};
static const struct form FOR_CLIENTS = {"application/x-amz-json-1.1", "x-amzn-RequestId"},
                         FOR_ADMIN = {"application/json", "X-Request-Id"},
                         FOR_WATCH = {"text/plain; charset=utf-8", "X-Request-Id"};

static fallible name_request(struct arena *arena, struct http_reply *reply, const struct form *form)
{
    uint8_t *const id = arena_get(arena, UUID_TEXT);

    ENSURE(id != NULL, ARENA_SPENT);
    TRY(answer_id(clock_now_ms(), id));
    TRY(http_reply_header(reply, bytes_of(form->id), (struct bytes){id, UUID_TEXT}));
    return http_reply_header(reply, LIT("Content-Type"), bytes_of(form->type));
}

static void reply_with(struct exchange *exchange, uint16_t status, const struct form *form,
                       struct bytes text)
{
    struct http_reply *reply = arena_new(exchange->arena, struct http_reply);

    exchange->reply = reply == NULL ? &no_memory : reply;
    if (reply == NULL)
        return;
    *reply = (struct http_reply){.status = status, .close = true, .body = {text.at, text.n}};
    if (name_request(exchange->arena, reply, form) != OK)
        reply->header_count = 0;
}

/* An object of texts; a pair without a name ends it. */
static void reply_object(struct exchange *exchange, uint16_t status, const struct form *form,
                         const struct pair *members)
{
    struct buf buf = buf_open(exchange->arena, 512);
    struct json_writer json = json_writer(&buf);
    struct bytes text;

    json_put_object(&json);
    for (; members->name.n != 0; members++) {
        json_put_name(&json, members->name);
        json_put_text(&json, members->value);
    }
    json_put_object_end(&json);
    if (buf_done(&buf, &text) == OK)
        reply_with(exchange, status, form, text);
    else
        exchange->reply = &no_memory;
}

static uint16_t status_of(const struct fault *fault)
{
    switch (fault->class) {
    case FAULT_CALLER:
        return 400;
    case FAULT_DENIED:
        return 403;
    case FAULT_STATE:
        return 409;
    case FAULT_LIMIT:
        return 429;
    default:
        return 503;
    }
}

/* As the native protocol writes its errors. */
static void tell(struct exchange *exchange, const struct fault *fault)
{
    if (fault == OK)
        reply_object(exchange, 200, &FOR_ADMIN,
                     (const struct pair[]){{LIT("status"), LIT("unsealed")}, {{0}, {0}}});
    else
        reply_object(exchange, status_of(fault), &FOR_ADMIN,
                     (const struct pair[]){{LIT("error"), bytes_of(fault->name)},
                                           {LIT("message"), bytes_of(fault->text)},
                                           {{0}, {0}}});
}

static void refuse_client(struct exchange *exchange)
{
    const struct bytes why = bytes_of(SEALED->text);

    reply_object(exchange, 503, &FOR_CLIENTS,
                 (const struct pair[]){{LIT("__type"), LIT("InternalServiceError")},
                                       {LIT("message"), why},
                                       {LIT("Message"), why},
                                       {{0}, {0}}});
}

static void tell_standing(struct exchange *exchange, uint16_t status)
{
    reply_object(exchange, status, &FOR_ADMIN,
                 (const struct pair[]){
                     {LIT("status"), LIT("sealed: give the passphrase with coffer unseal")},
                     {LIT("version"), bytes_of(COFFER_VERSION)},
                     {LIT("sensitive"), bytes_of(sensitive_form())},
                     {LIT("confined"), bytes_of(confine_form())},
                     {{0}, {0}}});
}

/* --- the crew's threads --- */

static enum handled clients_begin(void *ctx, struct exchange *exchange)
{
    (void)ctx;
    refuse_client(exchange);
    return HANDLED_ANSWERED;
}

static bool clients_refuse_head(void *ctx, struct exchange *exchange)
{
    (void)ctx;
    refuse_client(exchange);
    return true;
}

static bool asks(const struct exchange *exchange, struct bytes method, struct bytes path)
{
    return bytes_same(raw_reveal(exchange->request.method), method) &&
           bytes_same(raw_reveal(exchange->request.path), path);
}

static void clients_turned_away(void *ctx, struct exchange *exchange, const struct fault *fault)
{
    (void)ctx;
    (void)fault;
    refuse_client(exchange);
}

static enum handled watch_begin_sealed(void *ctx, struct exchange *exchange)
{
    const struct sealed *sealed = ctx;
    struct bytes figures;

    if (asks(exchange, LIT("GET"), LIT("/metrics")) &&
        watch_sealed_metrics(sealed->plan.watch, exchange->arena, &figures) == OK)
        reply_with(exchange, 200, &FOR_WATCH, figures);
    else if (asks(exchange, LIT("GET"), LIT("/healthz")))
        reply_with(exchange, 200, &FOR_WATCH, LIT("ok\n"));
    else if (asks(exchange, LIT("GET"), LIT("/readyz")))
        tell_standing(exchange, 503);
    else
        reply_with(exchange, 404, &FOR_WATCH, (struct bytes){0});
    return HANDLED_ANSWERED;
}

static bool may_try(struct sealed *sealed)
{
    const int64_t minute = clock_monotonic_ns() / 1000000 / MINUTE_MS;

    if (sealed->minute != minute)
        sealed->tries = 0;
    sealed->minute = minute;
    return ++sealed->tries <= SEALED_TRIES_A_MINUTE;
}

/* Into locked memory, and out of the request. */
static fallible take_passphrase(struct sealed *sealed, struct exchange *exchange)
{
    const struct raw body = exchange->request.body;
    const struct fault *fault;

    ENSURE(body.n > 0 && body.n <= ROOT_PASSPHRASE_MOST, ROOT_PASSPHRASE);
    fault = sensitive_new_key(exchange->arena, body.n, &sealed->passphrase);
    if (fault == OK)
        memcpy(sensitive_fill(sealed->passphrase), body.at, body.n);
    explicit_bzero((void *)(uintptr_t)body.at, body.n);
    return fault;
}

static fallible admit(struct sealed *sealed, struct exchange *exchange)
{
    ENSURE(!sealed->trying, SEALED_BUSY);
    ENSURE(may_try(sealed), SEALED_TRIES);
    return take_passphrase(sealed, exchange);
}

static void notify(int fd)
{
    const uint64_t one = 1;

    (void)!write(fd, &one, sizeof one);
}

/* Only one gets it. */
static struct exchange *take(struct sealed *sealed)
{
    return atomic_exchange(&sealed->waiting, NULL);
}

/* Either the one who waits finds it, or, when nobody waits any more, we find it again. */
static enum handled hand_over(struct sealed *sealed, struct exchange *exchange)
{
    sealed->trying = true;
    sealed->waiting = exchange;
    notify(sealed->asked);
    if (!sealed->ending || take(sealed) == NULL)
        return HANDLED_PARKED;
    sealed->trying = false;
    tell(exchange, ENDING);
    return HANDLED_ANSWERED;
}

static enum handled unseal(struct sealed *sealed, struct exchange *exchange)
{
    const struct fault *fault = admit(sealed, exchange);

    if (fault == OK)
        return hand_over(sealed, exchange);
    tell(exchange, fault);
    return HANDLED_ANSWERED;
}

static enum handled admin_begin_sealed(void *ctx, struct exchange *exchange)
{
    struct sealed *sealed = ctx;

    if (!local_may(exchange->owner, sealed->plan.admin_gid))
        reply_with(exchange, 403, &FOR_WATCH, bytes_of(LOCAL_DENIED->text));
    else if (asks(exchange, LIT("POST"), LIT("/v1/server.unseal")))
        return unseal(sealed, exchange);
    else if (asks(exchange, LIT("GET"), LIT("/status")))
        tell_standing(exchange, 200);
    else if (asks(exchange, LIT("POST"), raw_reveal(exchange->request.path)))
        tell(exchange, SEALED);
    else
        return watch_begin_sealed(ctx, exchange);
    return HANDLED_ANSWERED;
}

static void mailed(void *ctx)
{
    struct sealed *sealed = ctx;
    struct exchange *exchange;
    uint64_t count;

    (void)!read(sealed->home, &count, sizeof count);
    exchange = sealed->answered;
    if (exchange == NULL)
        return;
    sealed->answered = NULL;
    sealed->trying = false;
    tell(exchange, sealed->outcome);
    connection_answered(exchange);
}

fallible sealed_start(void *ctx, size_t thread, struct crew_member *out)
{
    struct sealed *sealed = ctx;

    *out = (struct crew_member){
        .ctx = sealed, .mail = thread == 0 ? sealed->home : -1, .mailed = mailed};
    out->handlers[FRONT_CLIENTS] = (struct handler){.begin = clients_begin,
                                                    .refuses_head = clients_refuse_head,
                                                    .turned_away = clients_turned_away};
    out->handlers[FRONT_WATCH] =
        (struct handler){.ctx = sealed, .begin = watch_begin_sealed, .own_most = FRONT_OWN_MOST};
    out->handlers[FRONT_ADMIN] =
        (struct handler){.ctx = sealed, .begin = admin_begin_sealed, .own_most = FRONT_OWN_MOST};
    return OK;
}

/* --- the thread that waits --- */

static fallible record(struct sealed *sealed, struct exchange *exchange)
{
    const struct house *house = &sealed->plan.opened->house;
    const struct principal *who = local_principal(exchange->arena, exchange->owner, house->account);
    struct worker *worker;
    const struct fault *fault;

    ENSURE(who != NULL, ARENA_SPENT);
    TRY(worker_open(house, NULL, &worker));
    fault = audit_event(worker, exchange->arena, &server_unseal, NULL, who);
    worker_close(worker);
    return fault;
}

/* What cannot be recorded does not happen. */
static fallible open_house(struct sealed *sealed, struct exchange *exchange)
{
    const struct sealed_plan *plan = &sealed->plan;
    const struct root_opener opener = {.method = ROOT_BY_PASSPHRASE,
                                       .secret = sensitive_view(sealed->passphrase)};
    const struct arena_mark mark = arena_mark(plan->arena);
    const struct fault *fault =
        house_open(plan->arena, plan->config, plan->seal, &opener, plan->accept, plan->opened);

    sensitive_wipe(sealed->passphrase);
    if (fault != OK) {
        arena_rewind(plan->arena, mark);
        return fault;
    }
    fault = record(sealed, exchange);
    if (fault != OK)
        house_close(plan->opened);
    return fault;
}

static void answer(struct sealed *sealed, struct exchange *exchange, const struct fault *outcome)
{
    sealed->outcome = outcome;
    sealed->answered = exchange;
    notify(sealed->home);
}

/* True: the house is open. */
static bool try_waiting(struct sealed *sealed)
{
    struct exchange *exchange;
    const struct fault *fault;
    uint64_t count;

    (void)!read(sealed->asked, &count, sizeof count);
    exchange = take(sealed);
    if (exchange == NULL)
        return false;
    fault = open_house(sealed, exchange);
    LOG(LOG_NOTICE, "server.unseal", F("uid", (int64_t)exchange->owner->uid), F("outcome", fault));
    answer(sealed, exchange, fault);
    return fault == OK;
}

static int signal_of(int signals)
{
    struct signalfd_siginfo info;

    return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

fallible sealed_wait(struct sealed *sealed, const sigset_t *set, int *got)
{
    const int signals = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd on[] = {{signals, POLLIN, 0}, {sealed->asked, POLLIN, 0}};
    bool open = false;

    ENSURE(signals >= 0, NO_DESCRIPTOR);
    for (*got = 0; *got == 0 && !open;) {
        if (poll(on, 2, -1) < 0)
            continue;
        *got = signal_of(signals);
        if (*got == 0 && on[1].revents != 0)
            open = try_waiting(sealed);
    }
    close(signals);
    return OK;
}

void sealed_end(struct sealed *sealed)
{
    struct exchange *exchange;

    sealed->ending = true;
    exchange = take(sealed);
    if (exchange != NULL)
        answer(sealed, exchange, ENDING);
}

fallible sealed_open(const struct sealed_plan *plan, struct sealed **out)
{
    struct sealed *sealed = calloc(1, sizeof *sealed);

    ENSURE(sealed != NULL, ARENA_SPENT);
    sealed->plan = *plan;
    sealed->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sealed->home = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    *out = sealed;
    if (sealed->asked >= 0 && sealed->home >= 0)
        return OK;
    sealed_close(sealed);
    *out = NULL;
    return NO_DESCRIPTOR;
}

void sealed_close(struct sealed *sealed)
{
    if (sealed == NULL)
        return;
    if (sealed->asked >= 0)
        close(sealed->asked);
    if (sealed->home >= 0)
        close(sealed->home);
    free(sealed);
}
