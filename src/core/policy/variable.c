/* variable: read from left to right, once. */
#include "core/policy/variable.h"

#include "codec/text.h"
#include "core/policy/inside.h"

#include <string.h>

/* One of them. `self`: it stands for this one character. */
struct variable {
    struct policy_key key;
    struct bytes fallback; /* at == NULL: none */
    uint8_t self;
};

bool variables_in(struct bytes text)
{
    return memmem(text.at, text.n, "${", 2) != NULL;
}

/* 'some text', quotes and all. */
static bool quoted(struct bytes text, struct bytes *inside)
{
    if (text.n < 2 || text.at[0] != '\'' || text.at[text.n - 1] != '\'')
        return false;
    *inside = (struct bytes){text.at + 1, text.n - 2};
    return memchr(inside->at, '\'', inside->n) == NULL;
}

/* What stands between the braces. */
static enum variables read(struct bytes inside, struct variable *out)
{
    struct bytes name = inside, rest = inside;

    *out = (struct variable){0};
    if (inside.n == 1 && memchr("*?$", inside.at[0], 3) != NULL) {
        out->self = inside.at[0];
        return VARIABLES_FIT;
    }
    if (bytes_cut(&rest, ',', &name) && !quoted(text_trim(rest), &out->fallback))
        return VARIABLES_TORN;
    switch (policy_key_of(text_trim(name), &out->key)) {
    case KEY_KNOWN:
        return out->key.many ? VARIABLES_UNKNOWN : VARIABLES_FIT;
    case KEY_UNKNOWN:
        return VARIABLES_UNKNOWN;
    case KEY_ILL_FORMED:
        break;
    }
    return VARIABLES_TORN;
}

/* Cuts `*rest` behind the next one: *before stands in front of it. *there: there was one. */
static enum variables next(struct bytes *rest, struct bytes *before, struct variable *out,
                           bool *there)
{
    const uint8_t *at = rest->n == 0 ? NULL : memmem(rest->at, rest->n, "${", 2);
    struct bytes inside;

    *there = at != NULL;
    *before = *rest;
    if (at == NULL) {
        *rest = (struct bytes){0};
        return VARIABLES_FIT;
    }
    before->n = (size_t)(at - rest->at);
    *rest = bytes_after(*rest, before->n + 2);
    return bytes_cut(rest, '}', &inside) ? read(inside, out) : VARIABLES_TORN;
}

enum variables variables_fit(struct bytes text)
{
    enum variables found = VARIABLES_FIT;
    struct variable variable;
    struct bytes before;
    bool there = true;

    while (found == VARIABLES_FIT && there)
        found = next(&text, &before, &variable, &there);
    return found;
}

/* --- putting in --- */

static bool add(struct filled *out, struct bytes text)
{
    if (text.n > sizeof out->at - out->n)
        return false;
    if (text.n != 0)
        memcpy(out->at + out->n, text.at, text.n);
    out->n += text.n;
    return true;
}

/* As a text that matches itself alone. What would pass for our marks is no text of ours. */
static bool add_plain(struct filled *out, struct bytes text, bool wild)
{
    const size_t from = out->n;

    if (!add(out, text))
        return false;
    for (size_t i = from; i < out->n && wild; i++) {
        uint8_t *c = &out->at[i];

        if (*c == PATTERN_STAR || *c == PATTERN_MARK)
            return false;
        if (*c == '*' || *c == '?')
            *c = *c == '*' ? PATTERN_STAR : PATTERN_MARK;
    }
    return true;
}

static enum match value_of(const struct variable *variable, const struct asked *asked,
                           struct bytes *value)
{
    if (variable->self != 0) {
        *value = (struct bytes){&variable->self, 1};
        return MATCH_YES;
    }
    switch (asked_about(asked, &variable->key, 0, value)) {
    case CIRCUMSTANCE_SAID:
        return MATCH_YES;
    case CIRCUMSTANCE_LATER:
        return MATCH_LATER;
    case CIRCUMSTANCE_NONE:
        break;
    }
    *value = variable->fallback;
    return value->at != NULL ? MATCH_YES : MATCH_UNSAID;
}

enum match variables_fill(struct bytes text, bool wild, const struct asked *asked,
                          struct filled *out)
{
    struct variable variable;
    struct bytes before, value;
    bool there = true;

    out->n = 0;
    while (there) {
        enum match found;

        if (next(&text, &before, &variable, &there) != VARIABLES_FIT || !add(out, before))
            return MATCH_SPENT;
        if (!there)
            break;
        found = value_of(&variable, asked, &value);
        if (found != MATCH_YES)
            return found;
        if (!add_plain(out, value, wild))
            return MATCH_SPENT;
    }
    return asked_spend(asked, out->n) ? MATCH_YES : MATCH_SPENT;
}
