/* file: small files read and written whole, with the checks that a secret's file needs. Not for the
 * request path. */
#pragma once

#include "base/sensitive.h"

extern const struct fault FILE_ABSENT[1];  /* no such file */
extern const struct fault FILE_EXISTS[1];  /* there is one already; nothing was overwritten */
extern const struct fault FILE_REFUSED[1]; /* not a plain file of ours, or others may read it */
extern const struct fault FILE_LONG[1];    /* longer than was said to be sensible */
extern const struct fault FILE_SYSTEM[1];  /* permission, space, disk: the system said no */

/* The whole file, at most `limit` bytes; links are followed. */
fallible file_read(struct arena *, const char *path, size_t limit, struct bytes *out);

/* The same into the keys region, and only if it is a plain file (no link) that belongs to us or
 * root and that nobody else may read or write (mode 0600 or 0400). */
fallible file_read_secret(struct arena *, const char *path, size_t limit, struct sensitive **out);

/* All that comes from an open descriptor (a pipe, a terminal) until its end, into the keys
 * region. */
fallible file_drain_secret(struct arena *, int fd, size_t limit, struct sensitive **out);

/* A new file of that mode, on the disk (fsync of file and folder) when OK; FILE_EXISTS if there is
 * one. On any other fault nothing is left behind. */
fallible file_create(const char *path, unsigned mode, struct bytes content);
fallible file_create_secret(const char *path, struct sensitive_view content); /* mode 0600 */

/* What lies in a file, or a folder's entries, on the disk. */
fallible file_sync(const char *path);

/* Renames over what is there, within one folder; on the disk when OK. */
fallible file_move(const char *from, const char *to);

/* "folder/name" in the arena, NUL-ended; NULL when memory is spent. */
const char *file_path(struct arena *, const char *folder, const char *name);

/* A copy in the arena that ends with a NUL. */
const char *file_text(struct arena *, struct bytes);
