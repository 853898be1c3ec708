/* tags: what a secret's tags may be, and how they change. */
#include "core/secrets/tags.h"
#include "core/secrets/policy.h"

#include "codec/text.h"
#include "core/perform.h"
#include "core/secrets/policy.h"

#include <string.h>

FAULT(SECRET_TAG_TWICE, FAULT_CALLER, "secret.tag_twice", "The tag {} is given twice.");
FAULT(SECRET_TAG_RESERVED, FAULT_CALLER, "secret.tag_reserved",
      "The tag {} is reserved: it begins with aws:.");
FAULT(SECRET_TAGS_FULL, FAULT_CALLER, "secret.tags_full",
      "The secret would have more tags than it may have.");

fallible tags_free(struct call *c, struct bytes key)
{
    const struct bytes reserved = LIT("aws:");

    if (key.n < reserved.n || !text_same_caseless((struct bytes){key.at, reserved.n}, reserved))
        return OK;
    return why(c, SECRET_TAG_RESERVED, key);
}

fallible tags_fit(struct call *c, struct pairs tags)
{
    ENSURE(tags.n <= secret_limit(c, LIMIT_TAGS), SECRET_TAGS_FULL);
    for (size_t i = 0; i < tags.n; i++) {
        TRY(tags_free(c, tags.at[i].name));
        for (size_t j = 0; j < i; j++)
            if (bytes_same(tags.at[i].name, tags.at[j].name))
                return why(c, SECRET_TAG_TWICE, tags.at[i].name);
    }
    return OK;
}

static void put(struct secret *secret, struct pair tag)
{
    size_t i = 0;

    while (i < secret->tag_count && !bytes_same(secret->tags[i].name, tag.name))
        i++;
    secret->tags[i] = tag;
    if (i == secret->tag_count)
        secret->tag_count++;
}

fallible tags_put(struct call *c, struct secret *secret, struct pairs tags)
{
    struct pair *room = arena_get(c->arena, (secret->tag_count + tags.n + 1) * sizeof *room);

    ENSURE(room != NULL, ARENA_SPENT);
    if (secret->tag_count != 0)
        memcpy(room, secret->tags, secret->tag_count * sizeof *room);
    secret->tags = room;
    for (size_t i = 0; i < tags.n; i++)
        put(secret, tags.at[i]);
    ENSURE(secret->tag_count <= secret_limit(c, LIMIT_TAGS), SECRET_TAGS_FULL);
    return OK;
}

bool tags_drop(struct secret *secret, struct bytes key)
{
    size_t kept = 0;
    const size_t had = secret->tag_count;

    for (size_t i = 0; i < had; i++)
        if (!bytes_same(secret->tags[i].name, key))
            secret->tags[kept++] = secret->tags[i];
    secret->tag_count = kept;
    return kept != had;
}

fallible tags_save(struct call *c, struct secret *secret, const char *action)
{
    struct resource after;

    TRY(secret_as_resource(c, secret, &after));
    TRY(also_allowed(c, action, &after));
    secret->changed = c->now;
    return secret_save(c, secret);
}
