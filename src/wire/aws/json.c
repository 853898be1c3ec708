/* AWS JSON 1.1: POST / with X-Amz-Target, JSON in and out (SEMANTICS 1). */
#include "codec/json_write.h"
#include "net/http.h"
#include "wire/aws/quirks.h"
#include "wire/aws/service.h"
#include "wire/sentence.h"
#include "wire/shape/shape.h"

static bool claims(const struct http_request *request)
{
    return http_header(request, LIT("x-amz-target")).at != NULL;
}

static const struct route *route(const struct http_request *request)
{
    struct bytes operation;
    const struct aws_service *service = aws_service_of(request, &operation);

    if (service == NULL || !bytes_same(raw_reveal(request->path), LIT("/")) ||
        !bytes_same(raw_reveal(request->method), LIT("POST")))
        return NULL;
    return aws_route(service, operation);
}

static struct bytes error_code(const void *service, const struct fault *fault)
{
    return aws_code(aws_fault_row(service, fault), fault);
}

static struct bytes said(const struct call *c, const void *service, const struct fault *fault)
{
    return sentence(c, aws_fault_row(service, fault)->text, fault);
}

static void words(struct call *c, const struct http_request *request, const struct route *route)
{
    struct bytes operation;
    const struct aws_service *service = aws_service_of(request, &operation);

    c->words = (struct audit_words){.error_code = error_code, .said = said, .ctx = service};
    if (service != NULL)
        c->words.source = bytes_of(service->source);
    if (route != NULL)
        c->words.name = bytes_of(route->name);
}

static fallible decode(struct call *c, const struct http_request *request,
                       const struct route *route, void *in)
{
    ENSURE(request->body.n != 0, WIRE_TYPE); /* AWS takes no empty body for an empty object */
    TRY(shape_decode_json(c, route, request->body, in));
    return aws_first_time(c, request, route, in);
}

/* Content-Type as in the request, where it is one of this protocol's. */
static fallible add_headers(const struct call *c, const struct http_request *request,
                            struct http_reply *reply)
{
    const struct bytes asked = raw_reveal(http_header(request, LIT("content-type")));
    const bool ours = bytes_same(asked, LIT("application/x-amz-json-1.0"));

    TRY(http_reply_header(reply, LIT("Content-Type"),
                          ours ? asked : LIT("application/x-amz-json-1.1")));
    return http_reply_header(reply, LIT("x-amzn-RequestId"), c->id);
}

static fallible encode(struct call *c, const struct http_request *request,
                       const struct route *route, const void *out, struct http_reply *reply)
{
    reply->status = route->success != 0 ? route->success : 200;
    TRY(add_headers(c, request, reply));
    if (route->out->rows->wire.at == NULL)
        return OK; /* what says nothing has no body */
    return shape_write_json(c, route->out, out, &reply->body);
}

/* Both spellings of the text's member: services differ, and clients read either. */
static fallible write_error(struct call *c, struct bytes code, struct bytes text, struct raw *body)
{
    struct buf buf = buf_open(c->arena, 128 + code.n + 2 * text.n);
    struct json_writer json = json_writer(&buf);
    struct bytes whole;

    json_put_object(&json);
    json_put_name(&json, LIT("__type"));
    json_put_text(&json, code);
    if (text.n != 0) {
        json_put_name(&json, LIT("message"));
        json_put_text(&json, text);
        json_put_name(&json, LIT("Message"));
        json_put_text(&json, text);
    }
    json_put_object_end(&json);
    TRY(buf_done(&buf, &whole));
    *body = (struct raw){whole.at, whole.n};
    return OK;
}

static void refuse(struct call *c, const struct http_request *request, const struct route *route,
                   const struct fault *fault, struct http_reply *reply)
{
    struct bytes operation;
    const struct aws_service *service = aws_service_of(request, &operation);
    const struct fault_row *row = aws_fault_row(service, fault);
    const struct bytes code = aws_code(row, fault);

    (void)route;
    reply->status = aws_status(row, fault);
    if (add_headers(c, request, reply) == OK &&
        http_reply_header(reply, LIT("x-amzn-errortype"), code) == OK &&
        write_error(c, code, sentence(c, row->text, fault), &reply->body) == OK)
        return;
    reply->body = (struct raw){0};
}

const struct protocol protocol_aws_json = {
    .name = "aws-json",
    .claims = claims,
    .route = route,
    .authenticate = aws_authenticate,
    .decode = decode,
    .encode = encode,
    .refuse = refuse,
    .words = words,
};
