/* faultpoint: places that tests can make fail. EACH_FAULT runs a case again and again with the 1st,
 * 2nd, 3rd... of them failing. Unarmed (always, in production) a point costs one thread-local
 * look. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

extern _Thread_local int64_t fault_point_left; /* 0: not armed */

bool fault_point_passed(void); /* counts down; true when this one shall fail */

static inline bool fault_point(void)
{
    return __builtin_expect(fault_point_left != 0, 0) && fault_point_passed();
}

/* The nth point from here fails (once); 0 disarms. For tests. */
void fault_point_arm(int64_t nth);
