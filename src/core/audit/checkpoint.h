/* checkpoint: a signed word of where the journal stood. What it vouches for cannot be rewritten
 * without the keeper's key. It stands in the journal as a record; the same, as a footer, closes a
 * segment. */
#pragma once

#include "core/audit/journal.h"
#include "core/audit/line.h"

enum { SIGNATURE_SIZE = 64, PUBLIC_SIZE = CHAIN_SIZE, CHECKPOINT_MOST = 512 };

enum own { OWN_NOTHING, OWN_SEGMENT, OWN_CHECKPOINT, OWN_END, OWN_TORN, OWN_RETIRED, OWN_KEY };

/* The journal's own records. */
struct checkpoint {
    struct journal_anchor at;
    uint32_t generation; /* of the root whose signing key it is */
    uint8_t signature[SIGNATURE_SIZE];
};

/* The first record of each segment: what the segment before ended with. */
struct segment_head {
    uint8_t before[CHAIN_SIZE];
    uint64_t commit, commit_records; /* the last commit told so far, and by how many records */
};

/* Signs and spells one: `kind` is OWN_CHECKPOINT or OWN_END. The text lies in `room`. */
fallible checkpoint_make(struct keeper *, enum own kind, struct checkpoint *,
                         uint8_t room[CHECKPOINT_MOST], struct bytes *text);

/* Which of the journal's own records a text is; a request's record is OWN_NOTHING. Fills the one
 * that fits; of OWN_RETIRED c->at: the last record that went, its chain value, when its segment was
 * closed. False: it begins like one of ours and does not go on so. */
bool own_read(struct bytes text, enum own *, struct segment_head *, struct checkpoint *);

/* Says by whose signature the journal goes on, signed by the key that it had: whoever knows that
 * one knows the next. As a struct checkpoint: `generation` is the next one's, its public key is in
 * at.chain, the rest is empty. */
fallible endorsement_make(struct keeper *, struct checkpoint *, uint8_t room[CHECKPOINT_MOST],
                          struct bytes *text);
bool endorsement_holds(const struct checkpoint *, struct bytes public_key);

bool checkpoint_holds(const struct checkpoint *, struct bytes public_key);

struct bytes segment_head_text(const struct segment_head *, uint8_t room[CHECKPOINT_MOST]);

/* Says that the segment of the records from `first` to last->sequence goes, whose age is up. */
struct bytes retired_text(uint64_t first, const struct journal_anchor *last,
                          uint8_t room[CHECKPOINT_MOST]);

/* Says that `cut` (a torn tail) was taken out: how many bytes, and their SHA-256. */
struct bytes torn_text(struct bytes cut, uint8_t room[CHECKPOINT_MOST]);
