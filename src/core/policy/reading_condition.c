/* reading_condition: {"StringLike": {"aws:PrincipalTag/team": ["a*", "b"]}, ...}: one condition for
 * each operator and key. */
#include "core/policy/reading.h"

enum { NAME_MOST = 128 };

/* A copy: the policy outlives its document. */
static fallible scalar(struct compiling *k, const struct json_value *value, struct bytes *text)
{
    switch (value->kind) {
    case JSON_IS_TEXT:
        return read_text(k, value->text, text);
    case JSON_IS_NUMBER:
        *text = arena_copy(k->arena, value->number);
        return text->at != NULL ? OK : ARENA_SPENT;
    case JSON_IS_BOOL:
        *text = value->yes ? LIT("true") : LIT("false");
        return OK;
    default:
        return no(k, POLICY_MALFORMED, "A condition's value is no text, number or truth.");
    }
}

static fallible take_value(struct compiling *k, const struct relation *relation, struct value *out)
{
    struct json_value value;
    struct bytes text = {0};

    TRY(json_value(&k->json, &value));
    TRY(scalar(k, &value, &text));
    switch (condition_value(relation, text, k->current, out)) {
    case READ_WELL:
        return OK;
    case READ_UNKNOWN:
        return no(k, POLICY_BEYOND,
                  "A policy variable is not known here, or has more than one value.");
    case READ_TORN:
        break;
    }
    return no(k, POLICY_MALFORMED, "A condition's value is not what its operator compares.");
}

static fallible take_values(struct compiling *k, struct condition *out)
{
    struct value *at;
    bool array;

    TRY(one_or_many(k, &array, &out->n));
    out->at = at = arena_get(k->arena, out->n * sizeof(struct value));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++) {
        TRY(take_step(k, array));
        TRY(take_value(k, &out->relation, &at[i]));
    }
    return take_step(k, array);
}

static fallible key(struct compiling *k, struct json_text name, struct condition *out)
{
    struct bytes text;

    TRY(read_text(k, name, &text));
    switch (policy_key_of(text, &out->key)) {
    case KEY_KNOWN:
        return OK;
    case KEY_UNKNOWN:
        return no(k, POLICY_BEYOND, "A condition key is not judged here, so it is not accepted.");
    case KEY_ILL_FORMED:
        break;
    }
    return no(k, POLICY_MALFORMED,
              "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
}

static bool key_stands_already(const struct condition *at, const struct condition *one)
{
    for (; at < one; at++)
        if (bytes_same(at->key.name, one->key.name))
            return true;
    return false;
}

static bool relation_stands_already(const struct statement *s, const struct relation *relation)
{
    for (size_t i = 0; i < s->condition_count; i++)
        if (relation_number(&s->conditions[i].relation) == relation_number(relation))
            return true;
    return false;
}

/* Room for as many more, behind those that are there. */
static fallible make_room(struct compiling *k, size_t n, struct statement *s,
                          struct condition **room)
{
    *room = arena_get(k->arena, (s->condition_count + n + 1) * sizeof **room);
    ENSURE(*room != NULL, ARENA_SPENT);
    for (size_t i = 0; i < s->condition_count; i++)
        (*room)[i] = s->conditions[i];
    s->conditions = *room;
    *room += s->condition_count;
    s->condition_count += n;
    return OK;
}

/* The keys under one operator. */
static fallible take_keys(struct compiling *k, const struct relation *relation, struct statement *s)
{
    struct condition *first;
    struct json_text name;
    bool there;
    size_t n;

    TRY(count_members(k->json, &n));
    TRY(make_room(k, n, s, &first));
    for (struct condition *one = first;; one++) {
        TRY(json_member(&k->json, &name, &there));
        if (!there)
            return OK;
        one->relation = *relation;
        TRY(key(k, name, one));
        if (key_stands_already(first, one))
            return no(k, POLICY_MALFORMED, "A condition stands twice in a statement.");
        TRY(take_values(k, one));
    }
}

static fallible object(struct compiling *k)
{
    struct json_value value;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "A Condition is no object of operators and keys.");
    return OK;
}

static fallible relation_named(struct compiling *k, struct json_text name, struct relation *out)
{
    struct bytes text;

    TRY(read_ascii(k, name, &text));
    if (text.n > NAME_MOST || !relation_of(text, out))
        return no(k, POLICY_MALFORMED, "A condition's operator is none of the policy language.");
    return OK;
}

fallible take_conditions(struct compiling *k, struct statement *s)
{
    struct relation relation;
    struct json_text name;
    bool there;

    TRY(object(k));
    for (;;) {
        TRY(json_member(&k->json, &name, &there));
        if (!there)
            return OK;
        TRY(relation_named(k, name, &relation));
        if (relation_stands_already(s, &relation))
            return no(k, POLICY_MALFORMED, "An operator stands twice in a Condition.");
        TRY(object(k));
        TRY(take_keys(k, &relation, s));
    }
}
