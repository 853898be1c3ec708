/* faulty: an engine that wraps another and fails, tears or delays the n-th call of one kind. */
#pragma once

#include "store/engine.h"

enum faulty_call { FAULTY_LOOK, FAULTY_GET, FAULTY_SCAN, FAULTY_COMMIT, FAULTY_CALLS };
enum faulty_way {
    FAULTY_FAILS,  /* the fault, nothing done */
    FAULTY_TEARS,  /* done, but the answer is the fault: as when it got lost on the way */
    FAULTY_DELAYS, /* done, two milliseconds late */
};

/* The wrapper of one inner engine at a time: of the process, not of a store. */
const struct engine *faulty_engine(const struct engine *inner);

/* From now on the nth call (1: the next) of this kind goes wrong, once; nth 0: none does. */
void faulty_plan(enum faulty_call, enum faulty_way, int nth, const struct fault *);
