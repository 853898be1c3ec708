/* draw: xorshift64. */
#include "support/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t seed, state;

void draw_begin(int argc, char **argv, const char *test)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    printf("%s: seed %llu\n", test, (unsigned long long)seed);
    (void)fflush(stdout);
    draw_again();
}

void draw_again(void)
{
    state = seed | 1;
}

unsigned draw(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 16) % below);
}

unsigned long long draw_seed(void)
{
    return seed;
}
