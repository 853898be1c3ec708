/* pack: a compiled policy as CBOR and back, so that judging needs no reading of text. What does not
 * look exactly as it is written here is not guessed at: it denies everything. */
#include "codec/cbor.h"
#include "core/policy/inside.h"

/* [form, [statement...]]; a statement: [label, bits, [id...], [action...], [resource...]] */
enum { FORM = 1, STATEMENT = 5, PACKED_USUAL = 512 };
enum { DENY = 1, NOT_ACTIONS = 2, NOT_RESOURCES = 4, EVERYONE = 8, ALL_BITS = 15 };

/* Everybody says nothing more than the bit does. */
static void put_ids(struct buf *b, const struct principals *principals)
{
    cbor_put_array(b, principals->everyone ? 0 : principals->n);
    for (size_t i = 0; i < principals->n && !principals->everyone; i++)
        cbor_put_text(b, principals->at[i]);
}

static void put_patterns(struct buf *b, const struct patterns *patterns)
{
    cbor_put_array(b, patterns->n);
    for (size_t i = 0; i < patterns->n; i++)
        cbor_put_text(b, patterns->at[i].text);
}

static void put_statement(struct buf *b, const struct statement *s)
{
    cbor_put_array(b, STATEMENT);
    cbor_put_text(b, s->label);
    cbor_put_uint(b, (s->deny ? DENY : 0) | (s->actions.except ? NOT_ACTIONS : 0) |
                         (s->resources.except ? NOT_RESOURCES : 0) |
                         (s->principals.everyone ? EVERYONE : 0));
    put_ids(b, &s->principals);
    put_patterns(b, &s->actions);
    put_patterns(b, &s->resources);
}

fallible policy_pack(struct arena *arena, const struct policy *policy, struct bytes *packed)
{
    struct buf b = buf_open(arena, PACKED_USUAL);

    cbor_put_array(&b, 2);
    cbor_put_uint(&b, FORM);
    cbor_put_array(&b, policy->n);
    for (size_t i = 0; i < policy->n; i++)
        put_statement(&b, &policy->at[i]);
    return buf_done(&b, packed);
}

/* --- and back --- */

static fallible take_array_of(struct bytes *rest, size_t wanted)
{
    size_t n;

    TRY(cbor_take_array(rest, &n));
    return n == wanted ? OK : CBOR_MALFORMED;
}

static fallible take_ids(struct arena *arena, struct bytes *rest, struct principals *out)
{
    struct bytes *at;

    TRY(cbor_take_array(rest, &out->n));
    ENSURE((out->n == 0) == out->everyone, CBOR_MALFORMED);
    out->at = at = arena_get(arena, (out->n + 1) * sizeof(struct bytes));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++)
        TRY(cbor_take_text(rest, &at[i]));
    return OK;
}

static fallible take_patterns(struct arena *arena, struct bytes *rest,
                              bool (*make)(struct bytes, struct pattern *), struct patterns *out)
{
    struct pattern *at;
    struct bytes text;

    TRY(cbor_take_array(rest, &out->n));
    ENSURE(out->n != 0, CBOR_MALFORMED);
    out->at = at = arena_get(arena, out->n * sizeof(struct pattern));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++) {
        TRY(cbor_take_text(rest, &text));
        ENSURE(make(text, &at[i]), CBOR_MALFORMED);
    }
    return OK;
}

static fallible take_statement(struct arena *arena, struct bytes *rest, struct statement *s)
{
    uint64_t bits;

    TRY(take_array_of(rest, STATEMENT));
    TRY(cbor_take_text(rest, &s->label));
    TRY(cbor_take_uint(rest, &bits));
    ENSURE(bits <= ALL_BITS, CBOR_MALFORMED);
    s->deny = bits & DENY;
    s->actions.except = bits & NOT_ACTIONS;
    s->resources.except = bits & NOT_RESOURCES;
    s->principals.everyone = bits & EVERYONE;
    TRY(take_ids(arena, rest, &s->principals));
    TRY(take_patterns(arena, rest, pattern_of_action, &s->actions));
    return take_patterns(arena, rest, pattern_of_resource, &s->resources);
}

static fallible unpack(struct arena *arena, struct bytes rest, struct policy *out)
{
    struct statement *at;
    uint64_t form;

    TRY(take_array_of(&rest, 2));
    TRY(cbor_take_uint(&rest, &form));
    ENSURE(form == FORM, CBOR_MALFORMED);
    TRY(cbor_take_array(&rest, &out->n));
    ENSURE(out->n != 0, CBOR_MALFORMED);
    out->at = at = arena_get(arena, out->n * sizeof(struct statement));
    ENSURE(at != NULL, ARENA_SPENT);
    for (size_t i = 0; i < out->n; i++)
        TRY(take_statement(arena, &rest, &at[i]));
    return rest.n == 0 ? OK : CBOR_MALFORMED;
}

fallible policy_unpack(struct arena *arena, struct bytes packed, const struct policy **out)
{
    struct policy *policy = arena_new(arena, struct policy);
    const struct fault *fault;

    ENSURE(policy != NULL, ARENA_SPENT);
    fault = unpack(arena, packed, policy);
    if (fault == ARENA_SPENT)
        return fault;
    *out = fault == OK ? policy : &policy_unjudged;
    return OK;
}
