/* policy: the judge against a slow, literal one, over random policies of all kinds and random
 * requests; and what has to hold whatever they are. Arguments: the seed, to run the same again, and
 * how many. */
#include "core/policy/decide.h"
#include "literal.h"
#include "policy_draw.h"
#include "support/draw.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static long rounds = 100000;

enum { IDENTITY, BOUNDARY = IDENTITY + L_POLICIES, SESSION, THING = SESSION + 2, ALL };
enum { JSON_ROOM = 16384 };

/* One set of policies, as both judges take it. */
static struct l_policy plain[ALL];
static const struct l_policy *plain_at[ALL];
static const struct policy *real[ALL];
static char json[ALL][JSON_ROOM];

static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    (void)ctx;
    (void)raw;
    *id = named;
    return OK;
}

static const struct policy_whom whom = {.id_of = id_of};

static void compile_one(struct arena *arena, int i)
{
    const bool of_thing = i == THING;
    const struct fault *fault;
    struct bytes reason, packed;

    write_policy(json[i], &plain[i], of_thing);
    fault = of_thing ? policy_compile_of_thing(arena, bytes_of(json[i]), &whom, &real[i], &reason)
                     : policy_compile(arena, bytes_of(json[i]), &real[i], &reason);
    if (fault != OK)
        fail_msg("seed %llu: refused: %s: %.*s", draw_seed(), json[i], (int)reason.n,
                 (const char *)reason.at);
    if (draw(4) != 0)
        return;
    assert_ok(policy_pack(arena, real[i], &packed));
    assert_ok(policy_unpack(arena, packed, &real[i]));
}

static enum circumstance circumstance(void *ctx, const struct policy_key *key, size_t i,
                                      struct bytes *value)
{
    const struct l_request *r = ctx;

    for (size_t f = 0; f < r->facts; f++)
        if (strlen(r->fact[f].key) == key->name.n &&
            strncasecmp(r->fact[f].key, (const char *)key->name.at, key->name.n) == 0 &&
            i < r->fact[f].values.n) {
            *value = bytes_of(r->fact[f].values.at[i]);
            return CIRCUMSTANCE_SAID;
        }
    return CIRCUMSTANCE_NONE;
}

/* The same before the thing was looked for. */
static enum circumstance earlier(void *ctx, const struct policy_key *key, size_t i,
                                 struct bytes *value)
{
    return policy_key_of_thing(key->id) ? CIRCUMSTANCE_LATER : circumstance(ctx, key, i, value);
}

static struct question question_of(struct l_request *r)
{
    return (struct question){.id = bytes_of(r->id),
                             .base = bytes_of(r->base),
                             .account = bytes_of(r->account),
                             .action = bytes_of(r->action),
                             .resource = bytes_of(r->resource),
                             .circumstance = circumstance,
                             .ctx = r};
}

static void tell(const char *what, const struct l_request *r)
{
    printf("seed %llu: %s: %s (%s) %s %s\n", draw_seed(), what, r->id, r->base, r->action,
           r->resource);
    for (size_t i = 0; i < r->facts; i++) {
        printf("  %s:", r->fact[i].key);
        for (size_t j = 0; j < r->fact[i].values.n; j++)
            printf(" %s", r->fact[i].values.at[j]);
        printf("\n");
    }
    for (int i = 0; i < ALL; i++)
        printf("  %d %s\n", i, json[i]);
    fail_msg("%s", what);
}

/* One judge at a time. */
static void each_alone(struct l_request *r)
{
    const struct question q = question_of(r);

    for (int i = 0; i < ALL; i++)
        if ((int)policy_judge(&real[i], 1, &q, NULL) != (int)literal_judge(&plain_at[i], 1, r))
            tell(i == THING ? "a thing's policy" : "a policy", r);
    if ((int)policy_judge(real, L_POLICIES, &q, NULL) !=
        (int)literal_judge(plain_at, L_POLICIES, r))
        tell("a set of policies", r);
}

/* What is hopeless before the thing was looked for is not allowed whatever it is. */
static void hope(struct l_request *r)
{
    struct question q = question_of(r);
    char other[L_TEXT];

    q.circumstance = earlier;
    strcpy(other, r->resource);
    other[strlen(other) - 1] = '?';
    q.resource = bytes_of(other);
    q.unknown = 1;
    if (!policy_may_allow(real, L_POLICIES, &q) &&
        literal_judge(plain_at, L_POLICIES, r) == L_ALLOW)
        tell("given up too early", r);
}

/* --- all together --- */

struct both {
    struct policy_case real;
    struct l_case plain;
};

static bool allowed(const struct both *k, struct l_request *r)
{
    const struct policy_outcome outcome = policy_decide(&k->real);

    if (outcome.allowed != literal_decide(&k->plain, r))
        tell("a decision", r);
    assert_false(outcome.allowed && outcome.denied);
    assert_true(outcome.kind != POLICY_NONE);
    return outcome.allowed;
}

