/* policy_draw: few letters, few names, so that what is drawn twice is often the same. */
#include "policy_draw.h"

#include "support/draw.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ONE_OF(list) (list)[draw(sizeof(list) / sizeof *(list))]

enum { STARS_MOST = 8 };

static char *draw_letters(char *to, const char *letters, unsigned most)
{
    const unsigned n = 1 + draw(most);

    for (unsigned i = 0; i < n; i++)
        *to++ = letters[draw((unsigned)strlen(letters))];
    *to = '\0';
    return to;
}

static void draw_action(char *to, bool wild)
{
    if (wild && draw(12) == 0) {
        strcpy(to, draw(2) ? "*" : "*:g*");
        return;
    }
    strcpy(to, draw(2) != 0 ? "s:" : "k:");
    draw_letters(to + 2, wild ? "gG*?v" : "gGv", 4);
}

static size_t stars(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += *text == '*';
    return n;
}

static void try_resource(char *to, bool wild)
{
    static const char *const variables[] = {"${aws:username}", "${aws:PrincipalTag/team}",
                                            "${aws:ResourceTag/team, 'x'}", "${*}", "${$}"};
    char *at;

    strcpy(to, "arn:aws:s:");
    at = draw_letters(to + 10, wild ? "ab*?" : "ab", 3);
    *at++ = ':';
    at = draw_letters(at, wild ? "12*?" : "12", 3);
    *at++ = ':';
    at = draw_letters(at, wild ? "xy:/*?" : "xy:/", 5);
    if (wild && draw(3) == 0)
        strcpy(at, ONE_OF(variables));
    else if (draw(3) == 0)
        strcpy(at, draw(2) ? "red" : "*");
}

static void draw_resource(char *to, bool wild)
{
    do
        try_resource(to, wild);
    while (stars(to) > STARS_MOST);
}

/* --- conditions --- */

static const char *const texts[] = {"red",
                                    "blue",
                                    "Red",
                                    "re*",
                                    "r?d",
                                    "*",
                                    "r*d",
                                    "${aws:username}",
                                    "${aws:PrincipalTag/team}",
                                    "*${aws:PrincipalTag/TEAM}",
                                    "${aws:PrincipalTag/none, 'red'}",
                                    "${aws:PrincipalTag/none}",
                                    "r${*}d",
                                    "r${?}*",
                                    "ann"};
static const char *const numbers[] = {"5", "10", "-1", "2.5", "5.0", "100", "0.05"};
static const char *const dates[] = {"2026-11-21T00:00:00Z", "1700000000", "2020-01-01T12:00:00Z",
                                    "0", "1577880000"};
static const char *const truths[] = {"true", "false"};
static const char *const binaries[] = {"cmVk", "Ymx1ZQ==", ""};
static const char *const networks[] = {"10.0.0.0/8", "10.1.2.3",    "192.168.0.0/17",
                                       "0.0.0.0/0",  "10.1.2.2/31", "2001:db8::/33",
                                       "::/0",       "2001:db8::1"};
static const char *const addresses[] = {"10.1.2.3",      "10.1.2.2",    "192.168.127.1",
                                        "192.168.128.1", "2001:db8::1", "2001:db8:8000::1",
                                        "10.0.0.0/8"};
static const char *const names[] = {"ann", "red", "r*d", "re?", "ro/d"};
static const char *const people[] = {"arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/red",
                                     "arn:aws:iam::2:user/a:b", "arn:aws:iam::1:role/red",
                                     "arn:aws:iam:::role/r:x",  "red"};
static const char *const arns[] = {"arn:aws:iam::1:user/ann",
                                   "arn:aws:iam::*:user/*",
                                   "arn:aws:iam::1:*",
                                   "*",
                                   "arn:aws:*::?:user/${aws:username}",
                                   "arn:aws:iam:::role/r*",
                                   "arn:aws:iam::1:r*/red",
                                   "arn:aws:iam::?:${aws:PrincipalTag/none, 'user/red'}"};

