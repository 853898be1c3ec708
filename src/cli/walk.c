/* walk: the strict reader, for those who stop at the first oddity. */
#include "cli/walk.h"

struct walk walk_open(struct bytes whole)
{
    struct walk walk = {.json = json_open(whole)};
    struct json_value value;

    walk.there = json_value(&walk.json, &value) == OK &&
                 (value.kind == JSON_IS_OBJECT || value.kind == JSON_IS_ARRAY);
    return walk;
}

bool walk_element(struct walk *walk, struct bytes *element)
{
    walk->there = walk->there && json_element(&walk->json, &walk->there) == OK && walk->there &&
                  json_skip(&walk->json, element) == OK;
    return walk->there;
}

bool walk_member(struct walk *walk, struct json_text *name, struct bytes *value)
{
    walk->there = walk->there && json_member(&walk->json, name, &walk->there) == OK &&
                  walk->there && json_skip(&walk->json, value) == OK;
    return walk->there;
}

static bool is_object(struct bytes whole)
{
    for (size_t i = 0; i < whole.n; i++)
        if (whole.at[i] > ' ')
            return whole.at[i] == '{';
    return false;
}

bool walk_find(struct bytes object, struct bytes name, struct bytes *value)
{
    struct walk walk = walk_open(is_object(object) ? object : LIT(""));
    struct json_text at;

    while (walk_member(&walk, &at, value)) {
        if (json_text_is(at, name))
            return true;
    }
    return false;
}

struct walk walk_list(struct bytes object, struct bytes name)
{
    struct bytes list;

    return walk_open(walk_find(object, name, &list) && !is_object(list) ? list : LIT(""));
}

struct bytes walk_name(struct arena *arena, struct json_text text)
{
    uint8_t *to = text.escaped ? arena_get(arena, json_unescaped_size(text) + 1) : NULL;

    if (to == NULL)
        return text.raw;
    json_unescape(text, to);
    return (struct bytes){to, json_unescaped_size(text)};
}

struct bytes walk_text(struct arena *arena, struct bytes value)
{
    struct json json = json_open(value);
    struct json_value read;

    if (json_value(&json, &read) != OK || read.kind == JSON_IS_NULL)
        return LIT("");
    return read.kind == JSON_IS_TEXT ? walk_name(arena, read.text) : value;
}

struct bytes walk_find_text(struct arena *arena, struct bytes object, struct bytes name)
{
    struct bytes value;

    return walk_find(object, name, &value) ? walk_text(arena, value) : (struct bytes){0};
}

bool walk_hidden(struct bytes object, struct bytes name, struct sensitive_view *out)
{
    struct json_value value;
    struct bytes whole;
    struct json json;

    if (!walk_find(object, name, &whole))
        return false;
    json = json_open(whole);
    if (json_value(&json, &value) != OK || value.kind != JSON_IS_TEXT)
        return false;
    *out = (struct sensitive_view){value.text.raw.at, json_unescaped_size(value.text)};
    json_unescape(value.text, (uint8_t *)(uintptr_t)value.text.raw.at);
    return true;
}
