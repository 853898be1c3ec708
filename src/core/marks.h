/* marks: when things were last used. Gathered in a worker's memory, written by worker_tick() as a
 * batch without guards, into a table of their own: never in a reader's way, at most one write for a
 * key and day. A mark may be lost (a crash, a full table): it is a convenience, never evidence; the
 * journal is that. */
#pragma once

#include "core/operation.h"

/* The key (of TABLE_LAST_USE, from record_key) was used now. Costs a hash and a look; never fails,
 * may be dropped. Not for operations that change something: a re-run on the committer's worker is
 * not counted. */
void mark_used(struct call *, struct bytes key);

/* The same of a thing that is listed by its last use: when the mark is written, `moved` is called
 * in that transaction to move the thing's row. Two workers may write at once, the later one wins:
 * rows of days that are not the mark's may be left and have to be passed over. */
struct mark_list {
    fallible (*moved)(struct call *, struct bytes thing, struct moment before, struct moment now);
};

/* What was used of it (a secret's version), beside the whole; `list` and `part` may be missing
 * (NULL, empty). Of a thing's parts the last MARK_PARTS are known. */
enum { MARK_PARTS = 128 };
struct mark_of {
    struct bytes thing, part;
    const struct mark_list *list;
};
void mark_used_of(struct call *, uint64_t use, struct bytes key, const struct mark_of *);

/* A use of `part` of the thing called `name` is likely now: what stands for it today, and what is
 * looked at is fetched meanwhile. Once it was marked mark_known says so until the day ends, and
 * nobody need make the key. */
uint64_t mark_expected(struct call *, struct bytes name, struct bytes part);
bool mark_known(const struct call *, uint64_t use);

/* The day of the last use, in ms since 1970 at its start (UTC): what the store has. False: never,
 * or not yet written. */
fallible mark_read(struct call *, struct bytes key, struct moment *last);
/* The same of one of its parts. */
fallible mark_read_part(struct call *, struct bytes key, struct bytes part, struct moment *last);
