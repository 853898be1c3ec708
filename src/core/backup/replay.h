/* replay: what a journal tells of since a backup was made, done again in the house that was
 * restored of it, as far as it takes something away: access keys deleted or disabled, users,
 * roles, secrets and policies deleted, policies and tags changed. What was made since does not
 * come. */
#pragma once

#include "core/operation.h"

struct house;

extern const struct fault REPLAY_JOURNAL[1]; /* it does not hold, or is another house's */

struct replay_plan {
    const char *journal;       /* its folder */
    struct bytes public_key;   /* by which it was signed when the backup was made */
    uint64_t after;            /* the last commit that is in the backup */
    const struct house *house; /* open, served by nobody */
    /* Called for each change that could not be done again: the operation's name and what it was
     * about. NULL: nobody is told. */
    void (*left)(void *ctx, struct bytes operation, struct bytes about);
    void *ctx;
};

struct replay_report {
    uint64_t done;   /* again */
    uint64_t left;   /* could not be: look at what they were about */
    uint64_t commit; /* the last that the journal tells of */
};

/* Does the journal hold, and is it that one? REPLAY_JOURNAL when not. Before anything is written.
 */
fallible backup_replay_check(struct arena *, const struct replay_plan *, struct replay_report *);

/* The journal is verified first, against that key: else nothing is done. What stands behind the
 * last signature could be anybody's: it is not done, but told by `left`. Each change is recorded in
 * the house's own journal. */
fallible backup_replay(struct arena *, const struct replay_plan *, struct replay_report *);
