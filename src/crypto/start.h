/* start: sets OpenSSL up once, for the whole process: our allocator below it, every algorithm
 * fetched. */
#pragma once

#include "base/fault.h"

#include <stdint.h>

extern const struct fault CRYPTO_BROKEN[1]; /* the library refused what it always gives */

/* Once, before the first call of anything in crypto/ or of OpenSSL's own, after sensitive_start,
 * while there is one thread. Again: does nothing. Without it the other calls answer
 * CRYPTO_BROKEN. */
fallible crypto_start(void);

/* Every thread has its own cipher contexts, in the keys region, made at its first use. They go when
 * the thread ends; the first thread, or one that wants them gone sooner (leak checks), calls
 * this. */
void crypto_forget_kept(void);

/* A room of each thread's own in the keys region, for a key on its way; OpenSSL's functions here do
 * not touch it. Whoever fills it wipes it before he returns. */
enum { CRYPTO_KEY_ROOM = 32 };
fallible crypto_key_room(uint8_t **room); /* CRYPTO_BROKEN */
void crypto_key_room_wipe(void);          /* after crypto_key_room on this thread */
