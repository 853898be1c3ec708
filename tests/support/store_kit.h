/* store_kit: a store in a scratch folder with one reader and one arena, and the few steps that
 * every test of a store takes. Keys and values are NUL-ended texts. */
#pragma once

#include "store/drive.h"
#include "support/scratch.h"

struct kit {
    char where[SCRATCH_PATH];
    const struct engine *engine;
    struct engine_settings settings;
    struct store *store;
    struct reader *reader;
    struct arena *arena;
};

enum { KIT_ARENA = 64 << 20, KIT_MAP = 64 << 20 };

void kit_open(struct kit *, const struct engine *, size_t map_bytes); /* 0: KIT_MAP */
void kit_reopen(struct kit *); /* without a clean end of the folder */
void kit_close(struct kit *);

struct txn *kit_begin(struct kit *); /* on the kit's reader, in its arena */
struct batch *kit_batch(struct kit *);
const struct fault *kit_commit(struct kit *, struct batch *); /* alone; its outcome */
struct batch *kit_packed(struct kit *, struct txn *);

const struct fault *kit_put(struct kit *, const char *key, const char *value); /* unguarded */
const struct fault *kit_drop(struct kit *, const char *key);
struct bytes kit_get(struct kit *, const char *key); /* at == NULL: absent; in the arena */
