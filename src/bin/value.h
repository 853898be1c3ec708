/* value: a secret's value on its way in (standard input, a prompt without echo, a file) and on its
 * way out (a pipe, a terminal, a new file). In between it lies in sensitive memory; an argument is
 * none of these. */
#pragma once

#include "base/sensitive.h"

enum { VALUE_MOST = 262144 }; /* what the server's own limit may be raised to */

/* clang-format off */
extern const struct fault VALUE_TERMINAL[1]; /* no terminal to ask at */
extern const struct fault VALUE_TWICE[1];    /* what was typed again differs */
extern const struct fault VALUE_EMPTY[1];    /* nothing came */
extern const struct fault VALUE_LONG[1];     /* over VALUE_MOST bytes */
extern const struct fault VALUE_SHOWN[1];    /* bytes that a terminal should not be given */
/* clang-format on */

/* `file` NULL: standard input, or, when that is a terminal, one line asked for twice without echo
 * (`prompt` says for what). "-": standard input. */
fallible value_read(struct arena *, const char *file, const char *prompt, struct sensitive **out);

/* `file` NULL: to standard output as it is. A terminal gets a line end after it if it has none, and
 * VALUE_SHOWN instead of bytes that are no text. A file is made anew with mode 0600: FILE_EXISTS.
 */
fallible value_write(const char *file, struct sensitive_view);
