/* literal: sentence after sentence of the specification, in whatever time it takes. */
#include "literal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* yes and no; `unsaid`: a variable stands in it that has no value. */
enum l_is { L_NO, L_YES, L_UNSAID };

/* --- variables --- */

static const struct l_fact *fact_of(const struct l_request *r, const char *key)
{
    for (size_t i = 0; i < r->facts; i++)
        if (strcasecmp(r->fact[i].key, key) == 0 && r->fact[i].values.n != 0)
            return &r->fact[i];
    return NULL;
}

/* A text becomes a list of characters, each marked whether it was written in the policy (and may be
 * a wildcard) or came from a variable. */
struct l_char {
    char is;
    bool plain;
};

struct l_chars {
    size_t n;
    struct l_char at[1024];
};

static void put(struct l_chars *to, const char *text, bool plain)
{
    for (; *text != '\0'; text++)
        to->at[to->n++] = (struct l_char){*text, plain};
}

static bool put_variable(struct l_chars *to, const char *inside, const struct l_request *r)
{
    char name[L_TEXT], *comma, *quote;
    const struct l_fact *fact;

    if (strcmp(inside, "*") == 0 || strcmp(inside, "?") == 0 || strcmp(inside, "$") == 0) {
        put(to, inside, true);
        return true;
    }
    strcpy(name, inside);
    comma = strchr(name, ',');
    if (comma != NULL)
        *comma = '\0';
    fact = fact_of(r, name);
    if (fact != NULL) {
        put(to, fact->values.at[0], true);
        return true;
    }
    if (comma == NULL)
        return false;
    quote = strchr(comma + 1, '\'') + 1;
    *strchr(quote, '\'') = '\0';
    put(to, quote, true);
    return true;
}

static bool spell(const char *text, bool variables, const struct l_request *r, struct l_chars *to)
{
    to->n = 0;
    while (*text != '\0') {
        char inside[L_TEXT];
        size_t n;

        if (!variables || strncmp(text, "${", 2) != 0) {
            to->at[to->n++] = (struct l_char){*text++, false};
            continue;
        }
        n = (size_t)(strchr(text, '}') - text) - 2;
        memcpy(inside, text + 2, n);
        inside[n] = '\0';
        if (!put_variable(to, inside, r))
            return false;
        text += n + 3;
    }
    return true;
}

/* --- wildcards --- */

static bool is_wild(const struct l_chars *p, size_t i, char which)
{
    return i < p->n && p->at[i].is == which && !p->at[i].plain;
}

/* `arn`: in the five segments before the resource part a wildcard stays in its segment, but for a
 * star that ends it. */
static bool wild(const struct l_chars *p, size_t i, const char *t, int colons, bool arn)
{
    const bool bound = arn && colons < 5;

    if (i == p->n)
        return *t == '\0';
    if (is_wild(p, i, '*')) {
        const bool runs = !bound || i + 1 == p->n || p->at[i + 1].is == ':';

        return wild(p, i + 1, t, colons, arn) ||
               (*t != '\0' && (runs || *t != ':') && wild(p, i, t + 1, colons, arn));
    }
    if (*t == '\0')
        return false;
    if (is_wild(p, i, '?') ? bound && *t == ':' : p->at[i].is != *t)
        return false;
    return wild(p, i + 1, t + 1, colons + (p->at[i].is == ':'), arn);
}

/* --- operators --- */

static bool arn_condition(const struct l_chars *p, const char *text)
{
    struct l_chars part;
    char piece[L_TEXT];
    size_t i = 0;

    if (p->n == 1 && is_wild(p, 0, '*')) {
        int colons = 0;

        for (const char *c = text; *c != '\0'; c++)
            colons += *c == ':';
        return strncmp(text, "arn:", 4) == 0 && colons >= 5;
    }
    if (strncmp(text, "arn:", 4) != 0)
        return false;
    for (int segment = 0; segment < 6; segment++) {
        size_t n = 0;

        for (part.n = 0; i < p->n && (segment == 5 || p->at[i].is != ':'); i++)
            part.at[part.n++] = p->at[i];
        if (segment < 5 && i++ == p->n)
            return false;
        while (text[n] != '\0' && (segment == 5 || text[n] != ':'))
            n++;
        if (segment < 5 && text[n] == '\0')
            return false;
        memcpy(piece, text, n);
        piece[n] = '\0';
        text += n + (segment < 5);
        if (!wild(&part, 0, piece, 0, false))
            return false;
    }
    return true;
}

static bool same_text(const struct l_chars *p, const char *text, bool caseless)
{
    if (p->n != strlen(text))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (caseless ? tolower(p->at[i].is) != tolower(text[i]) : p->at[i].is != text[i])
            return false;
    return true;
}

static bool order_holds(const char *operator, double request, double policy)
{
    if (strstr(operator, "LessThanEquals") != NULL)
        return request <= policy;
    if (strstr(operator, "LessThan") != NULL)
        return request < policy;
    if (strstr(operator, "GreaterThanEquals") != NULL)
        return request >= policy;
    if (strstr(operator, "GreaterThan") != NULL)
        return request > policy;
    return request == policy; /* also of the Not- form, which is turned round later */
}

