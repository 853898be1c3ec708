/* house_kit: a whole house below the operations: store, keeper, journal in scratch folders, one
 * worker; with a committer on a thread of its own if wanted. And a toy operation or two. */
#pragma once

#include "core/audit/journal.h"
#include "core/audit/outbox.h"
#include "core/perform.h"
#include "core/worker.h"
#include "store/drive.h"
#include "support/scratch.h"

struct house_kit {
    char data[SCRATCH_PATH], folder[SCRATCH_PATH]; /* of the store, of the journal */
    const struct engine *engine;
    int64_t segment_size;
    bool with_committer, without_journal, weighed; /* weighed: with LMDB alone */
    struct scales *scales;
    struct house house; /* its quotas are heeded */
    struct owners owners;
    struct mailbox *box;
    struct worker *worker;
};

extern struct keeper *kit_keeper; /* one for the whole test program */
void kit_start(void);             /* sensitive memory, crypto, the keeper; once */

void house_make(struct house_kit *);  /* fresh folders, then house_open */
void house_open(struct house_kit *);  /* what lies in the folders */
void house_close(struct house_kit *); /* cleanly; the folders stay */
void house_unmake(struct house_kit *);

/* A call with a principal of this type, begun. Lies in its arena. */
struct principal;
struct call *call_make(struct worker *, const struct principal *);
void call_unmake(struct call *);
extern const struct principal kit_root, kit_user, kit_stranger;

/* Performs and waits until it is DONE; the outcome. */
const struct fault *kit_perform(struct call *, const struct operation *, const void *in, void *out);

/* The toy: a counter under a name; "toy:Add" adds to it, "toy:Read" tells it. */
struct toy_in {
    struct bytes name;
    int64_t amount;
};
struct toy_out {
    int64_t total;
};
extern const struct operation toy_add, toy_read, toy_twice, toy_liar;
extern const struct fault TOY_ABSENT[1];

/* How many lines of the journal's files contain this text. */
size_t journal_count(const struct house_kit *, const char *text);
