/* micro: CPU time of the calls that every request makes of base/, crypto/ and keeper/. Prints
 * nanoseconds. */
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "crypto/start.h"
#include "keeper/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ACCOUNT LIT("123456789012")
#define PLACE                                                          \
    BOUND(FOR_VALUE, ACCOUNT, LIT("eu-west-1"), LIT("prod/db-AbCdEf"), \
          LIT("0123456789abcdef0123456789abcdef"))

/* What the measured calls work on. */
struct bench {
    struct arena *arena;
    struct keeper *keeper;
    struct wrapped key;
    struct sealed_value value;
    struct bytes sealed;
    struct sensitive *prepared;
    struct sensitive_view root, plain;
};

static void must(const struct fault *why)
{
    if (why == OK)
        return;
    fprintf(stderr, "micro: %s\n", why->text);
    exit(1);
}

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const char *name, void (*call)(struct bench *), struct bench *b)
{
    struct arena_mark mark = arena_mark(b->arena);
    enum { TIMES = 100000, ROUNDS = 5 };
    double best = 1e18;

    for (int round = 0; round < ROUNDS; round++) {
        double from = cpu_ns(), took;

        for (int i = 0; i < TIMES; i++) {
            call(b);
            arena_rewind(b->arena, mark);
        }
        took = (cpu_ns() - from) / TIMES;
        best = took < best ? took : best;
    }
    printf("%-28s %8.0f ns\n", name, best);
}

static void take_value(struct bench *b)
{
    struct sensitive *out;

    must(sensitive_new(b->arena, 400, &out));
}

static void digest_400(struct bench *b)
{
    uint8_t out[DIGEST_SIZE];

    digest_sha256((struct bytes){b->plain.at, b->plain.n}, out);
}

static void mac_100(struct bench *b)
{
    uint8_t out[DIGEST_SIZE];

    mac_sha256(b->root, (struct bytes){b->plain.at, 100}, out);
}

static void mac_100_prepared(struct bench *b)
{
    uint8_t out[DIGEST_SIZE];
    struct mac mac;

    mac_begin_prepared(&mac, b->prepared);
    mac_more(&mac, (struct bytes){b->plain.at, 100});
    mac_end(&mac, out);
}

static void seal_400(struct bench *b)
{
    must(aead_seal(b->arena, b->root, PLACE, b->plain, &b->sealed));
}

static void open_400(struct bench *b)
{
    struct sensitive *out;

    must(aead_open(b->arena, b->root, PLACE, b->sealed, &out));
}

static void value_seal_400(struct bench *b)
{
    struct sealed_value out;

    must(keeper_value_seal(b->keeper, b->arena, &b->key, PLACE, b->plain, &out));
}

static void value_open_400(struct bench *b)
{
    struct sensitive *out;

    must(keeper_value_open(b->keeper, b->arena, &b->key, PLACE, &b->value, &out));
}

static void set_up(struct bench *b)
{
    static const uint8_t root[KEEPER_ROOT] = {1, 2, 3}, plain[400] = {4, 5, 6};
    const struct key_identity is = {ACCOUNT, LIT("account"), 1, KEY_AES_256, KEY_FOR_VALUES};
    const struct keeper_root one = {1, {root, sizeof(root)}};

    must(sensitive_start(NULL));
    must(crypto_start());
    b->arena = arena_open(1 << 20);
    b->root = one.key;
    b->plain = (struct sensitive_view){plain, sizeof(plain)};
    must(keeper_local(&one, 1, &b->keeper));
    must(keeper_make(b->keeper, b->arena, &is, &b->key));
    must(keeper_value_seal(b->keeper, b->arena, &b->key, PLACE, b->plain, &b->value));
    must(aead_seal(b->arena, b->root, PLACE, b->plain, &b->sealed));
    must(mac_prepare(b->arena, b->root, &b->prepared));
}

int main(void)
{
    struct bench b = {0};
    struct bytes sealed;

    set_up(&b);
    sealed = b.sealed;
    printf("sensitive memory: %s\n", sensitive_form());
    measure("sensitive take and give", take_value, &b);
    measure("sha-256 of 400", digest_400, &b);
    measure("hmac of 100", mac_100, &b);
    measure("hmac of 100, prepared", mac_100_prepared, &b);
    measure("xaes seal of 400", seal_400, &b);
    b.sealed = sealed; /* the measured one's result went with its arena */
    measure("xaes open of 400", open_400, &b);
    measure("keeper value_seal of 400", value_seal_400, &b);
    measure("keeper value_open of 400", value_open_400, &b);
    keeper_close(b.keeper);
    arena_close(b.arena);
    return 0;
}
