/* reading_whom: of whom a statement of a thing's policy speaks. */
#include "core/policy/reading.h"

#include <string.h>

/* Where the ids of all that are named go. */
struct whoms {
    struct principals *out;
    struct bytes *at;
};

/* What a kind's name stands for: whose ids `id_of` gives, or `other_id_of`. */
enum whom_kind { WHOM_AWS = 1, WHOM_SERVICE, WHOM_FEDERATED };

static fallible other_id(struct compiling *k, enum whom_kind kind, struct bytes named,
                         struct bytes *id)
{
    const struct bytes name = kind == WHOM_SERVICE ? LIT("Service") : LIT("Federated");

    if (k->whom->other_id_of == NULL)
        return kind == WHOM_SERVICE ? POLICY_SERVICE : POLICY_PRINCIPAL;
    return k->whom->other_id_of(k->whom->ctx, name, named, id);
}

static fallible take_whom(struct compiling *k, enum whom_kind kind, struct whoms *whoms)
{
    struct bytes *id = &whoms->at[whoms->out->n];
    struct json_value value;
    struct bytes named;

    TRY(json_value(&k->json, &value));
    if (value.kind != JSON_IS_TEXT)
        return no(k, POLICY_MALFORMED, "A principal is no text.");
    TRY(read_ascii(k, value.text, &named));
    if (kind != WHOM_AWS) {
        TRY(other_id(k, kind, named, id));
    } else if (bytes_same(named, LIT("*"))) {
        whoms->out->everyone = true;
        return OK;
    } else {
        TRY(k->whom->id_of(k->whom->ctx, named, value.text.raw, id));
    }
    whoms->out->n++;
    return id->n != 0 ? OK : POLICY_PRINCIPAL;
}

/* One kind's list, behind what the kinds before it named. */
static fallible take_whoms(struct compiling *k, enum whom_kind kind, struct principals *out)
{
    struct whoms whoms = {.out = out};
    bool array;
    size_t n;

    TRY(one_or_many(k, &array, &n));
    whoms.at = arena_get(k->arena, (out->n + n) * sizeof(struct bytes));
    ENSURE(whoms.at != NULL, ARENA_SPENT);
    if (out->at != NULL)
        memcpy(whoms.at, out->at, out->n * sizeof(struct bytes));
    out->at = whoms.at;
    for (size_t i = 0; i < n; i++) {
        TRY(take_step(k, array));
        TRY(take_whom(k, kind, &whoms));
    }
    return take_step(k, array);
}

static enum whom_kind kind_of(struct json_text name)
{
    if (json_text_is(name, LIT("AWS")))
        return WHOM_AWS;
    if (json_text_is(name, LIT("Service")))
        return WHOM_SERVICE;
    return json_text_is(name, LIT("Federated")) ? WHOM_FEDERATED : 0;
}

static fallible take_kind(struct compiling *k, struct json_text name, unsigned *seen,
                          struct principals *out)
{
    const enum whom_kind kind = kind_of(name);

    if (json_text_is(name, LIT("CanonicalUser")))
        return POLICY_PRINCIPAL;
    if (kind == 0 || *seen & 1U << kind)
        return no(k, POLICY_MALFORMED, "A Principal names its kind wrongly, or one twice.");
    *seen |= 1U << kind;
    return take_whoms(k, kind, out);
}

static fallible take_kinds(struct compiling *k, struct principals *out)
{
    struct json_text name;
    unsigned seen = 0;
    bool there;

    for (;;) {
        TRY(json_member(&k->json, &name, &there));
        if (!there)
            break;
        TRY(take_kind(k, name, &seen, out));
    }
    return seen != 0 ? OK : no(k, POLICY_MALFORMED, "A Principal names nobody.");
}

fallible take_principals(struct compiling *k, bool except, struct principals *out)
{
    struct json_value value;

    if (out->everyone || out->at != NULL)
        return no(k, POLICY_MALFORMED,
                  "Principal stands twice in a statement, or beside NotPrincipal.");
    out->except = except;
    TRY(json_value(&k->json, &value));
    if (value.kind == JSON_IS_TEXT && json_text_is(value.text, LIT("*"))) {
        out->everyone = true;
        return OK;
    }
    if (value.kind != JSON_IS_OBJECT)
        return no(k, POLICY_MALFORMED, "A Principal is neither * nor an object.");
    return take_kinds(k, out);
}
