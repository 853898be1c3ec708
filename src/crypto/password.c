/* password: libargon2, with a floor and a ceiling round it. */
#include "crypto/password.h"

#include "base/faultpoint.h"
#include "crypto/start.h"

#include <argon2.h>

FAULT(PASSWORD_COST, FAULT_CALLER, "password.cost",
      "The passphrase's cost parameters lie outside what is safe.");
FAULT(PASSWORD_MEMORY, FAULT_AGAIN, "password.memory",
      "There is not enough memory to stretch the passphrase.");

const struct password_cost PASSWORD_USUAL[1] = {{.memory_kib = 256 << 10, .passes = 3, .lanes = 4}};

enum {
    KEY = 32,
    PHRASE_MOST = 4096,
    SALT_MOST = 64,
    MEMORY_MOST = 4 << 20,
    PASSES_MOST = 64,
    LANES_MOST = 16
};

static size_t salt_least = 16;
static struct password_cost floor_of_cost = {.memory_kib = 256 << 10, .passes = 3, .lanes = 1};

static bool fair(const struct password_cost *cost)
{
    return cost->memory_kib >= floor_of_cost.memory_kib && cost->memory_kib <= MEMORY_MOST &&
           cost->passes >= floor_of_cost.passes && cost->passes <= PASSES_MOST &&
           cost->lanes >= 1 && cost->lanes <= LANES_MOST && cost->memory_kib >= 8 * cost->lanes;
}

fallible password_stretch(struct arena *arena, struct sensitive_view passphrase, struct bytes salt,
                          const struct password_cost *cost, struct sensitive **key)
{
    int said;

    ENSURE(fair(cost), PASSWORD_COST);
    ENSURE(passphrase.n >= 1 && passphrase.n <= PHRASE_MOST, PASSWORD_COST);
    ENSURE(salt.n >= salt_least && salt.n <= SALT_MOST, PASSWORD_COST);
    TRY(sensitive_new_key(arena, KEY, key));
    ENSURE(!fault_point(), PASSWORD_MEMORY);
    said = argon2id_hash_raw(cost->passes, cost->memory_kib, cost->lanes, passphrase.at,
                             passphrase.n, salt.at, salt.n, sensitive_fill(*key), KEY);
    ENSURE(said != ARGON2_MEMORY_ALLOCATION_ERROR, PASSWORD_MEMORY);
    return said == ARGON2_OK ? OK : CRYPTO_BROKEN;
}

void password_floor_for_tests(uint32_t memory_kib, uint32_t passes)
{
    floor_of_cost = (struct password_cost){.memory_kib = memory_kib, .passes = passes, .lanes = 1};
    salt_least = 8;
}
