/* Coffer's own protocol, over the local admin socket. It is also whose turn it is when nobody
 * claims a request: everything that did not come over that socket is refused here. */
#include "wire/native/native.h"
#include "codec/json_write.h"
#include "core/identity/identity.h"
#include "net/http.h"
#include "wire/sentence.h"
#include "wire/shape/shape.h"

#include <string.h>

FAULT(NATIVE_REMOTE, FAULT_DENIED, "native.remote",
      "No protocol of this server knows this request: AWS requests carry X-Amz-Target, or a form "
      "with an Action.");

static bool claims(const struct http_request *request)
{
    (void)request;
    return true;
}

static const struct route *route(const struct http_request *request)
{
    const struct bytes path = raw_reveal(request->path);
    const struct bytes name = bytes_after(path, sizeof("/v1/") - 1);

    if (!bytes_same(raw_reveal(request->method), LIT("POST")) || !bytes_begins(path, LIT("/v1/")))
        return NULL;
    for (const struct route *r = native_routes; r->name != NULL; r++)
        if (bytes_same(bytes_of(r->name), name))
            return r;
    return NULL;
}

static struct bytes error_code(const void *ctx, const struct fault *fault)
{
    (void)ctx;
    return bytes_of(fault->name);
}

static void words(struct call *c, const struct http_request *request, const struct route *route)
{
    (void)request;
    c->words = (struct audit_words){.source = LIT("coffer"), .error_code = error_code};
    if (route != NULL)
        c->words.name = bytes_of(route->name);
}

static fallible authenticate(struct call *c, const struct http_request *request, bool head_only)
{
    (void)head_only;
    ENSURE(request->peer.local && c->peer != NULL, NATIVE_REMOTE);
    c->who = c->peer;
    c->service = LIT("coffer");
    return OK;
}

static fallible decode(struct call *c, const struct http_request *request,
                       const struct route *route, void *in)
{
    return shape_decode_json(c, route, request->body, in);
}

static fallible add_headers(const struct call *c, struct http_reply *reply)
{
    TRY(http_reply_header(reply, LIT("Content-Type"), LIT("application/json")));
    return http_reply_header(reply, LIT("X-Request-Id"), c->id);
}

static fallible encode(struct call *c, const struct http_request *request,
                       const struct route *route, const void *out, struct http_reply *reply)
{
    (void)request;
    reply->status = route->success != 0 ? route->success : 200;
    TRY(add_headers(c, reply));
    return shape_write_json(c, route->out, out, &reply->body);
}

static uint16_t status_of(const struct fault *fault)
{
    static const uint16_t statuses[] = {
        [FAULT_CALLER] = 400, [FAULT_UNKNOWN] = 401, [FAULT_DENIED] = 403, [FAULT_ABSENT] = 404,
        [FAULT_STATE] = 409,  [FAULT_LIMIT] = 429,   [FAULT_AGAIN] = 503,  [FAULT_INTERNAL] = 500,
    };

    if (fault == ROUTE_UNKNOWN)
        return 404;
    if (bytes_begins(bytes_of(fault->name), LIT("http.")))
        return http_status(fault);
    return statuses[fault->class];
}

static fallible write_error(struct call *c, const struct fault *fault, struct raw *body)
{
    struct buf buf = buf_open(c->arena, 512);
    struct json_writer json = json_writer(&buf);
    struct bytes whole;

    json_put_object(&json);
    json_put_name(&json, LIT("error"));
    json_put_text(&json, bytes_of(fault->name));
    json_put_name(&json, LIT("message"));
    json_put_text(&json, fault->class == FAULT_INTERNAL
                             ? LIT("An error occurred in the server; its log says more.")
                             : sentence(c, NULL, fault));
    json_put_object_end(&json);
    TRY(buf_done(&buf, &whole));
    *body = (struct raw){whole.at, whole.n};
    return OK;
}

static void refuse(struct call *c, const struct http_request *request, const struct route *route,
                   const struct fault *fault, struct http_reply *reply)
{
    (void)route;
    /* A stranger on the network learns nothing of what the admin socket offers. */
    if (!request->peer.local && fault == ROUTE_UNKNOWN)
        fault = NATIVE_REMOTE;
    reply->status = status_of(fault);
    if (add_headers(c, reply) != OK || write_error(c, fault, &reply->body) != OK)
        reply->body = (struct raw){0};
}

const struct protocol protocol_native = {
    .name = "native",
    .claims = claims,
    .route = route,
    .authenticate = authenticate,
    .decode = decode,
    .encode = encode,
    .refuse = refuse,
    .words = words,
};
