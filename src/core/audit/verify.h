/* verify: holds a journal against its chain and its signatures, without the server. It needs the
 * folder and the public key; it says the first thing that is wrong, and how far a signature vouches
 * for what is right. */
#pragma once

#include "base/arena.h"

enum verify_verdict {
    VERIFY_WHOLE = 1, /* every record stands where it was written */
    /* Whole, but the last record is incomplete and nothing is anchored after it: a power cut. */
    VERIFY_TORN,
    VERIFY_CHANGED, /* a record was changed, dropped, moved or added: `sequence` names it */
    /* The checkpoint given with `since` is not in it, or the first segments are gone, and no signed
     * record says that their age was up. */
    VERIFY_CUT,
    VERIFY_UNSIGNED, /* a checkpoint's signature is not this key's: `sequence` names it */
    VERIFY_EMPTY,
};

struct verify_report {
    enum verify_verdict verdict;
    uint64_t records;    /* in order, seen whole */
    uint64_t first;      /* the first sequence there is; above 1: older segments were retired */
    uint64_t retired_by; /* the record that says so; 0: none */
    int64_t retired_ms;  /* when the last of them was closed */
    uint64_t sequence;   /* the last one that is right, or the first one that is wrong */
    /* Up to here a checkpoint's signature vouches; the rest is chained, but could be rewritten. */
    uint64_t anchored;
    uint8_t anchored_chain[32];
    uint64_t commit; /* the last commit number told */
    int64_t anchored_ms;
    struct bytes file; /* where the first wrong thing stands, and at which line (from 1) */
    uint64_t line;
};

/* A checkpoint kept elsewhere (a sink, a note on paper) that must be found again, unless it lies in
 * what was retired; sequence 0: none. */
struct verify_since {
    uint64_t sequence;
    uint8_t chain[32];
};

extern const struct fault VERIFY_FOLDER[1]; /* no such folder, or a file in it cannot be read */
extern const struct fault VERIFY_KEY[1];    /* no public key given and none beside the journal */

/* `public_key`: 32 bytes, or empty: the one beside the journal (which proves less: whoever rewrites
 * the one can rewrite the other). Reads one segment at a time into memory. */
fallible journal_verify(struct arena *, struct bytes folder, struct bytes public_key,
                        const struct verify_since *, struct verify_report *);
