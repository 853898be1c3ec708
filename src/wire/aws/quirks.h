/* quirks: what AWS does and no table says. The length of quirks.c is a number that we publish. */
#pragma once

#include "wire/protocol.h"

/* What net/ refused before there was a request has HTTP's own statuses, for which AWS's tables have
 * no row. */
uint16_t aws_status(const struct fault_row *, const struct fault *);
struct bytes aws_code(const struct fault_row *, const struct fault *);
