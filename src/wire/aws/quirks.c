/* What AWS does and no table says. */
#include "wire/aws/quirks.h"
#include "net/http.h"

static bool of_http(const struct fault *fault)
{
    return bytes_begins(bytes_of(fault->name), LIT("http."));
}

uint16_t aws_status(const struct fault_row *row, const struct fault *fault)
{
    return of_http(fault) ? http_status(fault) : row->status;
}

struct bytes aws_code(const struct fault_row *row, const struct fault *fault)
{
    if (!of_http(fault))
        return bytes_of(row->code);
    return http_status(fault) == 413 ? LIT("RequestEntityTooLargeException")
                                     : LIT("MalformedHttpRequestException");
}

bool aws_takes_presigned(const struct aws_service *service, struct bytes operation)
{
    return service != NULL && bytes_same(bytes_of(service->name), LIT("sts")) &&
           bytes_same(operation, LIT("GetCallerIdentity"));
}
