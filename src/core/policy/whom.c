/* whom: whom a thing's policy lets in. */
#include "core/policy/inside.h"

static bool confined(const struct statement *statement)
{
    for (size_t i = 0; i < statement->condition_count; i++)
        if (condition_confines(&statement->conditions[i]))
            return true;
    return false;
}

bool policy_is_public(const struct policy *policy)
{
    for (size_t i = 0; i < policy->n; i++)
        if (!policy->at[i].deny && policy->at[i].principals.everyone && !confined(&policy->at[i]))
            return true;
    return false;
}

struct invited {
    struct bytes *at;
    size_t n;
};

static void add(struct invited *invited, struct bytes id)
{
    for (size_t i = 0; i < invited->n; i++)
        if (bytes_same(invited->at[i], id))
            return;
    invited->at[invited->n++] = id;
}

static void add_all(struct invited *invited, const struct principals *principals)
{
    if (principals->everyone)
        add(invited, LIT("*"));
    for (size_t i = 0; i < principals->n && !principals->everyone; i++)
        add(invited, principals->at[i]);
}

static size_t at_most(const struct policy *policy)
{
    size_t n = 0;

    for (size_t i = 0; i < policy->n; i++)
        n += policy->at[i].principals.n + 1;
    return n;
}

fallible policy_invited(struct arena *arena, const struct policy *policy, const struct bytes **ids,
                        size_t *n)
{
    struct invited invited = {.at = arena_get(arena, (at_most(policy) + 1) * sizeof(struct bytes))};

    ENSURE(invited.at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < policy->n; i++)
        if (!policy->at[i].deny)
            add_all(&invited, &policy->at[i].principals);
    *ids = invited.at;
    *n = invited.n;
    return OK;
}
