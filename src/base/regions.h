/* regions: the two that sensitive_start maps. Only base/sensitive.c and base/inside.c include
 * this. */
#pragma once

#include "base/region.h"

extern struct region region_keys, region_values;
