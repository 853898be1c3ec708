/* compile: a policy's JSON into statements. Whatever is not judged is refused, never skipped: an
 * element that a reader passes over turns a condition into a permission (SECURITY 1). Read by
 * codec/json, which shows duplicate names and takes its memory from the arena. */
#include "codec/json.h"
#include "codec/text.h"
#include "core/policy/inside.h"

#include <stdio.h>
#include <string.h>

FAULT(POLICY_MALFORMED, FAULT_CALLER, "policy.malformed",
      "The policy is not written in the policy language.");
FAULT(POLICY_BEYOND, FAULT_CALLER, "policy.beyond",
      "The policy uses an element that is not judged yet.");
FAULT(POLICY_PRINCIPAL, FAULT_CALLER, "policy.principal",
      "The policy names a principal that does not exist.");
FAULT(POLICY_SERVICE, FAULT_CALLER, "policy.service",
      "The policy names a service as its principal.");

enum {
    POLICY_CHARACTERS = 6144,
    POLICY_BYTES = 64 * 1024,
    POLICY_THING_BYTES = 4 * POLICY_THING_CHARACTERS,
    LABEL = 24
};

struct compiling {
    struct arena *arena;
    struct json json;
    const struct policy_whom *whom; /* NULL: a principal's own policy, which names nobody */
    struct bytes reason;
    bool current;   /* Version 2012-10-17: texts may hold variables */
    bool variables; /* one of them looks as if it did */
};

static fallible no(struct compiling *k, const struct fault *fault, const char *reason)
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

static bool holds(struct bytes text, struct bytes part)
{
    return memmem(text.at, text.n, part.at, part.n) != NULL;
}

static fallible text_of(struct compiling *k, struct json_text found, struct bytes *out)
{
    uint8_t *to = arena_get(k->arena, found.raw.n + 1);

    ENSURE(to != NULL, ARENA_SPENT);
    json_unescape(found, to);
    *out = (struct bytes){to, json_unescaped_size(found)};
    if (!printable(*out))
        return no(k, POLICY_MALFORMED, "A text holds a character that is not printable ASCII.");
    return OK;
}

static fallible take_text(struct compiling *k, struct bytes *out)
{
    struct json_value value;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_TEXT)
        return no(k, POLICY_MALFORMED, "An element that has to be a text is none.");
    return text_of(k, value.text, out);
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

static fallible resource_pattern(struct compiling *k, struct bytes text, struct pattern *out)
{
    k->variables = k->variables || holds(text, LIT("${"));
    if (!well_formed_resource(text))
        return no(k, POLICY_MALFORMED, "A resource is not * or an ARN.");
    if (!pattern_of_resource(text, out))
        return no(k, POLICY_MALFORMED,
                  "A resource's pattern is too long or has too many wildcards.");
    return OK;
}

/* --- one text or many --- */

static fallible take_pattern(struct compiling *k, bool resource, struct pattern *out)
{
    struct bytes text;

    TRY(take_text(k, &text));
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

/* A single value may stand for an array of one. *array: its opening has been taken. */
static fallible one_or_many(struct compiling *k, bool *array, size_t *n)
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
static fallible step(struct compiling *k, bool array)
{
    bool there;

    if (array)
        TRY(json_element(&k->json, &there));
    return OK;
}

static fallible take_patterns(struct compiling *k, bool resource, bool except, struct patterns *out)
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
        TRY(step(k, array));
        TRY(take_pattern(k, resource, &at[i]));
    }
    *out = (struct patterns){.at = at, .n = n, .except = except};
    return step(k, array);
}

/* --- whom a statement of a thing's policy speaks of --- */

static fallible take_whom(struct compiling *k, struct principals *out, struct bytes *id)
{
    struct json_value value;
    struct bytes named;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_TEXT)
        return no(k, POLICY_MALFORMED, "A principal is no text.");
    TRY(text_of(k, value.text, &named));
    *id = named;
    if (bytes_same(named, LIT("*"))) {
        out->everyone = true;
        return OK;
    }
    TRY(k->whom->id_of(k->whom->ctx, named, value.text.raw, id));
    return id->n != 0 ? OK : POLICY_PRINCIPAL;
}

static fallible take_whoms(struct compiling *k, struct principals *out)
{
    struct bytes *at;
    bool array;
    size_t n;

    TRY(one_or_many(k, &array, &n));
    at = arena_get(k->arena, n * sizeof(struct bytes));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        TRY(step(k, array));
        TRY(take_whom(k, out, &at[i]));
    }
    out->at = at;
    out->n = n;
    return step(k, array);
}

static fallible principal_member(struct compiling *k, struct json_text kind, struct principals *out)
{
    if (json_text_is(kind, LIT("Service")))
        return POLICY_SERVICE;
    if (json_text_is(kind, LIT("Federated")) || json_text_is(kind, LIT("CanonicalUser")))
        return POLICY_PRINCIPAL;
    if (!json_text_is(kind, LIT("AWS")) || out->at != NULL)
        return no(k, POLICY_MALFORMED, "A Principal names its kind wrongly, or one twice.");
    return take_whoms(k, out);
}

