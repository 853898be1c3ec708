/* usertags: lists short enough to be walked. */
#include "core/identity/usertags.h"

#include "codec/text.h"

#include <string.h>

FAULT(USER_TAG, FAULT_CALLER, "user.tag",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
FAULT(USER_TAGS_LIMIT, FAULT_LIMIT, "user.tags_limit", "A user has at most fifty tags.");

static bool reserved(struct bytes key)
{
    const struct bytes prefix = LIT("aws:");

    return key.n >= prefix.n && text_same_caseless((struct bytes){key.at, prefix.n}, prefix);
}

fallible user_tags_fit(struct call *c, struct pairs tags)
{
    for (size_t i = 0; i < tags.n; i++) {
        if (reserved(tags.at[i].name))
            return why_said(
                c, USER_TAG,
                LIT("One of the tag keys begins with aws:, which is reserved for internal use."));
        for (size_t j = 0; j < i; j++)
            ENSURE(!text_same_caseless(tags.at[i].name, tags.at[j].name), USER_TAG);
    }
    return OK;
}

static struct pair *find(struct pair *tags, size_t n, struct bytes key)
{
    for (size_t i = 0; i < n; i++)
        if (text_same_caseless(tags[i].name, key))
            return &tags[i];
    return NULL;
}

fallible user_tags_put(struct call *c, struct user *user, struct pairs tags)
{
    struct pair *all = arena_get(c->arena, (user->tags.n + tags.n + 1) * sizeof *all);
    size_t n = user->tags.n;

    ENSURE(all != NULL, ARENA_SPENT);
    TRY(user_tags_fit(c, tags));
    if (n != 0)
        memcpy(all, user->tags.at, n * sizeof *all);
    for (size_t i = 0; i < tags.n; i++) {
        struct pair *old = find(all, n, tags.at[i].name);

        if (old == NULL)
            old = &all[n++];
        *old = tags.at[i];
    }
    ENSURE(n <= USER_TAGS_MOST, USER_TAGS_LIMIT);
    user->tags = (struct pairs){all, n};
    return OK;
}

bool user_tags_have(struct pairs tags, struct bytes key)
{
    for (size_t i = 0; i < tags.n; i++)
        if (text_same_caseless(tags.at[i].name, key))
            return true;
    return false;
}

static bool named(struct texts keys, struct bytes key)
{
    for (size_t i = 0; i < keys.n; i++)
        if (text_same_caseless(keys.at[i], key))
            return true;
    return false;
}

fallible user_tags_drop(struct call *c, struct user *user, struct texts keys)
{
    struct pair *kept = arena_get(c->arena, (user->tags.n + 1) * sizeof *kept);
    size_t n = 0;

    ENSURE(kept != NULL, ARENA_SPENT);
    for (size_t i = 0; i < user->tags.n; i++)
        if (!named(keys, user->tags.at[i].name))
            kept[n++] = user->tags.at[i];
    user->tags = (struct pairs){kept, n};
    return OK;
}
