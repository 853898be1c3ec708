/* The AWS services that are served, and the words of their common front door. */
#include "wire/aws/service.h"
#include "core/audit/journal.h"
#include "core/identity/identity.h"
#include "core/perform.h"
#include "core/rate.h"
#include "net/door.h"
#include "net/http.h"
#include "wire/aws/iam.h"
#include "wire/aws/secretsmanager.h"
#include "wire/aws/sts.h"
#include "wire/shape/shape.h"

FAULT(AWS_NO_TOKEN, FAULT_UNKNOWN, "aws.no-token", "Request is missing Authentication Token");
FAULT(AWS_INCOMPLETE, FAULT_UNKNOWN, "aws.incomplete",
      "The authorization of the request is not complete.");
FAULT(AWS_SIGNATURE, FAULT_UNKNOWN, "aws.signature",
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key "
      "and signing method. Consult the service documentation for details.");
FAULT(AWS_REPEATED, FAULT_DENIED, "aws.repeated",
      "Signature was used before: this request has been received and carried out. Sign it again to "
      "repeat it.");
FAULT(AWS_NO_ACTION, FAULT_CALLER, "aws.no-action",
      "The request is missing an action or a required parameter.");
FAULT(AWS_PRESIGNED, FAULT_DENIED, "aws.presigned",
      "This operation does not accept presigned requests.");

/* clang-format off */
const struct aws_service aws_services[] = {
    {"secretsmanager", "secretsmanager.amazonaws.com", aws_secretsmanager_routes, aws_secretsmanager_faults,
        aws_door_faults, NULL},
    {"iam", "iam.amazonaws.com", aws_iam_routes, aws_iam_faults, aws_query_door_faults, "2010-05-08"},
    {"sts", "sts.amazonaws.com", aws_sts_routes, aws_sts_faults, aws_query_door_faults, "2011-06-15"},
    {0},
};

#define INVALID_TOKEN "The security token included in the request is invalid."
#define EXPIRED_TOKEN "The security token included in the request is expired"

/* A text that is empty is left out: AWS sends the code of an unknown operation alone, and that of a
 * body which is no JSON. */
const struct fault_row aws_door_faults[] = {
    {.fault = ROUTE_UNKNOWN,    .status = 400, .code = "UnknownOperationException", .text = ""},
    {.fault = AWS_NO_TOKEN,     .status = 400, .code = "MissingAuthenticationTokenException"},
    {.fault = AWS_INCOMPLETE,   .status = 400, .code = "IncompleteSignatureException"},
    {.fault = AWS_SIGNATURE,    .status = 400, .code = "InvalidSignatureException"},
    {.fault = AWS_REPEATED,     .status = 400, .code = "InvalidSignatureException"},
    {.fault = IDENTITY_UNKNOWN, .status = 400, .code = "UnrecognizedClientException", .text = INVALID_TOKEN},
    {.fault = SESSION_EXPIRED,  .status = 400, .code = "ExpiredTokenException", .text = EXPIRED_TOKEN},
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
#define EXPLAINED(fault_, status_, code_) {.fault = (fault_), .status = (status_), .code = (code_)}
#define RATE(fault_) {.fault = (fault_), .status = 400, .code = "Throttling", .text = "Rate exceeded"}

const struct fault_row aws_query_door_faults[] = {
    EXPLAINED(ROUTE_UNKNOWN,    400, "InvalidAction"),
    EXPLAINED(AWS_NO_ACTION,    400, "MissingAction"),
    EXPLAINED(AWS_NO_TOKEN,     403, "MissingAuthenticationToken"),
    EXPLAINED(AWS_INCOMPLETE,   400, "IncompleteSignature"),
    EXPLAINED(AWS_SIGNATURE,    403, "SignatureDoesNotMatch"),
    EXPLAINED(AWS_REPEATED,     403, "SignatureDoesNotMatch"),
    EXPLAINED(AWS_PRESIGNED,    403, "AccessDenied"),
    {.fault = SESSION_EXPIRED,  .status = 403, .code = "ExpiredToken", .text = EXPIRED_TOKEN},
    {.fault = SESSION_LIMITED,  .status = 403, .code = "InvalidClientTokenId", .text = INVALID_TOKEN},
    EXPLAINED(WIRE_TYPE,        400, "MalformedInput"),
    EXPLAINED(WIRE_BOUNDS,      400, "ValidationError"),
    EXPLAINED(DENIED,           403, "AccessDenied"),
    RATE(SENSITIVE_FULL), RATE(DOOR_SHARE), RATE(DOOR_BODIES), RATE(STORE_CONFLICT), RATE(THROTTLED),
    EXPLAINED(JOURNAL_FULL,     503, "ServiceUnavailable"),
    EXPLAINED(JOURNAL_DOWN,     503, "ServiceUnavailable"),
    {.class = FAULT_CALLER,     .status = 400, .code = "ValidationError"},
    {.class = FAULT_UNKNOWN,    .status = 403, .code = "InvalidClientTokenId", .text = INVALID_TOKEN},
    {.class = FAULT_DENIED,     .status = 403, .code = "AccessDenied"},
    {.class = FAULT_ABSENT,     .status = 404, .code = "NoSuchEntity"},
    {.class = FAULT_STATE,      .status = 409, .code = "DeleteConflict"},
    {.class = FAULT_LIMIT,      .status = 409, .code = "LimitExceeded"},
    {.class = FAULT_AGAIN,      .status = 503, .code = "ServiceUnavailable"},
    {.class = FAULT_INTERNAL,   .status = 500, .code = "InternalFailure", .text = "An error occurred on the server side."},
    {0},
};
/* clang-format on */

const struct aws_service *aws_service_of(const struct http_request *request,
                                         struct bytes *operation)
{
    struct bytes target = raw_reveal(http_header(request, LIT("x-amz-target"))), prefix;

    if (target.at == NULL)
        return aws_query_service_of(request, operation);
    if (!bytes_cut(&target, '.', &prefix))
        return NULL;
    *operation = target;
    for (const struct aws_service *s = aws_services; s->name != NULL; s++)
        if (bytes_same(prefix, bytes_of(s->name)))
            return s->version == NULL ? s : NULL;
    return NULL;
}

const struct route *aws_route(const struct aws_service *service, struct bytes name)
{
    for (const struct route *r = service->routes; r->name != NULL; r++)
        if (name.n != 0 && r->name[0] == (char)name.at[0] && bytes_same(bytes_of(r->name), name))
            return r;
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
    const struct fault_row *door = service == NULL ? aws_door_faults : service->door;
    const struct fault_row *own = service == NULL ? door : service->faults;
    const struct fault_row *found = row_of(own, fault);

    if (found == NULL)
        found = row_of(door, fault);
    if (found == NULL)
        found = row_of_class(own, fault->class);
    return found != NULL ? found : row_of_class(door, fault->class);
}
