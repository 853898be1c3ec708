/* service: one AWS service as tables, and what all of AWS's services share: their front door's
 * reasons, in the words of those that speak JSON and of those that speak the query protocol. */
#pragma once

#include "wire/protocol.h"

struct aws_service {
    const char
        *name; /* of the signature's scope and of X-Amz-Target, before its dot: "secretsmanager" */
    const char *source; /* what CloudTrail calls it */
    const struct route *routes;
    const struct fault_row *faults;
    const struct fault_row *door; /* after its own rows */
    const char *version; /* of the query protocol: "2011-06-15"; NULL: it speaks JSON. These have no
                            region: whose signature names the partition's first is served, too */
};

extern const struct aws_service aws_services[];        /* ended by {0} */
extern const struct fault_row aws_door_faults[];       /* of the services that speak JSON */
extern const struct fault_row aws_query_door_faults[]; /* of the others */

/* Why somebody was not let in; sentences in the call's detail where AWS's have parts. */
extern const struct fault AWS_NO_TOKEN[1];   /* nobody claims to ask */
extern const struct fault AWS_INCOMPLETE[1]; /* the authorization lacks parts or cannot be read */
extern const struct fault AWS_SIGNATURE[1];  /* it does not hold */
extern const struct fault AWS_REPEATED[1];   /* it held, and the change was made with it already */
extern const struct fault
    AWS_NO_ACTION[1]; /* a form without Action, or without its service's Version */
extern const struct fault AWS_PRESIGNED[1]; /* verified, but no operation takes it presigned */

/* The service of X-Amz-Target, and in *operation what stands after its dot; NULL: none of ours.
 * Without that header, as the query protocol tells it (below). */
const struct aws_service *aws_service_of(const struct http_request *, struct bytes *operation);

/* The route of that name; NULL: it has none. */
const struct route *aws_route(const struct aws_service *, struct bytes name);

/* Of a request in the query protocol: *action is its Action, empty when there is none (or the body
 * has not come yet). The service is the one that has that action; when none has, the one of the
 * signature's scope, else STS. Never NULL. All that it reads of the body is the Action. */
const struct aws_service *aws_query_service_of(const struct http_request *, struct bytes *action);

/* The row that answers for a fault: the service's own reason, the door's, the service's class, the
 * door's class. `service` may be NULL. Never NULL. */
const struct fault_row *aws_fault_row(const struct aws_service *, const struct fault *);

/* After decoding, of who was let in: AWS_REPEATED for a change without ClientRequestToken that was
 * made with this signature a while ago (core/identity/seen.h). */
fallible aws_first_time(struct call *, const struct http_request *, const struct route *,
                        const void *in);

/* Who asks: SEMANTICS 1.2 steps 3 to 12 and SECURITY 7 (aws/auth.c). */
fallible aws_authenticate(struct call *, const struct http_request *, bool head_only);
