/* pattern: greedy, with a way back to the last stars. */
#include "core/policy/pattern.h"

enum { ARN_COLONS = 5 };

static size_t count(struct bytes text, uint8_t wanted)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.at[i] == wanted;
    return n;
}

static size_t literal_head(struct bytes text)
{
    size_t n = 0;

    while (n < text.n && text.at[n] != '*' && text.at[n] != '?')
        n++;
    return n;
}

static bool pattern_of(struct bytes text, size_t free_from, struct pattern *out)
{
    const size_t head = literal_head(text);

    *out =
        (struct pattern){.form = PATTERN_GLOB, .text = text, .head = head, .free_from = free_from};
    if (head == text.n)
        out->form = PATTERN_EXACT;
    else if (head == text.n - 1 && text.at[head] == '*')
        out->form = PATTERN_PREFIX;
    return text.n <= PATTERN_MOST && count(text, '*') <= PATTERN_STARS;
}

bool pattern_of_action(struct bytes lower_case, struct pattern *out)
{
    return pattern_of(lower_case, 0, out);
}

bool pattern_of_resource(struct bytes text, struct pattern *out)
{
    size_t i = 0;

    for (size_t colons = 0; i < text.n && colons < ARN_COLONS; i++)
        colons += text.at[i] == ':';
    return pattern_of(text, i, out);
}

/* A comparison under way: where it stands, and the stars that may still take more. */
struct glob {
    const struct pattern *pattern;
    struct bytes text;
    size_t i, j;  /* into the pattern, into the text */
    size_t known; /* so many bytes of the text are what they are; the others may be anything */
    size_t depth;
    struct {
        size_t i, took; /* the star, and where in the text it ends so far */
    } stars[PATTERN_STARS];
};

static bool crosses(const struct pattern *pattern, size_t i)
{
    return i >= pattern->free_from || i + 1 == pattern->text.n || pattern->text.at[i + 1] == ':';
}

/* A star that crosses can take all that an earlier one could: the earlier ones are let go, and so
 * the whole stays linear. */
static void push(struct glob *g)
{
    if (crosses(g->pattern, g->i))
        g->depth = 0;
    g->stars[g->depth].i = g->i++;
    g->stars[g->depth++].took = g->j;
}

static bool one(const struct glob *g)
{
    const uint8_t wanted = g->pattern->text.at[g->i];

    if (wanted == '?')
        return g->i >= g->pattern->free_from || g->text.at[g->j] != ':';
    return wanted == g->text.at[g->j] || g->j >= g->known;
}

static bool back(struct glob *g)
{
    for (; g->depth > 0; g->depth--) {
        const size_t i = g->stars[g->depth - 1].i, took = g->stars[g->depth - 1].took;

        if (took < g->text.n && (g->text.at[took] != ':' || crosses(g->pattern, i))) {
            g->i = i + 1;
            g->j = g->stars[g->depth - 1].took = took + 1;
            return true;
        }
    }
    return false;
}

static enum match glob(struct glob *g, int *left)
{
    const struct bytes wanted = g->pattern->text;
    int steps = *left < PATTERN_STEPS ? *left : PATTERN_STEPS;

    for (; steps > 0; steps--, --*left) {
        if (g->i == wanted.n && g->j == g->text.n)
            return MATCH_YES;
        if (g->i < wanted.n && wanted.at[g->i] == '*') {
            push(g);
        } else if (g->i < wanted.n && g->j < g->text.n && one(g)) {
            g->i++;
            g->j++;
        } else if (!back(g)) {
            return MATCH_NO;
        }
    }
    return MATCH_SPENT;
}

/* What stands before the first wildcard, as far as the text is known. */
static bool heads_agree(const struct pattern *pattern, struct bytes text, size_t known)
{
    const size_t n = pattern->head < known ? pattern->head : known;

    return pattern->head <= text.n && bytes_begins(text, (struct bytes){pattern->text.at, n});
}

static enum match match(const struct pattern *pattern, struct bytes text, size_t known, int *left)
{
    struct glob g;

    if (!heads_agree(pattern, text, known))
        return MATCH_NO;
    if (pattern->form == PATTERN_PREFIX)
        return MATCH_YES;
    if (pattern->form == PATTERN_EXACT)
        return text.n == pattern->head ? MATCH_YES : MATCH_NO;
    g.pattern = pattern; /* its stars need no zeros */
    g.text = text;
    g.known = known;
    g.i = g.j = pattern->head;
    g.depth = 0;
    return glob(&g, left);
}

enum match pattern_match(const struct pattern *pattern, struct bytes text, int *left)
{
    return match(pattern, text, text.n, left);
}

enum match pattern_may_match(const struct pattern *pattern, struct bytes text, size_t unknown,
                             int *left)
{
    return match(pattern, text, text.n - unknown, left);
}