static bool number(const char *text, double *out)
{
    char *end;

    if (text[0] == '\0' || strspn(text, "-0123456789.") != strlen(text))
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isdigit((unsigned char)end[-1]) &&
           isdigit((unsigned char)text[text[0] == '-']);
}

static bool date(const char *text, double *out)
{
    struct tm tm = {0};
    char z;

    if (number(text, out) && strchr(text, '.') == NULL)
        return true;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%c", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, &z) != 7)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *out = (double)timegm(&tm);
    return true;
}

static bool bit(const unsigned char *ip, int i)
{
    return ip[i / 8] >> (7 - i % 8) & 1;
}

static bool in_network(const char *network, const char *one)
{
    unsigned char a[16], b[16];
    char address[64];
    int bits = -1, family;

    strcpy(address, network);
    if (strchr(address, '/') != NULL) {
        bits = atoi(strchr(address, '/') + 1);
        *strchr(address, '/') = '\0';
    }
    family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    if (inet_pton(family, address, a) != 1 || inet_pton(family, one, b) != 1)
        return false;
    if (bits < 0)
        bits = family == AF_INET ? 32 : 128;
    for (int i = 0; i < bits; i++)
        if (bit(a, i) != bit(b, i))
            return false;
    return true;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* One value of the policy and one of the request, under the operator as if it had no Not. */
static enum l_is fits(const char *operator, const char * wanted, const char *value,
                      const struct l_policy *policy, const struct l_request *r)
{
    const bool texts = starts(operator, "String") || starts(operator, "Arn");
    struct l_chars chars;
    double a, b;

    if (!spell(wanted, policy->variables && texts, r, &chars))
        return L_UNSAID;
    if (starts(operator, "Arn"))
        return arn_condition(&chars, value) ? L_YES : L_NO;
    if (strstr(operator, "Like") != NULL)
        return wild(&chars, 0, value, 0, false) ? L_YES : L_NO;
    if (starts(operator, "String"))
        return same_text(&chars, value, strstr(operator, "IgnoreCase") != NULL) ? L_YES : L_NO;
    if (starts(operator, "Numeric"))
        return number(value, &a) && number(wanted, &b) && order_holds(operator, a, b);
    if (starts(operator, "Date"))
        return date(value, &a) && date(wanted, &b) && order_holds(operator, a, b);
    if (strstr(operator, "IpAddress") != NULL)
        return in_network(wanted, value);
    if (starts(operator, "Bool"))
        return (strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0) &&
               strcasecmp(value, wanted) == 0;
    return strcmp(wanted, value) == 0; /* BinaryEquals, of the same spelling */
}

/* Any of the policy's values; with Not none of them. */
static enum l_is operator_is(const struct l_condition *c, const char *operator, const char * value,
                             const struct l_policy *policy, const struct l_request *r)
{
    bool any = false, unsaid = false;

    for (size_t i = 0; i < c->values.n; i++) {
        const enum l_is is = fits(operator, c->values.at[i], value, policy, r);

        any = any || is == L_YES;
        unsaid = unsaid || is == L_UNSAID;
    }
    if (strstr(operator, "Not") == NULL)
        return any ? L_YES : L_NO;
    if (any)
        return L_NO;
    return unsaid ? L_UNSAID : L_YES;
}

static enum l_is condition_is(const struct l_condition *c, const struct l_policy *policy,
                              const struct l_request *r)
{
    const bool all = starts(c->operator, "ForAllValues:"),
               any = starts(c->operator, "ForAnyValue:");
    const char *operator= all || any ? strchr(c->operator, ':') + 1 : c->operator;
    const bool negated = strstr(operator, "Not") != NULL;
    const struct l_fact *fact = fact_of(r, c->key);
    size_t yes = 0, no = 0, unsaid = 0;

    if (strcmp(operator, "Null") == 0) {
        for (size_t i = 0; i < c->values.n; i++)
            if ((strcmp(c->values.at[i], "true") == 0) == (fact == NULL))
                return L_YES;
        return L_NO;
    }
    if (fact == NULL) {
        if (all || any)
            return all ? L_YES : L_NO;
        return strstr(operator, "IfExists") != NULL || negated ? L_YES : L_NO;
    }
    for (size_t i = 0; i < fact->values.n; i++) {
        const enum l_is is = operator_is(c, operator, fact->values.at[i], policy, r);

        yes += is == L_YES;
        no += is == L_NO;
        unsaid += is == L_UNSAID;
    }
    if (any || (!all && !negated)) /* one is enough */
        return yes != 0 ? L_YES : unsaid != 0 ? L_UNSAID : L_NO;
    return no != 0 ? L_NO : unsaid != 0 ? L_UNSAID : L_YES; /* all have to */
}

/* --- statements --- */

static bool action_is(const struct l_statement *s, const struct l_request *r)
{
    char lower[L_TEXT], pattern[L_TEXT];
    struct l_chars chars;
    bool any = false;

    for (size_t i = 0; i <= strlen(r->action); i++)
        lower[i] = (char)tolower((unsigned char)r->action[i]);
    for (size_t i = 0; i < s->actions.n; i++) {
        for (size_t j = 0; j <= strlen(s->actions.at[i]); j++)
            pattern[j] = (char)tolower((unsigned char)s->actions.at[i][j]);
        spell(pattern, false, r, &chars);
        any = any || wild(&chars, 0, lower, 0, false);
    }
    return any != s->not_action;
}

static enum l_is resource_is(const struct l_statement *s, const struct l_policy *policy,
                             const struct l_request *r)
{
    struct l_chars chars;
    bool any = false, unsaid = false;

    for (size_t i = 0; i < s->resources.n; i++) {
        if (!spell(s->resources.at[i], policy->variables, r, &chars))
            unsaid = true;
        else
            any = any || wild(&chars, 0, r->resource, 0, true);
    }
    if (s->not_resource && !any && unsaid)
        return L_UNSAID;
    return any != s->not_resource ? L_YES : L_NO;
}

static bool listed(const struct l_list *list, const char *id)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i], id) == 0)
            return true;
    return false;
}