static fallible take_principals(struct compiling *k, struct principals *out)
{
    struct json_value value;
    struct json_text kind;
    bool there;

    if (out->everyone || out->at != NULL)
        return no(k, POLICY_MALFORMED, "Principal stands twice in a statement.");
    TRY(json_value(&k->json, &value));
    if (value.kind == JSON_IS_TEXT && json_text_is(value.text, LIT("*"))) {
        out->everyone = true;
        return OK;
    }
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "A Principal is neither * nor an object.");
    for (;;) {
        TRY(json_member(&k->json, &kind, &there));
        if (!there)
            break;
        TRY(principal_member(k, kind, out));
    }
    return out->at != NULL ? OK : no(k, POLICY_MALFORMED, "A Principal names nobody.");
}

/* --- one statement --- */

struct reading {
    struct statement *statement;
    bool sid, effect;
};

static fallible take_sid(struct compiling *k, struct reading *r)
{
    struct bytes *sid = &r->statement->label;

    if (r->sid)
        return no(k, POLICY_MALFORMED, "Sid stands twice in a statement.");
    r->sid = true;
    TRY(take_text(k, sid));
    for (size_t i = 0; i < sid->n; i++) {
        const uint8_t c = text_lower(sid->at[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return no(k, POLICY_MALFORMED, "A Sid holds more than letters and digits.");
    }
    return OK;
}

static fallible take_effect(struct compiling *k, struct reading *r)
{
    struct bytes effect;

    TRY(take_text(k, &effect));
    if (r->effect)
        return no(k, POLICY_MALFORMED, "Effect stands twice in a statement.");
    r->effect = true;
    r->statement->deny = bytes_same(effect, LIT("Deny"));
    if (!r->statement->deny && !bytes_same(effect, LIT("Allow")))
        return no(k, POLICY_MALFORMED, "An Effect is neither Allow nor Deny.");
    return OK;
}

static fallible statement_member(struct compiling *k, struct json_text name, struct reading *r)
{
    if (json_text_is(name, LIT("Sid")))
        return take_sid(k, r);
    if (json_text_is(name, LIT("Effect")))
        return take_effect(k, r);
    if (json_text_is(name, LIT("Action")))
        return take_patterns(k, false, false, &r->statement->actions);
    if (json_text_is(name, LIT("NotAction")))
        return take_patterns(k, false, true, &r->statement->actions);
    if (json_text_is(name, LIT("Resource")))
        return take_patterns(k, true, false, &r->statement->resources);
    if (json_text_is(name, LIT("NotResource")))
        return take_patterns(k, true, true, &r->statement->resources);
    if (json_text_is(name, LIT("Condition")))
        return no(k, POLICY_BEYOND,
                  "The element Condition is not judged yet, so it is not accepted.");
    if (k->whom != NULL && json_text_is(name, LIT("Principal")))
        return take_principals(k, &r->statement->principals);
    if (k->whom != NULL && json_text_is(name, LIT("NotPrincipal")))
        return no(k, POLICY_BEYOND,
                  "The element NotPrincipal is not judged yet, so it is not accepted.");
    if (json_text_is(name, LIT("Principal")) || json_text_is(name, LIT("NotPrincipal")))
        return no(k, POLICY_BEYOND, "A principal's own policy may not name a principal.");
    return no(k, POLICY_MALFORMED,
              "A statement holds an element that the policy language does not have.");
}

static fallible take_members(struct compiling *k, struct reading *r)
{
    struct json_text name;
    bool there;

    for (;;) {
        TRY(json_member(&k->json, &name, &there));
        if (!there)
            return OK;
        TRY(statement_member(k, name, r));
    }
}

static fallible take_statement(struct compiling *k, size_t index, struct statement *out)
{
    struct reading r = {.statement = out};
    struct json_value value;
    char *label = arena_get(k->arena, LABEL);

    ENSURE(label != NULL, ARENA_SPENT);
    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "A statement is no object.");
    TRY(take_members(k, &r));
    if (!r.effect || out->actions.at == NULL || out->resources.at == NULL)
        return no(k, POLICY_MALFORMED, "A statement lacks Effect, Action or Resource.");
    if (k->whom == NULL)
        out->principals.everyone = true; /* whose policy it is */
    else if (!out->principals.everyone && out->principals.at == NULL)
        return no(k, POLICY_MALFORMED, "A statement does not say of which Principal it speaks.");
    if (out->label.n == 0)
        out->label = (struct bytes){(uint8_t *)label, (size_t)snprintf(label, LABEL, "%zu", index)};
    return OK;
}

/* --- the whole --- */

static fallible labels_differ(struct compiling *k, const struct statement *at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (bytes_same(at[i].label, at[j].label))
                return no(k, POLICY_MALFORMED, "Two statements have the same Sid.");
    return OK;
}

static fallible take_statements(struct compiling *k, struct policy *out)
{
    struct statement *at;
    bool array;
    size_t n;

    if (out->at != NULL)
        return no(k, POLICY_MALFORMED, "Statement stands twice.");
    TRY(one_or_many(k, &array, &n));
    at = arena_get(k->arena, n * sizeof(struct statement));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < n; i++) {
        TRY(step(k, array));
        TRY(take_statement(k, i, &at[i]));
    }
    *out = (struct policy){.at = at, .n = n};
    TRY(step(k, array));
    return labels_differ(k, at, n);
}

