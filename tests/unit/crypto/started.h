/* started: what the crypto tests stand on: the library started, and an arena for each test. */
#pragma once

#include "support/test.h"

#include "base/sensitive.h"
#include "crypto/start.h"

static struct arena *arena;

static inline int set_up(void **state)
{
    (void)state;
    assert_ok(sensitive_start(NULL));
    assert_ok(crypto_start());
    arena = arena_open(64 << 20);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    arena_forget_kept();
    crypto_forget_kept();
    return 0;
}

/* A vector's key: public bytes, seen as if they were hidden. */
static inline struct sensitive_view hidden(struct bytes b)
{
    return (struct sensitive_view){b.at, b.n};
}
