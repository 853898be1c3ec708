/* stages: the algorithm of SEMANTICS 5.3. */
#include "core/secrets/stages.h"

#include <string.h>

FAULT(SECRET_STAGES_FULL, FAULT_LIMIT, "secret.stages_full",
      "A version has at most 20 staging labels.");

struct version *version_find(const struct secret *secret, struct bytes id)
{
    for (size_t i = 0; i < secret->version_count; i++)
        if (bytes_same(secret->versions[i].id, id))
            return &secret->versions[i];
    return NULL;
}

bool version_has(const struct version *version, struct bytes stage)
{
    for (size_t i = 0; i < version->stage_count; i++)
        if (bytes_same(version->stages[i], stage))
            return true;
    return false;
}

struct version *version_labelled(const struct secret *secret, struct bytes stage)
{
    for (size_t i = 0; i < secret->version_count; i++)
        if (version_has(&secret->versions[i], stage))
            return &secret->versions[i];
    return NULL;
}

static void take_off(struct version *version, struct bytes stage)
{
    size_t kept = 0;

    for (size_t i = 0; i < version->stage_count; i++)
        if (!bytes_same(version->stages[i], stage))
            version->stages[kept++] = version->stages[i];
    version->stage_count = kept;
}

static fallible put_on(struct arena *arena, struct version *version, struct bytes stage)
{
    const size_t n = version->stage_count;
    struct bytes *more = arena_get(arena, (n + 1) * sizeof(struct bytes));

    ENSURE(more != NULL, ARENA_SPENT);
    if (n != 0)
        memcpy(more, version->stages, n * sizeof(struct bytes));
    more[n] = stage;
    version->stages = more;
    version->stage_count = n + 1;
    return OK;
}

fallible stage_move(struct arena *arena, struct secret *secret, struct bytes stage,
                    struct version *to)
{
    struct version *from = version_labelled(secret, stage);

    if (from == to)
        return OK;
    if (from != NULL)
        take_off(from, stage);
    if (to != NULL)
        TRY(put_on(arena, to, stage));
    if (from != NULL && to != NULL && bytes_same(stage, AWSCURRENT))
        return stage_move(arena, secret, AWSPREVIOUS, from);
    return OK;
}

fallible stages_give(struct arena *arena, struct secret *secret, struct texts stages,
                     struct version *to, size_t most)
{
    for (size_t i = 0; i < stages.n; i++)
        TRY(stage_move(arena, secret, stages.at[i], to));
    if (secret->version_count == 1)
        TRY(stage_move(arena, secret, AWSCURRENT, to));
    ENSURE(to->stage_count <= most, SECRET_STAGES_FULL);
    return OK;
}
