/* The AWS services that are served, and the words of their common front door. */
#include "wire/aws/service.h"
#include "core/audit/journal.h"
#include "core/identity/identity.h"
#include "core/perform.h"
#include "core/rate.h"
#include "net/door.h"
#include "net/http.h"
#include "wire/aws/secretsmanager.h"
#include "wire/shape/shape.h"

#include <string.h>

FAULT(AWS_NO_TOKEN, FAULT_UNKNOWN, "aws.no-token", "Request is missing Authentication Token");
FAULT(AWS_INCOMPLETE, FAULT_UNKNOWN, "aws.incomplete",
      "The authorization of the request is not complete.");
FAULT(AWS_SIGNATURE, FAULT_UNKNOWN, "aws.signature",
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key "
      "and signing method. Consult the service documentation for details.");
FAULT(AWS_TOKEN, FAULT_UNKNOWN, "aws.token",
      "The security token included in the request is invalid.");
FAULT(AWS_PRESIGNED, FAULT_DENIED, "aws.presigned",
      "This operation does not accept presigned requests.");

/* clang-format off */
const struct aws_service aws_services[] = {
    {"secretsmanager", "secretsmanager.amazonaws.com", aws_secretsmanager_routes, aws_secretsmanager_faults},
    {0},
};

#define INVALID_TOKEN "The security token included in the request is invalid."

/* A text that is empty is left out: AWS sends the code of an unknown operation alone. */
const struct fault_row aws_door_faults[] = {
    {.fault = ROUTE_UNKNOWN,    .status = 400, .code = "UnknownOperationException", .text = ""},
    {.fault = AWS_NO_TOKEN,     .status = 400, .code = "MissingAuthenticationTokenException"},
    {.fault = AWS_INCOMPLETE,   .status = 400, .code = "IncompleteSignatureException"},
    {.fault = AWS_SIGNATURE,    .status = 400, .code = "InvalidSignatureException"},
    {.fault = AWS_TOKEN,        .status = 400, .code = "UnrecognizedClientException", .text = INVALID_TOKEN},
    {.fault = IDENTITY_UNKNOWN, .status = 400, .code = "UnrecognizedClientException", .text = INVALID_TOKEN},
    {.fault = AWS_PRESIGNED,    .status = 400, .code = "AccessDeniedException"},
    {.fault = WIRE_TYPE,        .status = 400, .code = "SerializationException", .text = ""},
    {.fault = WIRE_BOUNDS,      .status = 400, .code = "ValidationException"},
    {.fault = DENIED,           .status = 400, .code = "AccessDeniedException"},
    {.fault = SENSITIVE_FULL,   .status = 400, .code = "ThrottlingException", .text = "Rate exceeded"},
    {.fault = DOOR_SHARE,       .status = 400, .code = "ThrottlingException", .text = "Rate exceeded"},
    {.fault = DOOR_BODIES,      .status = 400, .code = "ThrottlingException", .text = "Rate exceeded"},
    {.fault = STORE_CONFLICT,   .status = 400, .code = "ThrottlingException", .text = "Rate exceeded"},
    {.fault = THROTTLED,        .status = 400, .code = "ThrottlingException", .text = "Rate exceeded"},
    {.fault = JOURNAL_FULL,     .status = 503, .code = "InternalServiceError"},
    {.fault = JOURNAL_DOWN,     .status = 503, .code = "InternalServiceError"},
    {.class = FAULT_CALLER,     .status = 400, .code = "ValidationException"},
    {.class = FAULT_UNKNOWN,    .status = 400, .code = "UnrecognizedClientException", .text = INVALID_TOKEN},
    {.class = FAULT_DENIED,     .status = 400, .code = "AccessDeniedException"},
    {.class = FAULT_ABSENT,     .status = 400, .code = "ResourceNotFoundException"},
    {.class = FAULT_STATE,      .status = 400, .code = "InvalidRequestException"},
    {.class = FAULT_LIMIT,      .status = 400, .code = "LimitExceededException"},
    {.class = FAULT_AGAIN,      .status = 503, .code = "InternalServiceError"},
    {.class = FAULT_INTERNAL,   .status = 500, .code = "InternalFailure", .text = "An error occurred on the server side."},
    {0},
};
/* clang-format on */

const struct aws_service *aws_service_of(const struct http_request *request,
                                         struct bytes *operation)
{
    struct bytes target = raw_reveal(http_header(request, LIT("x-amz-target"))), prefix;

    if (!bytes_cut(&target, '.', &prefix))
        return NULL;
    *operation = target;
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        if (bytes_same(prefix, bytes_of(s->name)))
            return s;
    return NULL;
}

static const struct fault_row *row_of(const struct fault_row *rows, const struct fault *fault)
{
    for (; rows->code != NULL; rows++)
        if (rows->fault == fault)
            return rows;
    return NULL;
}

static const struct fault_row *row_of_class(const struct fault_row *rows, enum fault_class class)
{
    for (; rows->code != NULL; rows++)
        if (rows->fault == NULL && rows->class == class)
            return rows;
    return NULL;
}

const struct fault_row *aws_fault_row(const struct aws_service *service, const struct fault *fault)
{
    const struct fault_row *own = service == NULL ? &aws_door_faults[0] : service->faults;
    const struct fault_row *found = row_of(own, fault);

    if (found == NULL)
        found = row_of(aws_door_faults, fault);
    if (found == NULL)
        found = row_of_class(own, fault->class);
    return found != NULL ? found : row_of_class(aws_door_faults, fault->class);
}
