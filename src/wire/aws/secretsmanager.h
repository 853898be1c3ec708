/* secretsmanager: the tables of AWS Secrets Manager (2017-10-17, JSON 1.1). */
#pragma once

#include "wire/protocol.h"

extern const struct route
    aws_secretsmanager_routes[]; /* in the order of their names; ended by {0} */
extern const struct fault_row aws_secretsmanager_faults[]; /* ended by {0} */
