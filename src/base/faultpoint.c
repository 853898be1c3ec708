/* faultpoint: the countdown of the thread that a test armed. */
#include "base/faultpoint.h"

_Thread_local int64_t fault_point_left;

bool fault_point_passed(void)
{
    return --fault_point_left == 0;
}

void fault_point_arm(int64_t nth)
{
    fault_point_left = nth;
}