static struct both draw_case(struct l_request *r)
{
    const size_t identities = draw(L_POLICIES + 1), sessions = draw(3);
    const bool bound = draw(2), of_thing = draw(3) != 0;
    const bool must = of_thing && draw(3) == 0, abroad = draw(4) == 0, sovereign = draw(8) == 0;

    return (struct both){.real = {.question = question_of(r),
                                  .identity = {real, identities},
                                  .boundary = bound ? real[BOUNDARY] : NULL,
                                  .session = {real + SESSION, sessions},
                                  .thing = of_thing ? real[THING] : NULL,
                                  .thing_must = must,
                                  .abroad = abroad,
                                  .sovereign = sovereign},
                         .plain = {.identity = plain_at,
                                   .identities = identities,
                                   .boundary = bound ? &plain[BOUNDARY] : NULL,
                                   .thing = of_thing ? &plain[THING] : NULL,
                                   .session = plain_at + SESSION,
                                   .sessions = sessions,
                                   .thing_must = must,
                                   .abroad = abroad,
                                   .sovereign = sovereign}};
}

/* The same of all kinds together: only the thing's own policy allows what they give up. */
static void hope_together(struct both k, struct l_request *r)
{
    char other[L_TEXT];

    k.real.thing = NULL;
    k.plain.thing = NULL;
    k.real.thing_must = k.plain.thing_must = k.real.abroad = k.plain.abroad = false;
    if (!allowed(&k, r))
        return;
    strcpy(other, r->resource);
    other[strlen(other) - 1] = '?';
    k.real.question.resource = bytes_of(other);
    k.real.question.unknown = 1;
    k.real.question.circumstance = earlier;
    if (!policy_decide_may(&k.real))
        tell("given up too early, all together", r);
}

/* More of what limits never allows more. */
static void never_wider(struct both k, bool before, struct l_request *r)
{
    if (k.real.boundary == NULL) {
        k.real.boundary = real[BOUNDARY];
        k.plain.boundary = &plain[BOUNDARY];
        if (allowed(&k, r) && !before)
            tell("a boundary widened", r);
    }
    if (k.real.session.n == 0) {
        k.real.session.n = k.plain.sessions = 1;
        if (allowed(&k, r) && !before)
            tell("a session policy widened", r);
    }
}

/* As it is, but for one Deny more; and in another order. */
static void one_more_deny(struct arena *arena, struct both k, bool before, struct l_request *r)
{
    const int i = draw(2) && k.real.thing != NULL ? THING : IDENTITY;
    struct l_policy *p = &plain[i];
    const struct l_statement first = p->at[0];

    if (p->n < 2 || (i == IDENTITY && k.real.identity.n == 0))
        return;
    p->at[0] = p->at[p->n - 1];
    p->at[p->n - 1] = first;
    compile_one(arena, i);
    k.real.thing = i == THING ? real[THING] : k.real.thing;
    if (allowed(&k, r) != before)
        tell("the order matters", r);
    if (p->n == L_STATEMENTS)
        return;
    p->at[p->n] = p->at[draw((unsigned)p->n)];
    p->at[p->n++].deny = true;
    compile_one(arena, i);
    k.real.thing = i == THING ? real[THING] : k.real.thing;
    if (allowed(&k, r) && !before)
        tell("a Deny widened", r);
}

static size_t verdicts[2];

static void round_of(struct arena *arena)
{
    struct l_request request;
    struct both k;
    bool yes;

    for (int i = 0; i < ALL; i++) {
        draw_policy(&plain[i], i == THING);
        plain_at[i] = &plain[i];
        compile_one(arena, i);
    }
    draw_request(&request);
    each_alone(&request);
    hope(&request);
    k = draw_case(&request);
    yes = allowed(&k, &request);
    verdicts[yes]++;
    hope_together(k, &request);
    never_wider(k, yes, &request);
    one_more_deny(arena, k, yes, &request);
}

static void test_same_as_literal(void **unused)
{
    struct arena *arena = arena_open(1 << 20);
    const struct arena_mark mark = arena_mark(arena);

    (void)unused;
    for (long i = 0; i < rounds; i++) {
        round_of(arena);
        arena_rewind(arena, mark);
    }
    arena_close(arena);
    printf("policy: of the decisions %zu allowed, %zu refused\n", verdicts[1], verdicts[0]);
    assert_true(rounds < 1000 ||
                (verdicts[0] > (size_t)rounds / 20 && verdicts[1] > (size_t)rounds / 20));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_literal)};

    draw_begin(argc, argv, "policy");
    if (argc > 2)
        rounds = strtol(argv[2], NULL, 10);
    printf("policy: %ld random sets of policies and requests\n", rounds);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
