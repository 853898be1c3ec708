/* The AWS query protocol: a form with an Action in, XML out (SEMANTICS 7). Until its sender is
 * known, nothing of a body is read but the Action. */
#include "codec/form.h"
#include "codec/xml_write.h"
#include "net/http.h"
#include "sigv4/sigv4.h"
#include "wire/aws/quirks.h"
#include "wire/sentence.h"
#include "wire/shape/shape.h"

enum { REPLY = 1024, ECHO = 128 };

static bool is_get(const struct http_request *request)
{
    return bytes_same(raw_reveal(request->method), LIT("GET"));
}

/* The form stands in the body, or in the address of a GET. */
static struct bytes form_of(const struct http_request *request)
{
    return raw_reveal(is_get(request) ? request->query : request->body);
}

static struct bytes parameter(const struct http_request *request, struct bytes name)
{
    struct bytes value = {0};

    return form_find(form_of(request), name, &value) ? value : (struct bytes){0};
}

static bool claims(const struct http_request *request)
{
    const struct bytes kind = raw_reveal(http_header(request, LIT("content-type")));

    if (is_get(request))
        return parameter(request, LIT("Action")).at != NULL;
    return bytes_same(raw_reveal(request->method), LIT("POST")) &&
           bytes_begins(kind, LIT("application/x-www-form-urlencoded"));
}

/* For who names no action of ours: the service of the signature's scope, else STS, which alone is
 * asked without a signature. */
static const struct aws_service *service_of_scope(const struct http_request *request)
{
    const struct bytes authorization = raw_reveal(http_header(request, LIT("authorization")));
    const struct aws_service *sts = NULL;
    struct sigv4_claim claim = {0};

    sigv4_read_header(authorization, NULL, 0, &claim);
    for (const struct aws_service *s = aws_services; s->name != NULL; s++) {
        if (s->version != NULL && bytes_same(claim.service, bytes_of(s->name)))
            return s;
        if (bytes_same(LIT("sts"), bytes_of(s->name)))
            sts = s;
    }
    return sts;
}

const struct aws_service *aws_query_service_of(const struct http_request *request,
                                               struct bytes *action)
{
    *action = parameter(request, LIT("Action"));
    for (const struct aws_service *s = aws_services; s->name != NULL && action->n != 0; s++)
        if (s->version != NULL && aws_route(s, *action) != NULL)
            return s;
    return service_of_scope(request);
}

static const struct route *route(const struct http_request *request)
{
    struct bytes action;
    const struct aws_service *service = aws_query_service_of(request, &action);

    if (!bytes_same(raw_reveal(request->path), LIT("/")))
        return NULL;
    return aws_route(service, action);
}

static struct bytes error_code(const void *service, const struct fault *fault)
{
    return aws_code(aws_fault_row(service, fault), fault);
}

static struct bytes code_without_action(const void *service, const struct fault *fault)
{
    return error_code(service, fault == ROUTE_UNKNOWN ? AWS_NO_ACTION : fault);
}

static struct bytes said(const struct call *c, const void *service, const struct fault *fault)
{
    return sentence(c, aws_fault_row(service, fault)->text, fault);
}

static void words(struct call *c, const struct http_request *request, const struct route *route)
{
    struct bytes action;
    const struct aws_service *service = aws_query_service_of(request, &action);

    c->words = (struct audit_words){.source = bytes_of(service->source),
                                    .error_code = action.n != 0 ? error_code : code_without_action,
                                    .said = said,
                                    .ctx = service};
    if (route != NULL)
        c->words.name = bytes_of(route->name);
}

static fallible unknown_operation(struct call *c, struct bytes action, struct bytes version)
{
    struct buf text = buf_open(c->arena, 64 + 2 * ECHO);
    struct bytes whole;

    buf_add(&text, LIT("Could not find operation "));
    buf_add(&text, action.n > ECHO ? (struct bytes){action.at, ECHO} : action);
    buf_add(&text, LIT(" for version "));
    buf_add(&text, version.n > ECHO ? (struct bytes){version.at, ECHO} : version);
    TRY(buf_done(&text, &whole));
    return why_said(c, ROUTE_UNKNOWN, whole);
}

/* Each service has one version, and its actions belong to that. */
static fallible check_version(struct call *c, const struct http_request *request)
{
    struct bytes action;
    const struct aws_service *service = aws_query_service_of(request, &action);
    const struct bytes version = parameter(request, LIT("Version"));

    if (bytes_same(version, bytes_of(service->version)))
        return OK;
    return unknown_operation(c, action, version.n != 0 ? version : LIT("NO_VERSION_SPECIFIED"));
}

