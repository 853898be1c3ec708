/* must: what a fuzz target may rely on; else it dies, which is what the fuzzer looks for. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#define MUST(condition)   \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);
