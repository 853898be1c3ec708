/* sts: the tables of AWS Security Token Service (2011-06-15, query protocol). */
#pragma once

#include "wire/protocol.h"

extern const struct route aws_sts_routes[];     /* in the order of their names; ended by {0} */
extern const struct fault_row aws_sts_faults[]; /* ended by {0} */
