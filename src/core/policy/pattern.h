/* pattern: a text with the wildcards * (any run) and ? (any one), held against a text in linear
 * time.
 *
 * An action's pattern is compared without regard to case. A resource's pattern knows ARNs: in the
 * five segments before the resource part a wildcard stays inside its segment, except a `*` that is
 * the last character of a segment, which may run on past the colon; in the resource part both match
 * anything (SEMANTICS 3). Of a condition's value no character is special but the two.
 *
 * In a text that a variable was put into, its own `*` and `?` stand as PATTERN_STAR and
 * PATTERN_MARK: they match themselves alone. */
#pragma once

#include "base/bytes.h"

enum {
    PATTERN_STARS = 8,             /* in one pattern */
    PATTERN_MOST = 1024,           /* bytes */
    PATTERN_STEPS = 16 * 1024,     /* that one comparison may take */
    PATTERN_STEPS_ALL = 64 * 1024, /* that all of one judgement may take: half a millisecond */
};

enum pattern_form {
    PATTERN_EXACT = 1,
    PATTERN_PREFIX, /* only a `*` at the end */
    PATTERN_GLOB,
    PATTERN_OPEN, /* holds variables: cannot be matched before they are put in (variable.h) */
};

enum { PATTERN_STAR = 1, PATTERN_MARK = 2 };

struct pattern {
    enum pattern_form form;
    struct bytes text; /* borrowed; an action's in lower case */
    size_t head;       /* so many bytes stand before the first wildcard */
    size_t free_from;  /* from here on wildcards match colons too */
};

/* False: too long, or too many stars. */
bool pattern_of_action(struct bytes lower_case, struct pattern *);
/* `open`: "${" begins a variable, and there is one. */
bool pattern_of_resource(struct bytes, bool open, struct pattern *);
bool pattern_of_text(struct bytes, bool open, struct pattern *);

enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_UNSAID, /* a variable that it rests on has no value */
    MATCH_LATER,  /* cannot be told before the thing has been looked for */
    MATCH_SPENT,  /* more steps than it may take, or than are left */
};

/* *left: steps that the judgement may still take, PATTERN_STEPS_ALL at its beginning; what this
 * takes is taken off. */
enum match pattern_match(const struct pattern *, struct bytes text, int *left);

/* While the last `unknown` bytes of the text may be any: MATCH_YES matches all of them, MATCH_LATER
 * some. */
enum match pattern_may_match(const struct pattern *, struct bytes text, size_t unknown, int *left);
