/* reading: texts, lists and patterns of a document. */
#include "core/policy/reading.h"

#include "codec/text.h"
#include "core/policy/variable.h"

#include <string.h>

const struct pattern pattern_of_all[1] = {
    {.form = PATTERN_PREFIX, .text = {(const uint8_t *)"*", 1}}};

fallible no(struct compiling *k, const struct fault *fault, const char *reason)
{
    k->reason = bytes_of(reason);
    return fault;
}

static bool printable(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e)
            return false;
    return true;
}

/* Tags may hold any script; no control: of these some stand for something in a pattern. */
static bool plain(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.at[i] < 0x20 || text.at[i] == 0x7f)
            return false;
    return true;
}

fallible read_text(struct compiling *k, struct json_text found, struct bytes *out)
{
    uint8_t *to = arena_get(k->arena, found.raw.n + 1);

    ENSURE(to != NULL, ARENA_SPENT);
    json_unescape(found, to);
    *out = (struct bytes){to, json_unescaped_size(found)};
    if (!plain(*out))
        return no(k, POLICY_MALFORMED, "A text holds a control character.");
    return OK;
}

fallible read_ascii(struct compiling *k, struct json_text found, struct bytes *out)
{
    TRY(read_text(k, found, out));
    if (!printable(*out))
        return no(k, POLICY_MALFORMED, "A text holds a character that is not printable ASCII.");
    return OK;
}

fallible take_ascii(struct compiling *k, struct bytes *out)
{
    struct json_value value;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_TEXT)
        return no(k, POLICY_MALFORMED, "An element that has to be a text is none.");
    return read_ascii(k, value.text, out);
}

/* --- one pattern --- */

static bool service_name(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= '0' && text.at[i] <= '9') || text.at[i] == '-'))
            return false;
    return text.n != 0;
}

static bool action_name(struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.at[i] >= 'a' && text.at[i] <= 'z') ||
              (text.at[i] >= '0' && text.at[i] <= '9') || text.at[i] == '*' || text.at[i] == '?'))
            return false;
    return text.n != 0;
}

static bool well_formed_action(struct bytes lower)
{
    struct bytes service;

    if (bytes_same(lower, LIT("*")))
        return true;
    return bytes_cut(&lower, ':', &service) &&
           (service_name(service) || bytes_same(service, LIT("*"))) && action_name(lower);
}

static fallible action_pattern(struct compiling *k, struct bytes text, struct pattern *out)
{
    uint8_t *lower = arena_get(k->arena, text.n + 1);

    ENSURE(lower != NULL, ARENA_SPENT);
    for (size_t i = 0; i < text.n; i++)
        lower[i] = text_lower(text.at[i]);
    text.at = lower;
    if (!bytes_same(text, LIT("*")) && memchr(text.at, ':', text.n) == NULL)
        return no(k, POLICY_MALFORMED,
                  "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (!well_formed_action(text))
        return no(k, POLICY_MALFORMED, "An action is not * or service:Name.");
    if (!pattern_of_action(text, out))
        return no(k, POLICY_MALFORMED,
                  "An action's pattern is too long or has too many wildcards.");
    return OK;
}

/* "*", or an ARN: six parts, or fewer when a `*` at the end of one stands for what is missing. No
 * wildcard in the service. */
static bool well_formed_resource(struct bytes text)
{
    bool open = bytes_ends(text, LIT("*"));
    struct bytes part;
    size_t parts = 1;

    if (bytes_same(text, LIT("*")))
        return true;
    if (!bytes_begins(text, LIT("arn:")))
        return false;
    for (; bytes_cut(&text, ':', &part); parts++) {
        if (parts == 3 && !service_name(part))
            return false;
        open = open || bytes_ends(part, LIT("*"));
    }
    return parts >= 6 || (open && (parts != 3 || bytes_same(text, LIT("*"))));
}

/* A variable may stand behind the fifth colon alone: what comes before is not to be chosen by who
 * asks. */
static bool variables_behind(struct bytes text)
{
    struct bytes rest = text, part;

    for (int i = 0; i < 5; i++)
        if (!bytes_cut(&rest, ':', &part) || variables_in(part))
            return false;
    return true;
}

static fallible variables_known(struct compiling *k, struct bytes text)
{
    switch (variables_fit(text)) {
    case VARIABLES_FIT:
        return OK;
    case VARIABLES_UNKNOWN:
        return no(k, POLICY_BEYOND,
                  "A policy variable is not known here, or has more than one value.");
    case VARIABLES_TORN:
        break;
    }
    return no(k, POLICY_MALFORMED, "A policy variable is not ${key} or ${key, 'default'}.");
}

static fallible resource_pattern(struct compiling *k, struct bytes text, struct pattern *out)
{
    const bool open = k->current && variables_in(text);

    if (!well_formed_resource(text))
        return no(k, POLICY_MALFORMED, "A resource is not * or an ARN.");
    if (open && !variables_behind(text))
        return no(k, POLICY_MALFORMED,
                  "A policy variable stands in front of an ARN's resource part.");
    if (open)
        TRY(variables_known(k, text));
    if (!pattern_of_resource(text, open, out))
        return no(k, POLICY_MALFORMED,
                  "A resource's pattern is too long or has too many wildcards.");
    return OK;
}

/* --- one text or many --- */

static fallible take_pattern(struct compiling *k, bool resource, struct pattern *out)
{
    struct bytes text;

    TRY(take_ascii(k, &text));
    return resource ? resource_pattern(k, text, out) : action_pattern(k, text, out);
}

/* How many values the array or the rest of it holds; read ahead with a copy of the reader. */
static fallible count_ahead(struct json ahead, size_t *n)
{
    bool there;

    for (*n = 0;; ++*n) {
        TRY(json_element(&ahead, &there));
        if (!there)
            return OK;
        TRY(json_skip(&ahead, NULL));
    }
}

fallible count_members(struct json ahead, size_t *n)
{
    struct json_text name;
    bool there;

    for (*n = 0;; ++*n) {
        TRY(json_member(&ahead, &name, &there));
        if (!there)
            return OK;
        TRY(json_skip(&ahead, NULL));
    }
}

/* A single value may stand for an array of one. *array: its opening has been taken. */
fallible one_or_many(struct compiling *k, bool *array, size_t *n)
{
    struct json ahead = k->json;
    struct json_value value;

    TRY(json_value(&ahead, &value));
    *array = value.kind == JSON_IS_ARRAY;
    *n = 1;
    if (*array) {
        k->json = ahead;
        TRY(count_ahead(ahead, n));
    }
    return *n != 0 ? OK : no(k, POLICY_MALFORMED, "A list is empty.");
}

/* To the next element, or past the last one. */
fallible take_step(struct compiling *k, bool array)
{
    bool there;

    if (array)
        TRY(json_element(&k->json, &there));
    return OK;
}

fallible take_patterns(struct compiling *k, bool resource, bool except, struct patterns *out)
{
    struct pattern *at;
    bool array;
    size_t n;

    if (out->at != NULL)
        return no(k, POLICY_MALFORMED,
                  "An element and its Not- form stand in one statement, or one stands twice.");
    TRY(one_or_many(k, &array, &n));
    at = arena_get(k->arena, n * sizeof(struct pattern));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        TRY(take_step(k, array));
        TRY(take_pattern(k, resource, &at[i]));
    }
    *out = (struct patterns){.at = at, .n = n, .except = except};
    return take_step(k, array);
}
