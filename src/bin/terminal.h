/* terminal: one line that is a secret, asked of a person without echo. */
#pragma once

#include "base/sensitive.h"

/* clang-format off */
extern const struct fault TERMINAL_GONE[1];        /* it is no terminal, or was closed */
extern const struct fault TERMINAL_INTERRUPTED[1]; /* by a signal; what was typed is wiped */
/* clang-format on */

int terminal_open(void); /* the controlling one, whatever standard input is; -1: there is none */

enum { TERMINAL_MOST = 4096 }; /* bytes of a line */

/* Without its line end, in the keys region; what is typed beyond TERMINAL_MOST is left out. The
 * terminal echoes again afterwards, also when a signal ends the process meanwhile. */
fallible terminal_ask(struct arena *, int terminal, const char *prompt, struct sensitive **out);

bool terminal_same(const struct sensitive *, const struct sensitive *);
