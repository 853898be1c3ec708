/* service: the request's head, signed, and the reply. */
#include "cli/service.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/print.h"
#include "codec/text.h"
#include "sigv4/sigv4.h"

#include <time.h>

enum {
    REPLY_MOST = 16 * 1024 * 1024,
    VALUE_MOST = 2 * 1024 * 1024, /* of 256 KiB, however escaped */
    TRIES = 3,
    PAUSE_NS = 200 * 1000 * 1000,
    OWN = 3
};

struct question {
    struct arena *arena;
    const struct settings *settings;
    const struct service_call *call;
    struct bytes target;
};

static fallible name_target(struct question *q)
{
    struct buf buf = buf_open(q->arena, 64);

    buf_add_text(&buf, "secretsmanager.");
    buf_add_text(&buf, q->call->operation);
    return buf_done(&buf, &q->target);
}

static void add_header(struct buf *head, const struct pair *header)
{
    buf_add(head, header->name);
    buf_add_text(head, ": ");
    buf_add(head, header->value);
    buf_add_text(head, "\r\n");
}

static fallible sign(struct question *q, const struct pair own[OWN], struct sigv4_signed *proof)
{
    const struct settings *s = q->settings;
    const struct sigv4_request request = {.method = LIT("POST"),
                                          .path = s->path,
                                          .query = LIT(""),
                                          .headers = own,
                                          .header_count = OWN};
    const struct sigv4_signer signer = {.access_key_id = s->access_key_id,
                                        .token = s->token,
                                        .secret = s->secret,
                                        .region = s->region,
                                        .service = LIT("secretsmanager")};

    return sigv4_sign_request(q->arena, &request, (struct bytes){q->call->body.at, q->call->body.n},
                              &signer, clock_now_ms(), proof);
}

static fallible write_head(struct question *q, struct bytes *out)
{
    const struct pair own[OWN] = {{LIT("Host"), q->settings->at},
                                  {LIT("X-Amz-Target"), q->target},
                                  {LIT("Content-Type"), LIT("application/x-amz-json-1.1")}};
    struct buf head = buf_open(q->arena, 2048);
    struct sigv4_signed proof;

    TRY(sign(q, own, &proof));
    buf_add_text(&head, "POST ");
    buf_add(&head, q->settings->path);
    buf_add_text(&head, " HTTP/1.1\r\n");
    for (size_t i = 0; i < OWN; i++)
        add_header(&head, &own[i]);
    for (size_t i = 0; i < proof.header_count; i++)
        add_header(&head, &proof.headers[i]);
    buf_add_text(&head,
                 "User-Agent: coffer/" COFFER_VERSION "\r\nConnection: close\r\nContent-Length: ");
    buf_add_int(&head, (int64_t)q->call->body.n);
    buf_add_text(&head, "\r\n\r\n");
    return buf_done(&head, out);
}

static fallible ask_once(struct question *q, struct fetch_reply *reply)
{
    struct fetch what = {.host = q->settings->host,
                         .port = q->settings->port,
                         .tls = q->settings->tls,
                         .authority = q->settings->authority,
                         .body = q->call->body,
                         .keep = "x-amzn-requestid",
                         .most = q->call->hidden ? VALUE_MOST : REPLY_MOST,
                         .hidden = q->call->hidden};

    TRY(write_head(q, &what.head));
    return fetch(q->arena, &what, reply);
}

static bool is_for_later(struct arena *arena, const struct fetch_reply *reply)
{
    struct bytes code, message;

    if (reply->status >= 500)
        return true;
    if (reply->status != 400)
        return false;
    service_refusal(arena, reply, &code, &message);
    return bytes_same(code, LIT("ThrottlingException"));
}

fallible service_ask(struct arena *arena, const struct settings *settings,
                     const struct service_call *call, struct fetch_reply *reply)
{
    struct question q = {.arena = arena, .settings = settings, .call = call};
    struct timespec pause = {.tv_nsec = PAUSE_NS};

    TRY(name_target(&q));
    for (int i = 1;; i++) {
        TRY(ask_once(&q, reply));
        if (i == TRIES || !is_for_later(arena, reply))
            return OK;
        (void)nanosleep(&pause, NULL);
        pause.tv_nsec *= 2;
    }
}

void service_refusal(struct arena *arena, const struct fetch_reply *reply, struct bytes *code,
                     struct bytes *message)
{
    const struct bytes body = {reply->body.at, reply->body.n};
    struct bytes before;

    *code = *message = (struct bytes){0};
    if (print_member(arena, body, LIT("__type"), code))
        (void)bytes_cut(code, '#', &before);
    if (!print_member(arena, body, LIT("message"), message))
        (void)print_member(arena, body, LIT("Message"), message);
}
