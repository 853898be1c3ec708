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

static bool special(uint8_t c)
{
    return c == '*' || c == '?' || c == PATTERN_STAR || c == PATTERN_MARK;
}

static size_t literal_head(struct bytes text, bool open)
{
    size_t n = 0;

    while (n < text.n && !special(text.at[n]) && !(open && text.at[n] == '$'))
        n++;
    return n;
}

static bool pattern_of(struct bytes text, size_t free_from, bool open, struct pattern *out)
{
    const size_t head = literal_head(text, open);

    *out =
        (struct pattern){.form = PATTERN_GLOB, .text = text, .head = head, .free_from = free_from};
    if (open)
        out->form = PATTERN_OPEN;
    else if (head == text.n)
        out->form = PATTERN_EXACT;
    else if (head == text.n - 1 && text.at[head] == '*')
        out->form = PATTERN_PREFIX;
    return text.n <= PATTERN_MOST && count(text, '*') <= PATTERN_STARS;
}

bool pattern_of_action(struct bytes lower_case, struct pattern *out)
{
    return pattern_of(lower_case, 0, false, out);
}

bool pattern_of_text(struct bytes text, bool open, struct pattern *out)
{
    return pattern_of(text, 0, open, out);
}

bool pattern_of_resource(struct bytes text, bool open, struct pattern *out)
{
    size_t i = 0;

    for (size_t colons = 0; i < text.n && colons < ARN_COLONS; i++)
        colons += text.at[i] == ':';
    return pattern_of(text, i, open, out);
}

/* A comparison under way: where it stands, and the stars that may still take more. */
struct glob {
    const struct pattern *pattern;
    struct bytes text;
    size_t i, j;  /* into the pattern, into the text */
    size_t known; /* so many bytes of the text are what they are; the others may be anything */
    bool hope;    /* and are then what is wanted; else a wildcard alone takes them */
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
    uint8_t wanted = g->pattern->text.at[g->i];

    if (wanted == PATTERN_STAR || wanted == PATTERN_MARK)
        wanted = wanted == PATTERN_STAR ? '*' : '?';
    else if (wanted == '?')
        return g->i >= g->pattern->free_from || g->text.at[g->j] != ':';
    return g->j < g->known ? wanted == g->text.at[g->j] : g->hope;
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

/* Apart, since most patterns need none of it. */
static __attribute__((noinline)) enum match
try_all(const struct pattern *pattern, struct bytes text, size_t known, bool hope, int *left)
{
    struct glob g = {.pattern = pattern, .text = text, .known = known, .hope = hope};

    g.i = g.j = pattern->head;
    return glob(&g, left);
}

enum match pattern_match(const struct pattern *pattern, struct bytes text, int *left)
{
    if (!heads_agree(pattern, text, text.n))
        return MATCH_NO;
    if (pattern->form == PATTERN_PREFIX)
        return MATCH_YES;
    if (pattern->form == PATTERN_EXACT)
        return text.n == pattern->head ? MATCH_YES : MATCH_NO;
    return try_all(pattern, text, text.n, false, left);
}

enum match pattern_may_match(const struct pattern *pattern, struct bytes text, size_t unknown,
                             int *left)
{
    const size_t known = text.n - unknown;
    enum match match = MATCH_NO;

    if (!heads_agree(pattern, text, known))
        return MATCH_NO;
    if (pattern->form == PATTERN_PREFIX)
        return pattern->head <= known ? MATCH_YES : MATCH_LATER;
    if (pattern->head <= known)
        match = try_all(pattern, text, known, false, left);
    if (match != MATCH_NO)
        return match;
    match = try_all(pattern, text, known, true, left);
    return match == MATCH_YES ? MATCH_LATER : match;
}
