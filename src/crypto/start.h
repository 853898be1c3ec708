/* start: sets OpenSSL up once, for the whole process: our allocator below it, every algorithm
 * fetched. */
#pragma once

#include "base/fault.h"

extern const struct fault CRYPTO_BROKEN[1]; /* the library refused what it always gives */

/* Once, before the first call of anything in crypto/ or of OpenSSL's own, after sensitive_start,
 * while there is one thread. Again: does nothing. Without it the other calls answer
 * CRYPTO_BROKEN. */
fallible crypto_start(void);

/* Every thread has its own cipher contexts, in the keys region, made at its first use. They go when
 * the thread ends; the first thread, or one that wants them gone sooner (leak checks), calls
 * this. */
void crypto_forget_kept(void);
