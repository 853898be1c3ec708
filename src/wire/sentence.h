/* sentence: a refusal's words, filled in. */
#pragma once

#include "core/operation.h"

/* What the caller is told: `text` with each {} replaced by the call's next subject; when `text` is
 * NULL the call's detail, else the fault's own text, filled alike. Empty: nothing is told. In the
 * arena, or as it stands; when memory is spent the text unfilled. */
struct bytes sentence(const struct call *, const char *text, const struct fault *);
