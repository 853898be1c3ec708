/* print: an answer of the server for a person (lines and tables) or for a program (its JSON as it
 * came). */
#pragma once

#include "base/arena.h"

extern const struct fault PRINT_ODD[1]; /* the answer is no JSON object */

enum print_as { PRINT_LINES = 1, PRINT_JSON };

/* To standard output. Lines: "name: value"; a list of objects becomes a table. Control characters
 * are shown as '?'. */
fallible print_answer(struct arena *, struct bytes body, enum print_as);

/* An error answer {"code":...,"message":...}: both texts, in the arena; empty when it is none. */
void print_error_texts(struct arena *, struct bytes body, struct bytes *code,
                       struct bytes *message);

/* One text member of an object; false: it is not there. */
bool print_member(struct arena *, struct bytes body, struct bytes wanted, struct bytes *text);
