/* options: what stands behind a command's name: --name VALUE, --name=VALUE, flags, and words. Rows
 * say what there is, and the same rows are the command's --help. */
#pragma once

#include "cli/print.h"

enum { OPTIONS_MOST = 24, OPTION_VALUES = 16, WORDS_MOST = 16 };

/* clang-format off */
#define FORM_ROW {"output", "FORM", "table, json or text; a table on a terminal, json on a pipe"}
/* clang-format on */

struct option_row {
    const char *name;  /* without the dashes; NULL ends the table */
    const char *value; /* what its value is called in --help; NULL: a flag without one */
    const char *help;
};

struct options {
    const struct option_row *rows;
    const char *values[OPTIONS_MOST][OPTION_VALUES];
    int counts[OPTIONS_MOST];
    const char *words[WORDS_MOST];
    int word_count;
    char **child; /* of dev, what stands behind "--" (of others, more words); NULL: nothing */
    bool help;
};

/* False: something was wrong, and a sentence about it stands on standard error. `command` is for
 * that sentence. */
bool options_read(struct options *, const char *command, const struct option_row *, int argc,
                  char **argv);

/* For a command that takes no words: false, with a sentence on standard error, when one was said.
 */
bool options_wordless(const struct options *, const char *command);

bool options_has(const struct options *, const char *name);
const char *options_value(const struct options *,
                          const char *name); /* the last one said; NULL: not said */
int options_values(const struct options *, const char *name, const char *const **values);

/* The same as slices; returns how many. */
size_t options_bytes(const struct options *, const char *name,
                     struct bytes out[static OPTION_VALUES]);

/* A whole number within bounds; false, with a sentence on standard error, when it is none. Not
 * said: *out stays. */
bool options_number(const struct options *, const char *name, long least, long most, long *out);

/* What --output says, else what standard output is for; false, with a sentence, when it is none. */
bool options_form(const struct options *, const char *command, enum print_as *out);

void options_help(const struct option_row *);