static fallible decode(struct call *c, const struct http_request *request,
                       const struct route *route, void *in)
{
    const struct bytes form = form_of(request);

    TRY(check_version(c, request));
    TRY(shape_decode_form(c, route, (struct raw){form.at, form.n}, in));
    return aws_first_time(c, request, route, in);
}

static fallible add_headers(const struct call *c, struct http_reply *reply)
{
    TRY(http_reply_header(reply, LIT("Content-Type"), LIT("text/xml")));
    return http_reply_header(reply, LIT("x-amzn-RequestId"), c->id);
}

/* <Name xmlns="https://sts.amazonaws.com/doc/2011-06-15/"> */
static void open_root(struct buf *buf, struct bytes name, const struct aws_service *service)
{
    buf_add_byte(buf, '<');
    buf_add(buf, name);
    buf_add(buf, LIT(" xmlns=\"https://"));
    buf_add_text(buf, service->name);
    buf_add(buf, LIT(".amazonaws.com/doc/"));
    buf_add_text(buf, service->version);
    buf_add(buf, LIT("/\">"));
}

static fallible named(struct call *c, const char *name, const char *behind, struct bytes *whole)
{
    struct buf buf = buf_open(c->arena, 64);

    buf_add_text(&buf, name);
    buf_add_text(&buf, behind);
    return buf_done(&buf, whole);
}

static fallible body_of(const struct buf *buf, struct raw *body)
{
    struct bytes whole;

    TRY(buf_done(buf, &whole));
    *body = (struct raw){whole.at, whole.n};
    return OK;
}

static fallible encode(struct call *c, const struct http_request *request,
                       const struct route *route, const void *out, struct http_reply *reply)
{
    struct bytes action, response, result;
    struct buf buf = buf_open(c->arena, REPLY);

    reply->status = route->success != 0 ? route->success : 200;
    TRY(add_headers(c, reply));
    TRY(named(c, route->name, "Response", &response));
    TRY(named(c, route->name, "Result", &result));
    open_root(&buf, response, aws_query_service_of(request, &action));
    if (route->empty || route->out->rows->wire.at != NULL) {
        xml_put_open(&buf, result);
        shape_write_xml(&buf, route->out, out);
        xml_put_close(&buf, result);
    }
    xml_put_open(&buf, LIT("ResponseMetadata"));
    xml_put_element(&buf, LIT("RequestId"), c->id);
    xml_put_close(&buf, LIT("ResponseMetadata"));
    xml_put_close(&buf, response);
    return body_of(&buf, &reply->body);
}

static fallible write_error(struct call *c, const struct aws_service *service, uint16_t status,
                            const struct pair *error, struct raw *body)
{
    struct buf buf = buf_open(c->arena, REPLY);

    open_root(&buf, LIT("ErrorResponse"), service);
    xml_put_open(&buf, LIT("Error"));
    xml_put_element(&buf, LIT("Type"), status < 500 ? LIT("Sender") : LIT("Receiver"));
    xml_put_element(&buf, LIT("Code"), error->name);
    xml_put_element(&buf, LIT("Message"), error->value);
    xml_put_close(&buf, LIT("Error"));
    xml_put_element(&buf, LIT("RequestId"), c->id);
    xml_put_close(&buf, LIT("ErrorResponse"));
    return body_of(&buf, body);
}

/* What answer says of a form whose action is none of ours, or has none. */
static const struct fault *about_action(struct call *c, const struct aws_service *service,
                                        struct bytes action, const struct fault *fault)
{
    if (fault != ROUTE_UNKNOWN || c->detail.n != 0)
        return fault;
    if (action.n == 0)
        return AWS_NO_ACTION;
    return unknown_operation(c, action, bytes_of(service->version));
}

static void refuse(struct call *c, const struct http_request *request, const struct route *route,
                   const struct fault *fault, struct http_reply *reply)
{
    struct bytes action;
    const struct aws_service *service = aws_query_service_of(request, &action);
    const struct fault_row *row;
    struct pair error;

    (void)route;
    fault = about_action(c, service, action, fault);
    row = aws_fault_row(service, fault);
    error = (struct pair){aws_code(row, fault), sentence(c, row->text, fault)};
    reply->status = aws_status(row, fault);
    if (add_headers(c, reply) != OK ||
        write_error(c, service, reply->status, &error, &reply->body) != OK)
        reply->body = (struct raw){0};
}

const struct protocol protocol_aws_query = {
    .name = "aws-query",
    .named_in_body = true,
    .claims = claims,
    .route = route,
    .authenticate = aws_authenticate,
    .decode = decode,
    .encode = encode,
    .refuse = refuse,
    .words = words,
};
