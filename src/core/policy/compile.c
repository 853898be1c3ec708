/* compile: a policy's JSON into statements. Whatever is not judged is refused, never skipped: an
 * element that a reader passes over turns a condition into a permission (SECURITY 1). Read by
 * codec/json, which shows duplicate names and takes its memory from the arena. */
#include "codec/text.h"
#include "core/policy/reading.h"

#include <stdio.h>

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

/* --- one statement --- */

struct parts {
    struct statement *statement;
    bool sid, effect, condition;
};

static fallible take_sid(struct compiling *k, struct parts *r)
{
    struct bytes *sid = &r->statement->label;

    if (r->sid)
        return no(k, POLICY_MALFORMED, "Sid stands twice in a statement.");
    r->sid = true;
    TRY(take_ascii(k, sid));
    for (size_t i = 0; i < sid->n; i++) {
        const uint8_t c = text_lower(sid->at[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return no(k, POLICY_MALFORMED, "A Sid holds more than letters and digits.");
    }
    return OK;
}

static fallible take_effect(struct compiling *k, struct parts *r)
{
    struct bytes effect;

    TRY(take_ascii(k, &effect));
    if (r->effect)
        return no(k, POLICY_MALFORMED, "Effect stands twice in a statement.");
    r->effect = true;
    r->statement->deny = bytes_same(effect, LIT("Deny"));
    if (!r->statement->deny && !bytes_same(effect, LIT("Allow")))
        return no(k, POLICY_MALFORMED, "An Effect is neither Allow nor Deny.");
    return OK;
}

/* A role's statement speaks of the role itself. */
static fallible take_resources(struct compiling *k, bool except, struct patterns *out)
{
    if (k->whom != NULL && k->whom->of_role)
        return no(k, POLICY_MALFORMED, "Has prohibited field Resource");
    return take_patterns(k, true, except, out);
}

static fallible take_condition(struct compiling *k, struct parts *r)
{
    if (r->condition)
        return no(k, POLICY_MALFORMED, "Condition stands twice in a statement.");
    r->condition = true;
    return take_conditions(k, r->statement);
}

static fallible take_named(struct compiling *k, bool except, struct parts *r)
{
    if (k->whom == NULL)
        return no(k, POLICY_MALFORMED, "Policy document should not specify a principal.");
    if (except && k->whom->of_role)
        return no(k, POLICY_MALFORMED, "Has prohibited field NotPrincipal");
    return take_principals(k, except, &r->statement->principals);
}

static fallible statement_member(struct compiling *k, struct json_text name, struct parts *r)
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
        return take_resources(k, false, &r->statement->resources);
    if (json_text_is(name, LIT("NotResource")))
        return take_resources(k, true, &r->statement->resources);
    if (json_text_is(name, LIT("Condition")))
        return take_condition(k, r);
    if (json_text_is(name, LIT("Principal")))
        return take_named(k, false, r);
    if (json_text_is(name, LIT("NotPrincipal")))
        return take_named(k, true, r);
    return no(k, POLICY_MALFORMED,
              "A statement holds an element that the policy language does not have.");
}

static fallible take_members(struct compiling *k, struct parts *r)
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

/* Nothing is missing, and nothing contradicts. */
static fallible whole(struct compiling *k, const struct parts *r)
{
    struct statement *s = r->statement;

    if (!r->effect)
        return no(k, POLICY_MALFORMED, "A statement lacks Effect.");
    if (s->actions.at == NULL)
        return no(k, POLICY_MALFORMED, "Policy statement must contain actions.");
    if (k->whom != NULL && k->whom->of_role)
        s->resources = (struct patterns){.at = pattern_of_all, .n = 1};
    if (s->resources.at == NULL)
        return no(k, POLICY_MALFORMED, "Policy statement must contain resources.");
    if (k->whom == NULL)
        s->principals.everyone = true; /* whose policy it is */
    else if (!s->principals.everyone && s->principals.at == NULL)
        return no(k, POLICY_MALFORMED, "A statement does not say of which Principal it speaks.");
    if (s->principals.except && !s->deny)
        return no(k, POLICY_MALFORMED, "NotPrincipal stands in a statement that allows.");
    return OK;
}

static fallible take_statement(struct compiling *k, size_t index, struct statement *out)
{
    struct parts r = {.statement = out};
    struct json_value value;
    char *label = arena_get(k->arena, LABEL);

    ENSURE(label != NULL, ARENA_SPENT);
    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "A statement is no object.");
    TRY(take_members(k, &r));
    TRY(whole(k, &r));
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
                return no(k, POLICY_MALFORMED,
                          "Statement IDs (SID) in a single policy must be unique.");
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
        TRY(take_step(k, array));
        TRY(take_statement(k, i, &at[i]));
    }
    *out = (struct policy){.at = at, .n = n, .variables = k->current};
    TRY(take_step(k, array));
    TRY(labels_differ(k, at, n));
    return marks_set(k->arena, out);
}

