/* sides: identity policies and a resource policy together, against a plain and slow telling of the
 * rules (SEMANTICS 3, one account): a deny of either side wins, else an allow of either is enough.
 * And: whoever may do something is always looked for. The seed is printed; give one as the argument
 * to run it again. */
#include "core/authorise.h"
#include "core/identity/identity.h"
#include "core/resource.h"
#include "support/draw.h"
#include "support/test.h"

#include <stdio.h>

enum { ROUNDS = 20000, STATEMENTS = 3, POLICIES = 2, NAMES = 2, JSON = 4096 };

#define ACCOUNT     "123456789012"
#define THING(name) "arn:aws:secretsmanager:eu-west-1:" ACCOUNT ":secret:" name

static const char *const actions[] = {"secretsmanager:GetSecretValue",
                                      "secretsmanager:PutResourcePolicy",
                                      "secretsmanager:DeleteResourcePolicy"};
static const char *const action_patterns[] = {
    "*", "secretsmanager:*", "secretsmanager:GetSecretValue", "secretsmanager:*ResourcePolicy",
    "secretsmanager:DeleteResourcePolicy"};
static const char *const things[] = {THING("a-AbCdEf"), THING("b-AbCdEf")};
static const char *const thing_patterns[] = {"*", THING("a-*"), THING("b-??????"),
                                             THING("b-AbCdEf")};
/* whom a Principal can name; the last is everybody */
static const char *const names[] = {"ann", "bob", "account", "*"};
static const char *const ids[] = {"AIDAANN", "AIDABOB", ACCOUNT};

struct plain {
    bool deny;
    unsigned action, thing, whom[NAMES], whoms;
};
struct plain_policy {
    struct plain at[STATEMENTS];
    unsigned n;
};

static void draw_policy(struct plain_policy *p)
{
    p->n = 1 + draw(STATEMENTS);
    for (unsigned i = 0; i < p->n; i++) {
        p->at[i] = (struct plain){
            .deny = draw(4) == 0, .action = draw(5), .thing = draw(4), .whoms = 1 + draw(NAMES)};
        for (unsigned j = 0; j < NAMES; j++)
            p->at[i].whom[j] = draw(4);
    }
}

static void write_policy(char *to, const struct plain_policy *p, bool of_thing)
{
    to += sprintf(to, "{\"Statement\":[");
    for (unsigned i = 0; i < p->n; i++) {
        const struct plain *s = &p->at[i];

        to += sprintf(to, "%s{\"Effect\":\"%s\",\"Action\":\"%s\",\"Resource\":\"%s\"",
                      i == 0 ? "" : ",", s->deny ? "Deny" : "Allow", action_patterns[s->action],
                      thing_patterns[s->thing]);
        if (of_thing && s->whoms == 1)
            to += sprintf(to, ",\"Principal\":{\"AWS\":\"%s\"}", names[s->whom[0]]);
        else if (of_thing)
            to += sprintf(to, ",\"Principal\":{\"AWS\":[\"%s\",\"%s\"]}", names[s->whom[0]],
                          names[s->whom[1]]);
        to += sprintf(to, "}");
    }
    sprintf(to, "]}");
}

/* --- the rules as they are told --- */

static bool action_fits(unsigned pattern, const char *action)
{
    switch (pattern) {
    case 0:
    case 1:
        return true;
    case 3:
        return strstr(action, "ResourcePolicy") != NULL;
    default:
        return strcmp(action_patterns[pattern], action) == 0;
    }
}

static bool thing_fits(unsigned pattern, unsigned thing)
{
    return pattern == 0 || (pattern == 1) == (thing == 0);
}

static bool speaks_of(const struct plain *s, unsigned who)
{
    for (unsigned j = 0; j < s->whoms; j++) {
        if (s->whom[j] == 3 || s->whom[j] == who)
            return true;
        if (s->whom[j] == 2 && s->deny) /* all of the account */
            return true;
    }
    return false;
}

static void listen(const struct plain_policy *p, bool of_thing, unsigned who, const char *action,
                   unsigned thing, bool *allow, bool *deny)
{
    for (unsigned i = 0; i < p->n; i++) {
        const struct plain *s = &p->at[i];

        if (!action_fits(s->action, action) || !thing_fits(s->thing, thing))
            continue;
        if (of_thing && !speaks_of(s, who))
            continue;
        *(s->deny ? deny : allow) = true;
    }
}

/* --- one round --- */

struct world {
    struct plain_policy own[POLICIES], things;
    unsigned own_count;
    bool has_policy;
    const struct policy *policies[POLICIES], *policy;
};

