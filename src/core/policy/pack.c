/* pack: a compiled policy as CBOR and back, so that judging needs no reading of text. What does not
 * look exactly as it is written here is not guessed at: it denies everything. */
#include "codec/cbor.h"
#include "core/policy/inside.h"
#include "core/policy/variable.h"

/* [form, bits, [statement...]]; a statement: [label, bits, [id...], [action...], [resource...],
 * [condition...]]; a condition: [operator's number, key, [value...]]. Form 1 had neither bits nor
 * conditions, and of everybody no ids. */
enum { FORM_BARE = 1, FORM = 2, WHOLE = 3, STATEMENT = 6, CONDITION = 3, PACKED_USUAL = 512 };
enum { DENY = 1, NOT_ACTIONS = 2, NOT_RESOURCES = 4, EVERYONE = 8, NOT_PRINCIPALS = 16 };
enum { VARIABLES = 1 };

static void put_ids(struct buf *b, const struct principals *principals)
{
    cbor_put_array(b, principals->n);
    for (size_t i = 0; i < principals->n; i++)
        cbor_put_text(b, principals->at[i]);
}

static void put_patterns(struct buf *b, const struct patterns *patterns)
{
    cbor_put_array(b, patterns->n);
    for (size_t i = 0; i < patterns->n; i++)
        cbor_put_text(b, patterns->at[i].text);
}

static void put_condition(struct buf *b, const struct condition *condition)
{
    cbor_put_array(b, CONDITION);
    cbor_put_uint(b, relation_number(&condition->relation));
    cbor_put_text(b, condition->key.name);
    cbor_put_array(b, condition->n);
    for (size_t i = 0; i < condition->n; i++)
        cbor_put_text(b, condition->at[i].text.text);
}

static uint64_t bits_of(const struct statement *s)
{
    return (s->deny ? DENY : 0) | (s->actions.except ? NOT_ACTIONS : 0) |
           (s->resources.except ? NOT_RESOURCES : 0) | (s->principals.everyone ? EVERYONE : 0) |
           (s->principals.except ? NOT_PRINCIPALS : 0);
}

static void put_statement(struct buf *b, const struct statement *s)
{
    cbor_put_array(b, STATEMENT);
    cbor_put_text(b, s->label);
    cbor_put_uint(b, bits_of(s));
    put_ids(b, &s->principals);
    put_patterns(b, &s->actions);
    put_patterns(b, &s->resources);
    cbor_put_array(b, s->condition_count);
    for (size_t i = 0; i < s->condition_count; i++)
        put_condition(b, &s->conditions[i]);
}

fallible policy_pack(struct arena *arena, const struct policy *policy, struct bytes *packed)
{
    struct buf b = buf_open(arena, PACKED_USUAL);

    cbor_put_array(&b, WHOLE);
    cbor_put_uint(&b, FORM);
    cbor_put_uint(&b, policy->variables ? VARIABLES : 0);
    cbor_put_array(&b, policy->n);
    for (size_t i = 0; i < policy->n; i++)
        put_statement(&b, &policy->at[i]);
    return buf_done(&b, packed);
}

/* --- and back --- */

struct unpacking {
    struct arena *arena;
    struct bytes rest;
    bool variables;
    uint64_t form;
};

static fallible take_array_of(struct unpacking *u, size_t wanted)
{
    size_t n;

    TRY(cbor_take_array(&u->rest, &n));
    return n == wanted ? OK : CBOR_MALFORMED;
}

static fallible take_ids(struct unpacking *u, struct principals *out)
{
    struct bytes *at;

    TRY(cbor_take_array(&u->rest, &out->n));
    ENSURE(out->n != 0 || out->everyone, CBOR_MALFORMED);
    out->at = at = arena_get(u->arena, (out->n + 1) * sizeof(struct bytes));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++)
        TRY(cbor_take_text(&u->rest, &at[i]));
    return OK;
}

static bool pattern_again(const struct unpacking *u, bool resource, struct bytes text,
                          struct pattern *out)
{
    if (resource)
        return pattern_of_resource(text, u->variables && variables_in(text), out);
    return pattern_of_action(text, out);
}

static fallible take_patterns_again(struct unpacking *u, bool resource, struct patterns *out)
{
    struct pattern *at;
    struct bytes text;

    TRY(cbor_take_array(&u->rest, &out->n));
    ENSURE(out->n != 0, CBOR_MALFORMED);
    out->at = at = arena_get(u->arena, out->n * sizeof(struct pattern));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++) {
        TRY(cbor_take_text(&u->rest, &text));
        ENSURE(pattern_again(u, resource, text, &at[i]), CBOR_MALFORMED);
    }
    return OK;
}

