/* policy: any bytes as a document. What is refused when written denies everything when found; what
 * is accepted is judged the same when it is loaded, and never beyond its budget. As a thing's
 * policy: packed and unpacked it says the same, and lets in nobody whom it does not invite. As a
 * packed policy: it comes back, or denies. */
#include "core/policy/policy.h"

#include "must.h"

/* Every key has a value, some many: so that each operator has something to compare. */
static enum circumstance circumstance(void *ctx, const struct policy_key *key, size_t i,
                                      struct bytes *value)
{
    static const struct bytes values[] = {{(const uint8_t *)"10.0.0.1", 8},
                                          {(const uint8_t *)"2026-11-21T00:00:00Z", 20},
                                          {(const uint8_t *)"arn:aws:iam::123456789012:user/a", 32},
                                          {(const uint8_t *)"true", 4},
                                          {(const uint8_t *)"1.5", 3},
                                          {(const uint8_t *)"*", 1}};
    const size_t n = sizeof values / sizeof *values;

    (void)ctx;
    if (i > (key->many ? n : 0) || key->id == KEY_NEVER)
        return CIRCUMSTANCE_NONE;
    *value = values[((size_t)key->id + key->name.n + i) % n];
    return CIRCUMSTANCE_SAID;
}

static const struct question q = {
    .id = {(const uint8_t *)"arn:aws:iam::123456789012:user/a", 32},
    .account = {(const uint8_t *)"123456789012", 12},
    .action = {(const uint8_t *)"secretsmanager:GetSecretValue", 29},
    .resource = {(const uint8_t *)"arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
                 61},
    .circumstance = circumstance};

/* Before it was looked for: what is allowed then is hoped for now. */
static void hoped_for(const struct policy *policy)
{
    struct question early = q;

    early.unknown = 6;
    MUST(policy_judge(&policy, 1, &q, NULL) != VERDICT_ALLOW ||
         policy_may_allow(&policy, 1, &early));
}

static void as_own(struct arena *arena, struct bytes json)
{
    const struct policy *written = NULL, *found = NULL;
    struct bytes reason;
    const struct fault *fault = policy_compile(arena, json, &written, &reason);

    if (policy_load(arena, json, &found) == OK && fault != ARENA_SPENT) {
        const enum verdict verdict = policy_judge(&found, 1, &q, NULL);

        MUST(verdict == (fault == OK ? policy_judge(&written, 1, &q, NULL) : VERDICT_DENY));
        hoped_for(found);
    }
}

/* Everybody exists, by his name. */
static fallible other_id_of(void *ctx, struct bytes kind, struct bytes named, struct bytes *id)
{
    (void)ctx;
    (void)kind;
    *id = named;
    return OK;
}

static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    (void)ctx;
    MUST(raw.n >= named.n);
    *id = named;
    return OK;
}

static bool invited(struct arena *arena, const struct policy *policy)
{
    const struct bytes *ids;
    size_t n;

    if (policy_invited(arena, policy, &ids, &n) != OK)
        return true;
    for (size_t i = 0; i < n; i++)
        if (bytes_same(ids[i], q.id) || bytes_same(ids[i], LIT("*")))
            return true;
    return false;
}

static void as_of_thing(struct arena *arena, struct bytes json, bool of_role)
{
    const struct policy_whom whom = {
        .id_of = id_of, .other_id_of = of_role ? other_id_of : NULL, .of_role = of_role};
    const struct policy *written, *found;
    struct bytes reason, packed;

    if (policy_compile_of_thing(arena, json, &whom, &written, &reason) != OK ||
        policy_pack(arena, written, &packed) != OK || policy_unpack(arena, packed, &found) != OK)
        return;
    MUST(policy_judge(&written, 1, &q, NULL) == policy_judge(&found, 1, &q, NULL));
    MUST(policy_judge(&found, 1, &q, NULL) != VERDICT_ALLOW || invited(arena, found));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    const struct bytes given = {at, n};
    struct arena *arena = arena_open(8 << 20);
    const struct policy *found;

    if (arena == NULL)
        return 0;
    as_own(arena, given);
    as_of_thing(arena, given, false);
    as_of_thing(arena, given, true);
    if (policy_unpack(arena, given, &found) == OK)
        (void)policy_judge(&found, 1, &q, NULL);
    arena_close(arena);
    return 0;
}
