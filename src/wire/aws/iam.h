/* iam: the tables of AWS Identity and Access Management (2010-05-08, query protocol). */
#pragma once

#include "wire/protocol.h"

extern const struct route aws_iam_routes[];     /* in the order of their names; ended by {0} */
extern const struct fault_row aws_iam_faults[]; /* ended by {0} */