static fallible take_condition(struct unpacking *u, struct condition *out)
{
    struct value *at;
    struct bytes text;
    uint64_t number;

    TRY(take_array_of(u, CONDITION));
    TRY(cbor_take_uint(&u->rest, &number));
    ENSURE(relation_of_number(number, &out->relation), CBOR_MALFORMED);
    TRY(cbor_take_text(&u->rest, &text));
    ENSURE(policy_key_of(text, &out->key) == KEY_KNOWN, CBOR_MALFORMED);
    TRY(cbor_take_array(&u->rest, &out->n));
    out->at = at = arena_get(u->arena, (out->n + 1) * sizeof(struct value));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++) {
        TRY(cbor_take_text(&u->rest, &text));
        ENSURE(condition_value(&out->relation, text, u->variables, &at[i]) == READ_WELL,
               CBOR_MALFORMED);
    }
    return out->n != 0 ? OK : CBOR_MALFORMED;
}

static fallible take_conditions_again(struct unpacking *u, struct statement *s)
{
    struct condition *at;

    if (u->form == FORM_BARE)
        return OK;
    TRY(cbor_take_array(&u->rest, &s->condition_count));
    s->conditions = at = arena_get(u->arena, (s->condition_count + 1) * sizeof *at);
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < s->condition_count; i++)
        TRY(take_condition(u, &at[i]));
    return OK;
}

static fallible take_bits(struct unpacking *u, struct statement *s)
{
    uint64_t bits;

    TRY(cbor_take_uint(&u->rest, &bits));
    s->deny = bits & DENY;
    s->actions.except = bits & NOT_ACTIONS;
    s->resources.except = bits & NOT_RESOURCES;
    s->principals.everyone = bits & EVERYONE;
    s->principals.except = bits & NOT_PRINCIPALS;
    ENSURE(bits == bits_of(s), CBOR_MALFORMED);
    return s->deny || !s->principals.except ? OK : CBOR_MALFORMED;
}

static fallible take_statement(struct unpacking *u, struct statement *s)
{
    TRY(take_array_of(u, u->form == FORM_BARE ? STATEMENT - 1 : STATEMENT));
    TRY(cbor_take_text(&u->rest, &s->label));
    TRY(take_bits(u, s));
    TRY(take_ids(u, &s->principals));
    TRY(take_patterns_again(u, false, &s->actions));
    TRY(take_patterns_again(u, true, &s->resources));
    return take_conditions_again(u, s);
}

static fallible take_head(struct unpacking *u, struct policy *out)
{
    uint64_t bits = 0;
    size_t n;

    TRY(cbor_take_array(&u->rest, &n));
    TRY(cbor_take_uint(&u->rest, &u->form));
    ENSURE(u->form == FORM || u->form == FORM_BARE, CBOR_MALFORMED);
    ENSURE(n == (u->form == FORM ? WHOLE : WHOLE - 1), CBOR_MALFORMED);
    if (u->form == FORM)
        TRY(cbor_take_uint(&u->rest, &bits));
    ENSURE(bits <= VARIABLES, CBOR_MALFORMED);
    out->variables = u->variables = bits & VARIABLES;
    return OK;
}

static fallible unpack(struct unpacking *u, struct policy *out)
{
    struct statement *at;

    TRY(take_head(u, out));
    TRY(cbor_take_array(&u->rest, &out->n));
    ENSURE(out->n != 0, CBOR_MALFORMED);
    out->at = at = arena_get(u->arena, out->n * sizeof(struct statement));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++)
        TRY(take_statement(u, &at[i]));
    ENSURE(u->rest.n == 0, CBOR_MALFORMED);
    return marks_set(u->arena, out);
}

fallible policy_unpack(struct arena *arena, struct bytes packed, const struct policy **out)
{
    struct policy *policy = arena_new(arena, struct policy);
    struct unpacking u = {.arena = arena, .rest = packed};
    const struct fault *fault;

    ENSURE(policy != NULL, ARENA_SPENT);
    fault = unpack(&u, policy);
    if (fault == ARENA_SPENT)
        return fault;
    *out = fault == OK ? policy : &policy_unjudged;
    return OK;
}