static const struct family {
    const char *operators[10];
    const char *const *values;
    unsigned n;
    const char *key; /* of this kind */
    const char *const *facts;
    unsigned fact_count;
} families[] = {
#define VALUES(list) list, sizeof(list) / sizeof *(list)
    {{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
      "StringLike", "StringNotLike"},
     VALUES(texts),
     "aws:PrincipalTag/team",
     VALUES(texts)},
    {{"StringEquals", "StringNotLike", "StringLike"}, VALUES(texts), "aws:username", VALUES(names)},
    {{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"},
     VALUES(texts),
     "aws:TagKeys",
     VALUES(texts)},
    {{"StringEquals", "StringNotEquals", "StringLike"},
     VALUES(texts),
     "aws:ResourceTag/team",
     VALUES(texts)},
    {{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
      "NumericGreaterThan", "NumericGreaterThanEquals"},
     VALUES(numbers),
     "aws:RequestTag/n",
     VALUES(numbers)},
    {{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
      "DateGreaterThanEquals"},
     VALUES(dates),
     "aws:CurrentTime",
     VALUES(dates)},
    {{"Bool"}, VALUES(truths), "aws:SecureTransport", VALUES(truths)},
    {{"Null"}, VALUES(truths), "aws:TokenIssueTime", VALUES(dates)},
    {{"BinaryEquals"}, VALUES(binaries), "other:Blob", VALUES(binaries)},
    {{"IpAddress", "NotIpAddress"}, VALUES(networks), "aws:SourceIp", VALUES(addresses)},
    {{"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"},
     VALUES(arns),
     "aws:PrincipalArn",
     VALUES(people)},
};
enum { FAMILIES = sizeof families / sizeof *families };

static void other_case(char *text)
{
    for (; *text != '\0' && *text != '/'; text++)
        *text = (char)(draw(2) ? toupper((unsigned char)*text) : tolower((unsigned char)*text));
}

static void draw_operator(const struct family *f, char *to)
{
    unsigned n = 0;
    const unsigned quantifier = draw(6);
    const char *name;

    while (f->operators[n] != NULL)
        n++;
    name = f->operators[draw(n)];
    if (strcmp(name, "Null") == 0)
        strcpy(to, name);
    else
        sprintf(to, "%s%s%s",
                quantifier == 0   ? "ForAnyValue:"
                : quantifier == 1 ? "ForAllValues:"
                                  : "",
                name, draw(4) == 0 ? "IfExists" : "");
}

static void draw_condition(struct l_condition *c)
{
    const struct family *f = &families[draw(FAMILIES)];

    draw_operator(f, c->operator);
    strcpy(c->key, draw(6) == 0 ? families[draw(FAMILIES)].key : f->key);
    if (draw(4) == 0)
        other_case(c->key);
    c->values.n = 1 + draw(L_LIST);
    for (size_t i = 0; i < L_LIST; i++)
        strcpy(c->values.at[i], f->values[draw(f->n)]);
}

static bool twice(const struct l_statement *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(s->condition[i].operator, s->condition[n].operator) == 0)
            return true;
    return false;
}

/* --- statements --- */

static void draw_principals(struct l_statement *s)
{
    static const char *const ids[] = {"u1", "u2", "r1", "r1:s", "acc", "acc2", "u1", "acc"};

    s->not_principal = s->deny && draw(3) == 0;
    s->everyone = draw(6) == 0;
    s->principals.n = 1 + draw(L_LIST);
    for (size_t i = 0; i < L_LIST; i++)
        strcpy(s->principals.at[i], ONE_OF(ids));
}

static void draw_statement(struct l_statement *s, bool of_thing)
{
    *s = (struct l_statement){.deny = draw(4) == 0, .everyone = true};
    s->not_action = draw(5) == 0;
    s->not_resource = draw(5) == 0;
    s->actions.n = 1 + draw(L_LIST);
    s->resources.n = 1 + draw(L_LIST);
    for (size_t i = 0; i < L_LIST; i++) {
        draw_action(s->actions.at[i], true);
        draw_resource(s->resources.at[i], true);
        if (draw(4) == 0)
            strcpy(s->resources.at[i], "*");
    }
    s->conditions = draw(2) ? draw(L_CONDITIONS + 1) : 0;
    for (size_t i = 0; i < s->conditions; i++)
        do
            draw_condition(&s->condition[i]);
        while (twice(s, i));
    if (of_thing)
        draw_principals(s);
}

