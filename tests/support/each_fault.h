/* each_fault: run a case again with the 1st, 2nd, 3rd... fault point failing, until one run meets
 * none. The case must, each time, find the old state or the new one, never one between. */
#pragma once

#include <stdbool.h>

/* `once` runs the case and tells whether it succeeded; `check` looks at what is left behind and
 * asserts. Prints and returns how many points were walked. */
int each_fault(const char *name, bool (*once)(void *), void (*check)(void *, bool succeeded),
               void *ctx);
