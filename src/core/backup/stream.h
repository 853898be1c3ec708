/* stream: a backup as a file: a head in clear, then sealed chunks, each bound to its number, to the
 * head and to being the last or not, so that what was flipped, cut, moved or spliced opens nowhere.
 * Layout in doc/backup.md. */
#pragma once

#include "core/backup/carry.h"

struct keeper;

extern const struct fault BACKUP_FOREIGN[1]; /* no backup, or by a newer Coffer */
extern const struct fault BACKUP_DAMAGED[1]; /* not whole, as it was written */
extern const struct fault BACKUP_CLOSED[1];  /* nothing that was given opens it */
extern const struct fault BACKUP_FILE[1];    /* it cannot be read or written: permission, space? */

enum { BACKUP_ID = 16, BACKUP_KEY_SIZE = 32, BACKUP_RECIPIENTS = 8 };

struct backup_recipients { /* X25519 public keys, 32 bytes each (crypto/agree.h) */
    struct bytes at[BACKUP_RECIPIENTS];
    size_t n;
};

/* What the head says, to anybody. */
struct backup_head {
    struct bytes id; /* BACKUP_ID random bytes */
    struct bytes account, region;
    uint32_t generation; /* of the root that it was made under; what is in it lies under the next */
    int64_t time;        /* ms; when it was begun */
    struct bytes seal;   /* the seal's text, with --with-seal; else empty */
    struct bytes by_root;               /* its key, wrapped by the root */
    struct backup_recipients who;       /* and to these: */
    struct bytes by[BACKUP_RECIPIENTS]; /* wrapped to each */
};

/* What only who opens it sees, at the end. */
struct backup_tail {
    uint64_t items, commit; /* the last commit that is in it */
    uint8_t journal[32];    /* the public key that the journal was signed by then */
};

/* --- writing --- */

struct backup_writer;

/* Draws the backup's key, fills id and wraps of the head, and writes it. `keeper` has the root;
 * *carrier is a keeper beside it whose newest root is the backup's: for carry_out, closed by the
 * caller. */
fallible backup_begin(struct arena *, int fd, struct keeper *, struct backup_head *,
                      struct keeper **carrier, struct backup_writer **);
fallible backup_put(struct backup_writer *, const struct carried *);
/* On the disk when OK. `tail->items` is filled in. */
fallible backup_end(struct backup_writer *, struct backup_tail *);

/* --- reading --- */

/* What may open it: one of them. */
struct backup_opener {
    struct keeper *root;               /* which has the root of the head's generation; or NULL */
    const struct sensitive *recipient; /* a recipient's private key; or NULL */
};

typedef fallible backup_each_fn(void *ctx, const struct carried *);

/* The head, from the file's beginning. */
fallible backup_look(struct arena *, int fd, struct backup_head *);

/* The backup's own key: BACKUP_CLOSED when neither opens it. */
fallible backup_key(struct arena *, const struct backup_head *, const struct backup_opener *,
                    struct sensitive **key);

/* All of it from the beginning, each item shown (`each` NULL: to nobody) as its chunk was found
 * whole; BACKUP_DAMAGED at the first byte that is not as it was written. Until it returned OK it
 * is not known whether more follows: whoever writes anything reads it through once before. */
fallible backup_read(struct arena *, int fd, struct sensitive_view key, backup_each_fn *each,
                     void *ctx, struct backup_tail *);
