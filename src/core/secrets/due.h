/* due: what happens to secrets by itself. Their kinds, for whoever starts the runner
 * (core/due.h). */
#pragma once

#include "core/due.h"

/* A recovery window has ended: secret_purge. Irreversible, so it waits while the clock is in
 * doubt. */
extern const struct due_kind secret_due_purge;
