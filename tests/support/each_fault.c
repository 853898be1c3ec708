/* each_fault: the loop over the fault points. */
#include "support/each_fault.h"

#include "base/faultpoint.h"

#include <stdio.h>

enum { TOO_MANY = 100000 };

int each_fault(const char *name, bool (*once)(void *), void (*check)(void *, bool succeeded),
               void *ctx)
{
    int points = 0;
    bool reached = true;

    while (reached && points < TOO_MANY) {
        bool succeeded;

        fault_point_arm(points + 1);
        succeeded = once(ctx);
        reached = fault_point_left <= 0; /* the countdown came to its end: the point was met */
        fault_point_arm(0);
        check(ctx, succeeded);
        points += reached;
    }
    printf("EACH_FAULT %s: %d points walked\n", name, points);
    return points;
}