void draw_policy(struct l_policy *p, bool of_thing)
{
    p->variables = draw(6) != 0;
    p->n = 1 + draw(L_STATEMENTS);
    for (size_t i = 0; i < p->n; i++)
        draw_statement(&p->at[i], of_thing);
}

/* --- requests --- */

static void draw_fact(const struct family *f, struct l_fact *fact)
{
    const bool many = strcmp(f->key, "aws:TagKeys") == 0;

    strcpy(fact->key, f->key);
    fact->values.n = many ? draw(L_LIST + 1) : draw(4) != 0;
    for (size_t i = 0; i < L_LIST; i++)
        strcpy(fact->values.at[i], f->facts[draw(f->fact_count)]);
}

void draw_request(struct l_request *r)
{
    static const char *const who[][3] = {{"u1", "", "acc"},
                                         {"u2", "", "acc"},
                                         {"r1:s", "r1", "acc"},
                                         {"acc", "", "acc"},
                                         {"acc:f", "u1", "acc"}};
    const unsigned one = draw(sizeof who / sizeof *who);

    *r = (struct l_request){0};
    strcpy(r->id, who[one][0]);
    strcpy(r->base, who[one][1]);
    strcpy(r->account, who[one][2]);
    draw_action(r->action, false);
    draw_resource(r->resource, false);
    for (size_t i = 0; i < FAMILIES && r->facts < L_FACTS; i++)
        if (draw(4) != 0)
            draw_fact(&families[i], &r->fact[r->facts++]);
}

/* --- as JSON --- */

static char *write_list(char *to, const struct l_list *list, bool bare)
{
    if (list->n == 1 && draw(2))
        return to + sprintf(to, bare ? "%s" : "\"%s\"", list->at[0]);
    *to++ = '[';
    for (size_t i = 0; i < list->n; i++)
        to += sprintf(to, bare ? "%s%s" : "%s\"%s\"", i == 0 ? "" : ",", list->at[i]);
    *to++ = ']';
    *to = '\0';
    return to;
}

static char *write_conditions(char *to, const struct l_statement *s)
{
    to += sprintf(to, ",\"Condition\":{");
    for (size_t i = 0; i < s->conditions; i++) {
        const struct l_condition *c = &s->condition[i];
        const bool bare = draw(2) && (strstr(c->operator, "Bool") != NULL ||
                                      strstr(c->operator, "Numeric") != NULL);

        to += sprintf(to, "%s\"%s\":{\"%s\":", i == 0 ? "" : ",", c->operator, c->key);
        to = write_list(to, &c->values, bare);
        *to++ = '}';
    }
    return to + sprintf(to, "}");
}

static char *write_principals(char *to, const struct l_statement *s)
{
    to += sprintf(to, ",\"%s\":{\"AWS\":[", s->not_principal ? "NotPrincipal" : "Principal");
    for (size_t i = 0; i < s->principals.n; i++)
        to += sprintf(to, "%s\"%s\"", i == 0 ? "" : ",", s->principals.at[i]);
    return to + sprintf(to, "%s]}", s->everyone ? ",\"*\"" : "");
}

static char *write_statement(char *to, const struct l_statement *s, bool of_thing)
{
    to += sprintf(to, "{\"Effect\":\"%s\",\"%s\":", s->deny ? "Deny" : "Allow",
                  s->not_action ? "NotAction" : "Action");
    to = write_list(to, &s->actions, false);
    to += sprintf(to, ",\"%s\":", s->not_resource ? "NotResource" : "Resource");
    to = write_list(to, &s->resources, false);
    if (of_thing)
        to = write_principals(to, s);
    if (s->conditions != 0 || draw(20) == 0)
        to = write_conditions(to, s);
    return to + sprintf(to, "}");
}

void write_policy(char *to, const struct l_policy *p, bool of_thing)
{
    const char *version = p->variables ? "2012-10-17" : "2008-10-17";
    const bool last = draw(2);

    to += sprintf(to, last ? "{" : "{\"Version\":\"%s\",", version);
    to += sprintf(to, "\"Statement\":[");
    for (size_t i = 0; i < p->n; i++) {
        if (i != 0)
            *to++ = ',';
        to = write_statement(to, &p->at[i], of_thing);
    }
    to += sprintf(to, "]");
    sprintf(to, last ? ",\"Version\":\"%s\"}" : "}", version);
}
