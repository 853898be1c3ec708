/* format: what the writer and the reader of a backup agree on; nobody else includes it. */
#pragma once

#include "core/backup/stream.h"

/* All lengths are big end first. A chunk's plain bytes are items, one behind the other: its kind,
 * the lengths of key and body, key, body. */
enum {
    MAGIC_SIZE = 16,
    LENGTH = 4,
    HEAD_MOST = 16 << 10,  /* a seal and eight recipients fit */
    CHUNK_AIM = 256 << 10, /* of plain bytes, from which on a chunk is closed */
    CHUNK_MOST = 4 << 20,  /* and beyond which there is none: an item of the store is smaller */
    ITEM_HEAD = 1 + 2 * LENGTH,
    ITEM_RECORD = 'r', /* its body is sealed where it lies */
    ITEM_ROW = 'w',    /* its body is the row's value */
    ITEM_TAIL = 'e',   /* the last of all: struct backup_tail */
    TAIL_SIZE = 8 + 8 + 32
};

/* Both are stored, or derived from, for ever. */
#define BACKUP_MAGIC LIT("coffer-backup 1\n")
#define CHUNK_LABEL  LIT("coffer backup chunks")

/* Members of the head. */
enum {
    HEAD_ID = 1,
    HEAD_ACCOUNT,
    HEAD_REGION,
    HEAD_GENERATION,
    HEAD_TIME,
    HEAD_SEAL,
    HEAD_BY_ROOT,
    HEAD_TO
};
enum { TO_WHOM = 1, TO_KEY };

/* Where a wrap of the backup's key belongs, and a chunk. */
#define BY_ROOT(head)            BOUND(FOR_BACKUP, LIT("root"), (head)->id)
#define BY_RECIPIENT(head, whom) BOUND(FOR_BACKUP, LIT("recipient"), (head)->id, (whom))
#define OF_CHUNK(number, last) \
    BOUND(FOR_BACKUP, LIT("chunk"), (number), (last) ? LIT("last") : LIT("more"))
