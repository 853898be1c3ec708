/* policy: the judge against a slow, literal one, over random policies and questions. The seed is
 * printed; give one as the argument to run it again. */
#include "core/policy/policy.h"
#include "core/policy/pattern.h"
#include "support/draw.h"
#include "support/test.h"

#include <ctype.h>
#include <stdio.h>

enum { STATEMENTS = 4, PATTERNS = 3, ROUNDS = 20000 };

struct plain {
    bool deny, not_action, not_resource;
    size_t actions, resources;
    char action[PATTERNS][24], resource[PATTERNS][48];
};

static void draw_text(char *to, const char *letters, unsigned most)
{
    const unsigned n = 1 + draw(most);

    for (unsigned i = 0; i < n; i++)
        *to++ = letters[draw((unsigned)strlen(letters))];
    *to = '\0';
}

static void draw_action(char *to, bool wild)
{
    strcpy(to, draw(2) != 0 ? "s:" : "k:");
    draw_text(to + 2, wild ? "gG*?v" : "gGv", 4);
}

static void draw_resource(char *to, bool wild)
{
    char region[8], account[8], rest[12];

    draw_text(region, wild ? "ab*?" : "ab", 3);
    draw_text(account, wild ? "12*?" : "12", 3);
    draw_text(rest, wild ? "xy:/*?" : "xy:/", 5);
    sprintf(to, "arn:aws:s:%s:%s:%s", region, account, rest);
}

/* The rules as they are told, by trying everything. */
static bool literal_match(const char *p, const char *t, int colons, bool resource)
{
    const bool bound = resource && colons < 5;

    if (*p == '\0')
        return *t == '\0';
    if (*p == '*') {
        const bool runs = !bound || p[1] == ':' || p[1] == '\0';

        if (literal_match(p + 1, t, colons, resource))
            return true;
        return *t != '\0' && (runs || *t != ':') && literal_match(p, t + 1, colons, resource);
    }
    if (*t == '\0' || (*p == '?'  ? bound && *t == ':'
                       : resource ? *p != *t
                                  : tolower(*p) != tolower(*t)))
        return false;
    return literal_match(p + 1, t + 1, colons + (*p == ':'), resource);
}

static bool any_action(const struct plain *s, const char *action)
{
    bool any = false;

    for (size_t i = 0; i < s->actions; i++)
        any = any || literal_match(s->action[i], action, 0, false);
    return any != s->not_action;
}

static bool any_resource(const struct plain *s, const char *resource)
{
    bool any = false;

    for (size_t i = 0; i < s->resources; i++)
        any = any || literal_match(s->resource[i], resource, 0, true);
    return any != s->not_resource;
}

static enum verdict literal_judge(const struct plain *at, size_t n, const char *action,
                                  const char *resource)
{
    enum verdict verdict = VERDICT_SILENT;

    for (size_t i = 0; i < n; i++)
        if (any_action(&at[i], action) && any_resource(&at[i], resource)) {
            if (at[i].deny)
                return VERDICT_DENY;
            verdict = VERDICT_ALLOW;
        }
    return verdict;
}

static size_t stars_of(const char *pattern)
{
    size_t n = 0;

    for (; *pattern != '\0'; pattern++)
        n += *pattern == '*';
    return n;
}

static void draw_statement(struct plain *s)
{
    s->deny = draw(3) == 0;
    s->not_action = draw(4) == 0;
    s->not_resource = draw(4) == 0;
    s->actions = 1 + draw(PATTERNS);
    s->resources = 1 + draw(PATTERNS);
    for (size_t i = 0; i < PATTERNS; i++) {
        draw_action(s->action[i], true);
        do
            draw_resource(s->resource[i], true);
        while (stars_of(s->resource[i]) > PATTERN_STARS);
    }
}

static size_t write_list(char *to, const char *name, const char *at, size_t stride, size_t n)
{
    size_t length = (size_t)sprintf(to, ",\"%s\":[", name);

    for (size_t i = 0; i < n; i++)
        length += (size_t)sprintf(to + length, "%s\"%s\"", i == 0 ? "" : ",", at + i * stride);
    return length + (size_t)sprintf(to + length, "]");
}

static void write_policy(char *to, const struct plain *at, size_t n)
{
    to += sprintf(to, "{\"Version\":\"2012-10-17\",\"Statement\":[");
    for (size_t i = 0; i < n; i++) {
        to += sprintf(to, "%s{\"Effect\":\"%s\"", i == 0 ? "" : ",", at[i].deny ? "Deny" : "Allow");
        to += write_list(to, at[i].not_action ? "NotAction" : "Action", at[i].action[0],
                         sizeof at[i].action[0], at[i].actions);
        to += write_list(to, at[i].not_resource ? "NotResource" : "Resource", at[i].resource[0],
                         sizeof at[i].resource[0], at[i].resources);
        to += sprintf(to, "}");
    }
    sprintf(to, "]}");
}

static void round_of(struct arena *arena)
{
    static char json[8192];
    struct plain plain[STATEMENTS];
    char action[24], resource[48];
    const size_t n = 1 + draw(STATEMENTS);
    const struct policy *policy;
    struct bytes reason;

    for (size_t i = 0; i < n; i++)
        draw_statement(&plain[i]);
    write_policy(json, plain, n);
    if (policy_compile(arena, bytes_of(json), &policy, &reason) != OK)
        fail_msg("refused: %s: %.*s", json, (int)reason.n, (const char *)reason.at);
    for (int i = 0; i < 10; i++) {
        draw_action(action, false);
        draw_resource(resource, false);
        const struct question q = {.action = bytes_of(action), .resource = bytes_of(resource)};

        if (policy_judge(&policy, 1, &q, NULL) != literal_judge(plain, n, action, resource))
            fail_msg("seed %llu: %s %s under %s", draw_seed(), action, resource, json);
    }
}

static void test_same_as_literal(void **unused)
{
    struct arena *arena = arena_open(1 << 20);
    const struct arena_mark mark = arena_mark(arena);

    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        round_of(arena);
        arena_rewind(arena, mark);
    }
    arena_close(arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_as_literal)};

    draw_begin(argc, argv, "policy");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
