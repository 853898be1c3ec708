/* The list of protocols: the first that claims a request speaks with it. */
#include "wire/aws/service.h"
#include "wire/native/native.h"
#include "wire/protocol.h"

FAULT(ROUTE_UNKNOWN, FAULT_CALLER, "route.unknown", "There is no operation of this name.");

const struct protocol *protocol_of(const struct http_request *request)
{
    if (protocol_aws_json.claims(request))
        return &protocol_aws_json;
    return protocol_aws_query.claims(request) ? &protocol_aws_query : &protocol_native;
}

void protocol_each_route(void (*each)(void *ctx, const struct protocol *, const char *service,
                                      const struct route *),
                         void *ctx)
{
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        for (const struct route *route = s->routes; route->name != NULL; route++)
            each(ctx, s->version == NULL ? &protocol_aws_json : &protocol_aws_query, s->name,
                 route);
    for (const struct route *route = native_routes; route->name != NULL; route++)
        each(ctx, &protocol_native, "native", route);
}