static fallible take_version(struct compiling *k, struct bytes *version)
{
    if (version->at != NULL)
        return no(k, POLICY_MALFORMED, "Version stands twice.");
    TRY(take_text(k, version));
    k->current = bytes_same(*version, LIT("2012-10-17"));
    if (!k->current && !bytes_same(*version, LIT("2008-10-17")))
        return no(k, POLICY_MALFORMED, "The Version is neither 2012-10-17 nor 2008-10-17.");
    return OK;
}

static fallible take_id(struct compiling *k, struct bytes *id)
{
    if (id->at != NULL)
        return no(k, POLICY_MALFORMED, "Id stands twice.");
    return take_text(k, id);
}

static fallible take_document(struct compiling *k, struct policy *out)
{
    struct bytes version = {0}, id = {0};
    struct json_text name;
    bool there;

    for (;;) {
        TRY(json_member(&k->json, &name, &there));
        if (!there)
            return OK;
        if (json_text_is(name, LIT("Version")))
            TRY(take_version(k, &version));
        else if (json_text_is(name, LIT("Id")))
            TRY(take_id(k, &id));
        else if (json_text_is(name, LIT("Statement")))
            TRY(take_statements(k, out));
        else
            return no(k, POLICY_MALFORMED,
                      "The document holds an element that the policy language does not have.");
    }
}

/* Of a principal's own policy AWS counts no blanks. */
static bool short_enough(const struct compiling *k, struct bytes json)
{
    size_t n = 0;

    for (size_t i = 0; i < json.n; i++)
        n += (k->whom != NULL || json.at[i] > 0x20) && (json.at[i] & 0xc0) != 0x80;
    return n <= (k->whom != NULL ? POLICY_THING_CHARACTERS : POLICY_CHARACTERS) &&
           json.n <= (k->whom != NULL ? POLICY_THING_BYTES : POLICY_BYTES);
}

static fallible compile(struct compiling *k, struct policy *out)
{
    struct json_value value;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "The document is no object.");
    TRY(take_document(k, out));
    TRY(json_end(&k->json));
    if (out->at == NULL)
        return no(k, POLICY_MALFORMED, "The document has no Statement.");
    if (k->current && k->variables)
        return no(k, POLICY_BEYOND,
                  "Policy variables are not judged yet, so they are not accepted.");
    return OK;
}

/* What the JSON reader finds is told as malformed; what is no one's mistake, as what it is. */
static const struct fault *told(const struct fault *fault)
{
    if (fault == OK || fault == POLICY_BEYOND || fault == POLICY_PRINCIPAL ||
        fault == POLICY_SERVICE || fault->class != FAULT_CALLER)
        return fault;
    return POLICY_MALFORMED;
}

static fallible compile_as(struct compiling *k, const struct policy **out, struct bytes *reason)
{
    struct policy *policy = arena_new(k->arena, struct policy);
    const struct fault *fault;

    ENSURE(policy != NULL, ARENA_SPENT);
    fault = told(compile(k, policy));
    *out = policy;
    *reason = k->reason;
    if (fault == POLICY_MALFORMED && reason->n == 0)
        *reason = LIT("The document is no JSON.");
    return fault;
}

fallible policy_compile(struct arena *arena, struct bytes json, const struct policy **out,
                        struct bytes *reason)
{
    struct compiling k = {.arena = arena, .json = json_open(json)};

    *reason = LIT("The document is too long.");
    ENSURE(short_enough(&k, json), POLICY_MALFORMED);
    return compile_as(&k, out, reason);
}

fallible policy_compile_of_thing(struct arena *arena, struct bytes json,
                                 const struct policy_whom *whom, const struct policy **out,
                                 struct bytes *reason)
{
    struct compiling k = {.arena = arena, .json = json_open(json), .whom = whom};

    *reason = LIT("The document is too long.");
    ENSURE(short_enough(&k, json), POLICY_MALFORMED);
    return compile_as(&k, out, reason);
}

/* What this build cannot judge must not fall silent: it could be a Deny, or a condition on an
 * Allow. */
static const struct pattern everything[] = {
    {.form = PATTERN_PREFIX, .text = {(const uint8_t *)"*", 1}}};
static const struct statement deny_everything[] = {{.label = {(const uint8_t *)"unjudged", 8},
                                                    .deny = true,
                                                    .principals = {.everyone = true},
                                                    .actions = {.at = everything, .n = 1},
                                                    .resources = {.at = everything, .n = 1}}};
const struct policy policy_unjudged = {.at = deny_everything, .n = 1};

fallible policy_load(struct arena *arena, struct bytes json, const struct policy **out)
{
    struct bytes reason;
    const struct fault *fault = policy_compile(arena, json, out, &reason);

    if (fault == ARENA_SPENT)
        return fault;
    if (fault != OK)
        *out = &policy_unjudged;
    return OK;
}
