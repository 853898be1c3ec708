/* print: an answer of the server for a person (a table) or for a program (its JSON as it came, or
 * text without headings). Control characters are shown as '?'; headings are bold on a terminal,
 * unless NO_COLOR is set or TERM is dumb. */
#pragma once

#include "base/arena.h"

#include <stdio.h>

extern const struct fault PRINT_ODD[1]; /* the answer is no JSON object */

enum print_as { PRINT_TABLE = 1, PRINT_JSON, PRINT_TEXT };

/* "table", "json" or "text"; NULL: a table on a terminal, JSON elsewhere. False: none of these. */
bool print_form(const char *said, enum print_as *out);

/* To standard output. As a table: "name: value", and a list of objects is a table of its own.
 * As text: the values alone, those of a list one row a line with tabs between. */
fallible print_answer(struct arena *, struct bytes body, enum print_as as);

/* A table whose rows come in pieces. */
enum { PRINT_COLUMNS = 16 };
struct print_table {
    struct bytes members[PRINT_COLUMNS], titles[PRINT_COLUMNS];
    size_t widths[PRINT_COLUMNS], columns;
    enum print_as as; /* not JSON */
    bool titled;      /* the headings have been written */
    const char *none; /* written in their place while there are no rows; NULL: the headings are */
};
/* A column: a member of each row's object, and what stands above it. */
void print_column(struct print_table *, struct bytes member, struct bytes title);
/* An array of objects. Columns that nobody named are made of the members of its objects. Moments
 * become dates, lists of texts one text. PRINT_ODD, ARENA_SPENT. */
fallible print_rows(struct arena *, struct print_table *, struct bytes array);
/* After the last piece: says `none` where nothing came. */
void print_rows_end(const struct print_table *);

/* What somebody else wrote, where a terminal may read it: a control character, and each byte that
 * is no UTF-8, is written as '?'. */
void print_shown(FILE *, struct bytes text);

/* A line that is a heading: bold where headings are. */
void print_heading(const char *line);

/* One text member of an object; false: it is not there. */
bool print_member(struct arena *, struct bytes body, struct bytes wanted, struct bytes *text);

/* An error answer {"code":...,"message":...}: both texts, in the arena; empty when it is none. */
void print_error_texts(struct arena *, struct bytes body, struct bytes *code,
                       struct bytes *message);
