/* journal_kit: a journal by itself, in a scratch folder, with small segments. */
#pragma once

#include "core/audit/journal.h"
#include "core/audit/verify.h"
#include "support/scratch.h"

enum {
    SEGMENT_SMALL = 16 << 10, /* bytes */
    JOURNAL_PATH = SCRATCH_PATH + 64
};

struct journal_kit {
    char folder[SCRATCH_PATH];
    struct journal *journal;
    struct journal_settings settings;
};

void journal_make(struct journal_kit *);   /* a fresh folder, and the journal open in it */
void journal_reopen(struct journal_kit *); /* closes it first, if it is open */
void journal_unmake(struct journal_kit *);

/* The report on the whole folder; `file` in it is left out. */
struct verify_report journal_verified(const struct journal_kit *, const struct verify_since *);

/* Where the segment lies whose first record has this sequence. */
void journal_path(const struct journal_kit *, uint64_t first, char path[JOURNAL_PATH]);
