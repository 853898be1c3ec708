/* restore: a backup becomes a new data folder, under a root of its own: read through once before
 * anything is written, and once more to write it. */
#pragma once

#include "core/backup/stream.h"
#include "keeper/root.h"

/* What somebody gives to open a backup: the private key of a recipient (else NULL), or what opens a
 * seal of the root that it was made under. */
struct restore_opener {
    const struct sensitive *recipient;
    struct bytes seal; /* its text; empty: the one in the backup */
    struct root_opener opener;
};

struct restore_plan {
    int fd; /* the backup's file */
    const struct restore_opener *from;
    const char *folder;    /* absent or empty */
    struct root_opener to; /* opens the new folder */
    /* Called for every item: `writing` false while it is read through. NULL: nobody is told. */
    void (*told)(void *ctx, const struct carried *, bool writing);
    void *ctx;
};

struct restore_report {
    struct backup_head head;
    struct backup_tail tail;
};

/* Reads it through: is it whole, and does this open it? Writes nothing. `folder` and `to` are not
 * looked at. */
fallible restore_check(struct arena *, const struct restore_plan *, struct restore_report *);

/* Makes the folder, with its seal beside its place: seal_take (admin/seal.h) makes it count, once
 * all is done that is to be done before. What a fault or a kill leaves until then is no data
 * folder, and never opens. The store counts its commits on from the backup's. No certificate is
 * made, and the journal is empty. */
fallible restore_folder(struct arena *, const struct restore_plan *, struct restore_report *);