/* The version that has variables. */
static const struct bytes current = {(const uint8_t *)"2012-10-17", 10};

/* It says how texts are read, and may stand behind them. */
static fallible look_for_version(struct compiling *k)
{
    struct json ahead = k->json;
    struct json_value value;
    struct json_text name;
    bool there;

    for (;;) {
        TRY(json_member(&ahead, &name, &there));
        if (!there)
            return OK;
        TRY(json_value(&ahead, &value));
        if (json_text_is(name, LIT("Version")) && value.kind == JSON_IS_TEXT)
            k->current = json_text_is(value.text, current);
        TRY(json_pass(&ahead, &value));
    }
}

static fallible take_version(struct compiling *k, struct bytes *version)
{
    if (version->at != NULL)
        return no(k, POLICY_MALFORMED, "Version stands twice.");
    TRY(take_ascii(k, version));
    if (!bytes_same(*version, current) && !bytes_same(*version, LIT("2008-10-17")))
        return no(k, POLICY_MALFORMED, "The Version is neither 2012-10-17 nor 2008-10-17.");
    return OK;
}

static fallible take_id(struct compiling *k, struct bytes *id)
{
    if (id->at != NULL)
        return no(k, POLICY_MALFORMED, "Id stands twice.");
    return take_ascii(k, id);
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
    TRY(look_for_version(k));
    TRY(take_document(k, out));
    TRY(json_end(&k->json));
    if (out->at == NULL)
        return no(k, POLICY_MALFORMED, "The document has no Statement.");
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

/* In AWS's words, where they are known. */
static struct bytes no_json(const struct compiling *k)
{
    if (k->whom == NULL)
        return LIT("Syntax errors in policy.");
    return k->whom->of_role ? LIT("This policy contains invalid Json")
                            : LIT("The document is no JSON.");
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
        *reason = no_json(k);
    return fault;
}

fallible policy_compile(struct arena *arena, struct bytes json, const struct policy **out,
                        struct bytes *reason)
{
    struct compiling k = {.arena = arena, .json = json_open(json)};
    const size_t before = arena_mark(arena).used;

    *reason = LIT("The document is too long.");
    ENSURE(short_enough(&k, json), POLICY_MALFORMED);
    TRY(compile_as(&k, out, reason));
    *reason = LIT("The policy has more parts than are kept of one.");
    return arena_mark(arena).used - before <= POLICY_COMPILED_MOST ? OK : POLICY_BEYOND;
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
static const struct statement deny_everything[] = {{.label = {(const uint8_t *)"unjudged", 8},
                                                    .deny = true,
                                                    .principals = {.everyone = true},
                                                    .actions = {.at = pattern_of_all, .n = 1},
                                                    .resources = {.at = pattern_of_all, .n = 1}}};
static const uint64_t all_marks[] = {UINT64_MAX};
const struct policy policy_unjudged = {
    .at = deny_everything, .marks = all_marks, .n = 1, .all_marks = UINT64_MAX};

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