static fallible id_of(void *ctx, struct bytes named, struct bytes raw, struct bytes *id)
{
    (void)ctx;
    (void)raw;
    for (unsigned i = 0; i < 3; i++)
        if (bytes_same(named, bytes_of(names[i])))
            *id = bytes_of(ids[i]);
    return OK;
}

static void make_world(struct arena *arena, struct world *w)
{
    static const struct policy_whom whom = {id_of, NULL};
    char *json = arena_get(arena, JSON);
    struct bytes packed, reason;

    w->own_count = draw(POLICIES + 1);
    for (unsigned i = 0; i < w->own_count; i++) {
        draw_policy(&w->own[i]);
        write_policy(json, &w->own[i], false);
        assert_ok(policy_compile(arena, bytes_of(json), &w->policies[i], &reason));
    }
    w->has_policy = draw(4) != 0;
    if (!w->has_policy)
        return;
    json = arena_get(arena, JSON);
    draw_policy(&w->things);
    write_policy(json, &w->things, true);
    assert_ok(policy_compile_of_thing(arena, bytes_of(json), &whom, &w->policy, &reason));
    assert_ok(policy_pack(arena, w->policy, &packed));
    assert_ok(policy_unpack(arena, packed, &w->policy));
}

static bool is_invited(struct arena *arena, const struct world *w, const char *id)
{
    const struct bytes *invited;
    size_t n;

    if (!w->has_policy)
        return false;
    assert_ok(policy_invited(arena, w->policy, &invited, &n));
    for (size_t i = 0; i < n; i++)
        if (bytes_same(invited[i], bytes_of(id)) || bytes_same(invited[i], LIT("*")))
            return true;
    return false;
}

static const char *wanted_words(bool own_allow, bool own_deny, bool thing_deny)
{
    if (own_deny)
        return "with an explicit deny in an identity-based policy";
    if (thing_deny && own_allow)
        return "with an explicit deny in a resource-based policy";
    return "because no identity-based policy allows the";
}

static void ask_one(struct arena *arena, const struct world *w, unsigned who, const char *action,
                    unsigned thing)
{
    static const struct bytes policy_names[] = {{(const uint8_t *)"p0", 2},
                                                {(const uint8_t *)"p1", 2}};
    const struct principal principal = {.type = who == 2 ? PRINCIPAL_ROOT : PRINCIPAL_USER,
                                        .arn = LIT("arn:aws:iam::" ACCOUNT ":x"),
                                        .account = LIT(ACCOUNT),
                                        .id = bytes_of(ids[who]),
                                        .policies = w->policies,
                                        .policy_names = policy_names,
                                        .policy_count = who == 2 ? 0 : w->own_count};
    struct call c = {.arena = arena, .who = &principal, .account = LIT(ACCOUNT)};
    const struct resource resource = {.arn = bytes_of(things[thing]),
                                      .asked = LIT("x"),
                                      .policy = w->has_policy ? w->policy : NULL};
    bool own_allow = who == 2, own_deny = false, allow = false, deny = false, may;
    struct decision d;
    struct bytes words;

    for (unsigned i = 0; i < principal.policy_count; i++)
        listen(&w->own[i], false, who, action, thing, &own_allow, &own_deny);
    if (w->has_policy)
        listen(&w->things, true, who, action, thing, &allow, &deny);
    if (who == 2 && strcmp(action, "secretsmanager:DeleteResourcePolicy") == 0)
        deny = false;
    may = !own_deny && !deny && (own_allow || allow);
    if ((authorise(&c, action, &resource, &d) == OK) != may || d.allowed != may)
        fail_msg("seed %llu: %s %s %s", draw_seed(), ids[who], action, things[thing]);
    words = bytes_of(wanted_words(own_allow, own_deny, deny));
    if (!may && memmem(c.detail.at, c.detail.n, words.at, words.n) == NULL)
        fail_msg("seed %llu: said %.*s", draw_seed(), (int)c.detail.n, (const char *)c.detail.at);
    /* What may be done is looked for: by what the identity allows, or by an invitation. */
    if (may && !authorise_may_allow(&c, action, &resource))
        assert_true(is_invited(arena, w, ids[who]));
}

static void test_both_sides(void **unused)
{
    struct arena *arena = arena_open(1 << 20);
    const struct arena_mark mark = arena_mark(arena);

    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct world w = {0};

        make_world(arena, &w);
        for (unsigned who = 0; who < 3; who++)
            for (unsigned action = 0; action < 3; action++)
                for (unsigned thing = 0; thing < 2; thing++)
                    ask_one(arena, &w, who, actions[action], thing);
        arena_rewind(arena, mark);
    }
    arena_close(arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_sides)};

    draw_begin(argc, argv, "sides");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
