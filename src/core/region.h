/* region: which regions there are, and the partition of each. */
#pragma once

#include "core/worker.h"

/* Served: one of the house's; where it lists none (coffer dev), any that is written like a
 * region. */
bool region_served(const struct house *, struct bytes region);

/* ^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$ */
bool region_formed(struct bytes region);

/* "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"...: by how the region's name begins. */
struct bytes region_partition(struct bytes region);

/* The region that signs for a service that has none: the first of the house's own partition:
 * "us-east-1", "cn-north-1"... */
bool region_is_first(const struct house *, struct bytes region);
