/* variable: "${aws:username}", "${aws:PrincipalTag/team, 'none'}", and "${*}", "${?}", "${$}" for
 * the characters themselves, within a text of a policy of the version 2012-10-17. What is put in
 * is taken as it is: its own `*` and `?` match themselves alone, and a "${" in it is a text. For
 * this folder alone. */
#pragma once

#include "core/policy/pattern.h"

struct asked;

enum { VARIABLE_TEXT_MOST = 2048 }; /* bytes of a text that variables were put into */

bool variables_in(struct bytes text); /* does it look as if there were one? */

enum variables { VARIABLES_FIT, VARIABLES_TORN /* ill-formed */, VARIABLES_UNKNOWN };

/* For writing: well-formed, each of a key that is known and has one value at most. */
enum variables variables_fit(struct bytes text);

struct filled {
    size_t n;
    uint8_t at[VARIABLE_TEXT_MOST];
};

/* With their values in this request. `wild`: for a pattern. MATCH_YES, or why not: MATCH_UNSAID,
 * MATCH_LATER, and MATCH_SPENT also when it is too long. */
enum match variables_fill(struct bytes text, bool wild, const struct asked *, struct filled *);