/* How it names who asks: more is nearer. */
enum l_naming { L_NOT_NAMED, L_BY_ACCOUNT, L_AS_EVERYBODY, L_BY_BASE, L_BY_ITSELF };

static enum l_naming naming_of(const struct l_statement *s, const struct l_request *r)
{
    const bool based = r->base[0] != '\0';

    if (s->not_principal)
        return (s->everyone || (listed(&s->principals, r->account) &&
                                listed(&s->principals, based ? r->base : r->id)))
                   ? L_NOT_NAMED
                   : L_AS_EVERYBODY;
    if (listed(&s->principals, r->id))
        return L_BY_ITSELF;
    if (based && listed(&s->principals, r->base))
        return L_BY_BASE;
    if (s->everyone)
        return L_AS_EVERYBODY;
    return listed(&s->principals, r->account) ? L_BY_ACCOUNT : L_NOT_NAMED;
}

/* What rests on a variable without value denies, and does not allow. */
static bool applies(const struct l_statement *s, const struct l_policy *policy,
                    const struct l_request *r)
{
    enum l_is is[L_CONDITIONS + 1];
    size_t n = 0;

    if (!action_is(s, r) || naming_of(s, r) == L_NOT_NAMED)
        return false;
    is[n++] = resource_is(s, policy, r);
    for (size_t i = 0; i < s->conditions; i++)
        is[n++] = condition_is(&s->condition[i], policy, r);
    for (size_t i = 0; i < n; i++)
        if (is[i] == L_NO || (is[i] == L_UNSAID && !s->deny))
            return false;
    return true;
}

/* --- policies --- */

struct l_heard {
    bool denied, allowed, directly, left;
};

static struct l_heard hear(const struct l_policy *policy, const struct l_request *r)
{
    struct l_heard heard = {0};

    for (size_t i = 0; policy != NULL && i < policy->n; i++) {
        const struct l_statement *s = &policy->at[i];

        if (!applies(s, policy, r))
            continue;
        if (s->deny)
            heard.denied = true;
        else if (naming_of(s, r) == L_BY_ACCOUNT)
            heard.left = true;
        else
            heard.allowed = true;
        heard.directly = heard.directly || (!s->deny && naming_of(s, r) == L_BY_ITSELF);
    }
    return heard;
}

static struct l_heard hear_all(const struct l_policy *const set[], size_t n,
                               const struct l_request *r)
{
    struct l_heard all = {0};

    for (size_t i = 0; i < n; i++) {
        const struct l_heard one = hear(set[i], r);

        all.denied = all.denied || one.denied;
        all.allowed = all.allowed || one.allowed;
    }
    return all;
}

enum l_verdict literal_judge(const struct l_policy *const set[], size_t n,
                             const struct l_request *r)
{
    const struct l_heard heard = hear_all(set, n, r);

    if (heard.denied)
        return L_DENY;
    return heard.allowed ? L_ALLOW : L_SILENT;
}

/* SEMANTICS 3, 1 to 6. */
bool literal_decide(const struct l_case *k, const struct l_request *r)
{
    const struct l_heard identity = hear_all(k->identity, k->identities, r);
    const struct l_heard boundary = hear(k->boundary, r);
    const struct l_heard session = hear_all(k->session, k->sessions, r);
    const struct l_heard thing = hear(k->thing, r);
    const bool identity_allows = identity.allowed || k->sovereign;
    const bool limits_allow =
        (k->boundary == NULL || boundary.allowed) && (k->sessions == 0 || session.allowed);

    if (identity.denied || boundary.denied || session.denied || thing.denied)
        return false;
    if (k->abroad)
        return (thing.allowed || thing.left) && identity_allows && limits_allow;
    if (thing.directly)
        return true;
    if (k->thing_must)
        return (thing.allowed && limits_allow) ||
               (!thing.allowed && thing.left && identity_allows && limits_allow);
    return (thing.allowed || identity_allows) && limits_allow;
}
