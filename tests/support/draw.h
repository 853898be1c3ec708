/* draw: chance for tests that walk at random. One seed makes one walk: it is printed, and given as
 * the test's argument it repeats the walk. */
#pragma once

#include <stdint.h>

/* Begins the walk of this seed: the first argument, or else one of the moment. Prints it. */
void draw_begin(int argc, char **argv, const char *test);

void draw_again(void);              /* from the seed on once more */
unsigned draw(unsigned below);      /* 0 to below - 1 */
unsigned long long draw_seed(void); /* for the message of a failure */
