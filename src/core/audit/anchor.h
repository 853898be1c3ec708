/* anchor: the journal's last checkpoint as the store remembers it (the row J), so that a cut
 * journal is noticed. */
#pragma once

#include "core/audit/journal.h"
#include "core/record.h"

/* All zero: the store remembers none yet. */
fallible anchor_load(struct call *, struct journal_anchor *);
fallible anchor_save(struct call *, const struct journal_anchor *);
