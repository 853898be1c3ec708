/* quirks: what AWS does and no table says. The length of quirks.c is a number that we publish. */
#pragma once

#include "wire/aws/service.h"

/* What net/ refused before there was a request has HTTP's own statuses, for which AWS's tables have
 * no row. */
uint16_t aws_status(const struct fault_row *, const struct fault *);
struct bytes aws_code(const struct fault_row *, const struct fault *);

/* Of all operations one is taken with its signature in the query: who holds such an address can
 * prove who he is, and do nothing else (SECURITY 22). */
bool aws_takes_presigned(const struct aws_service *, struct bytes operation);
