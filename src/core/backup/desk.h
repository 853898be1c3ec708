/* desk: where backups of a running server are asked for, over the admin socket. One is made at a
 * time, on a thread of its own, into the folder "backup" of the data folder: no API says where a
 * file is written. Who asked fetches it there. */
#pragma once

#include "core/operation.h"

struct house;
struct backup_desk;

extern const struct fault BACKUP_BUSY[1];    /* one is being made */
extern const struct fault BACKUP_NO_DESK[1]; /* this house makes none */
extern const struct fault BACKUP_WHOM[1];    /* no public key of 64 hex digits, or too many */

/* `folder`: the data folder. The house outlives the desk, and points at it. */
fallible desk_open(const struct house *, const char *folder, struct backup_desk **);
void desk_close(struct backup_desk *); /* what is being made is given up. NULL is fine */

struct backup_in {
    struct texts to;             /* recipients: 64 hex digits each */
    struct maybe_bool with_seal; /* the sealed root goes along */
};
/* How it stands: "none", "working", "done" or "failed". */
struct backup_out {
    int64_t number;                  /* counts the backups that were asked for since the start */
    struct bytes state, file, error; /* the file: its name in the folder "backup", once done */
    int64_t items, commit;
};
/* The public keys that they spell. */
struct backup_recipients;
fallible backup_whom(struct arena *, const struct texts *, struct backup_recipients *);

extern const struct operation backup_ask, backup_stand;
