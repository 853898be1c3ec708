/* segment: the journal's files. Each is named by the sequence of its first record, in twenty
 * digits; one more, "next", stands allocated ahead. A file's length is what was written: the
 * allocated rest lies behind it, unseen. */
#pragma once

#include "core/audit/journal.h"

enum { SEGMENT_NAME = 29 }; /* "00000000000000000001.journal" and its NUL */

void segment_name(uint64_t first, char name[SEGMENT_NAME]);

/* The first sequences of all segments in the folder, rising, in the arena. */
fallible segment_list(struct arena *, int folder, uint64_t **firsts, size_t *n);

/* Makes "next", allocated to `size`, if there is none yet; for the group, unless it is NULL.
 * JOURNAL_FULL: no space. */
fallible segment_reserve(int folder, int64_t size, const gid_t *group);

/* A file, open: read by this group, and of mode 0640 whatever the umask. JOURNAL_GROUP. */
fallible segment_give(int fd, gid_t group);

/* "next" becomes the segment that begins with `first`, open for writing. JOURNAL_FULL: there is no
 * "next". */
fallible segment_begin(int folder, uint64_t first, int *fd);

/* Opens one that is there; `size` is what was written. */
fallible segment_open(int folder, uint64_t first, int *fd, int64_t *size);

/* All or nothing: on a fault the file ends at `at` again. */
fallible segment_write(int fd, int64_t at, struct bytes);

/* The end of one: at most `room` bytes of it, read into `to`. */
fallible segment_tail(int folder, uint64_t first, uint8_t *to, size_t room, struct bytes *tail);

/* Takes one away. Durable with the folder's next sync. */
fallible segment_remove(int folder, uint64_t first);

/* Gives back what was allocated and not used, and makes it durable. */
fallible segment_sync(int fd);
fallible segment_cut(int fd, int64_t size);
