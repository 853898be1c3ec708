/* sealed: bytes of anybody's making, offered to every opener of the keeper and of crypto/. None may
 * open: what does is a forgery. */
#include "crypto/aead.h"
#include "crypto/start.h"
#include "keeper/local.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct keeper *keeper;
static struct wrapped key;
static struct arena *arena;
static uint8_t root[KEEPER_ROOT] = "root that no corpus was made by";

static void demand(bool held)
{
    if (!held)
        abort();
}

static void begin(void)
{
    const struct keeper_root one = {1, {root, sizeof(root)}};
    const struct key_identity is = {LIT("123456789012"), LIT("k"), 1, KEY_AES_256,
                                    KEY_FOR_CUSTOMER};

    demand(sensitive_start(NULL) == OK && crypto_start() == OK);
    arena = arena_open(4 << 20);
    demand(arena != NULL && keeper_local(&one, 1, &keeper) == OK);
    demand(keeper_make(keeper, arena, &is, &key) == OK);
}

static void offer(struct bytes first, struct bytes second)
{
    const struct bound *place = BOUND(FOR_VALUE, LIT("x"));
    const struct sealed_value value = {first, second};
    struct wrapped lie = {key.is, first}, out;
    struct sensitive *plain;
    struct bytes opened;
    uint32_t generation;

    demand(keeper_rewrap(keeper, arena, &lie, &out) != OK);
    demand(keeper_value_open(keeper, arena, &key, place, &value, &plain) != OK);
    demand(keeper_open(keeper, arena, &key, BOUND(FOR_KMS, LIT("x")), first, &plain) != OK);
    demand(aead_open(arena, (struct sensitive_view){root, sizeof(root)}, place, second, &plain) !=
           OK);
    demand(aead_open_plain(arena, (struct sensitive_view){root, sizeof(root)}, place, first,
                           &opened) != OK);
    (void)keeper_blob_generation(second, &generation);
}

/* The first byte says where the rest is cut in two. */
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    struct bytes rest = bytes_after((struct bytes){at, n}, 1), first;
    struct arena_mark mark;

    if (keeper == NULL)
        begin();
    mark = arena_mark(arena);
    if (n >= 1 && bytes_take(&rest, at[0] < rest.n ? at[0] : rest.n, &first))
        offer(first, rest);
    arena_rewind(arena, mark);
    return 0;
}
