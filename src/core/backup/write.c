/* write: items gather until they are a chunk; a chunk is sealed and written. */
#include "core/backup/format.h"

#include "codec/cbor.h"
#include "core/worker.h"
#include "crypto/aead.h"
#include "crypto/agree.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "keeper/local.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
FAULT(BACKUP_FOREIGN, FAULT_STATE, "backup.foreign", "This is no backup of Coffer, or one of a newer Coffer.");
FAULT(BACKUP_DAMAGED, FAULT_STATE, "backup.damaged", "The backup is not whole as it was written: cut, altered, or put together from others. Nothing was taken from it; try another copy.");
FAULT(BACKUP_CLOSED, FAULT_DENIED, "backup.closed", "What was given does not open this backup: it takes the root that it was made under (its seal, and what opens that), or the private key of one of its recipients.");
FAULT(BACKUP_FILE, FAULT_INTERNAL, "backup.file", "The backup cannot be read or written: permission, space, disk?");
/* clang-format on */

struct backup_writer {
    struct arena *arena;
    struct arena_mark mark;
    int fd;
    struct sensitive *key; /* of the chunks */
    uint64_t number, items;
    uint8_t *room; /* CHUNK_MOST bytes */
    size_t n;
};

static fallible put_bytes(int fd, struct bytes text)
{
    while (text.n > 0) {
        const ssize_t n = write(fd, text.at, text.n);

        if (n < 0 && errno == EINTR)
            continue;
        ENSURE(n > 0, BACKUP_FILE);
        text = bytes_after(text, (size_t)n);
    }
    return OK;
}

static void put_length(uint8_t at[LENGTH], size_t n)
{
    for (int i = 0; i < LENGTH; i++)
        at[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* --- the head --- */

static fallible wrap(struct arena *arena, struct keeper *keeper, struct sensitive_view key,
                     struct backup_head *head)
{
    TRY(keeper_backup_seal(keeper, arena, BY_ROOT(head), key, &head->by_root));
    for (size_t i = 0; i < head->who.n; i++)
        TRY(agree_seal(arena, head->who.at[i], BY_RECIPIENT(head, head->who.at[i]), key,
                       &head->by[i]));
    return OK;
}

static void put_recipients(struct buf *b, const struct backup_head *head)
{
    cbor_put_array(b, head->who.n);
    for (size_t i = 0; i < head->who.n; i++) {
        struct cbor_map map = cbor_map_open(b);

        cbor_put_bytes(cbor_map_key(&map, TO_WHOM), head->who.at[i]);
        cbor_put_bytes(cbor_map_key(&map, TO_KEY), head->by[i]);
        cbor_map_close(&map);
    }
}

static fallible spell(struct arena *arena, const struct backup_head *head, struct bytes *text)
{
    struct buf b = buf_open(arena, HEAD_MOST);
    struct cbor_map map = cbor_map_open(&b);

    cbor_put_bytes(cbor_map_key(&map, HEAD_ID), head->id);
    cbor_put_text(cbor_map_key(&map, HEAD_ACCOUNT), head->account);
    cbor_put_text(cbor_map_key(&map, HEAD_REGION), head->region);
    cbor_put_uint(cbor_map_key(&map, HEAD_GENERATION), head->generation);
    cbor_put_uint(cbor_map_key(&map, HEAD_TIME), (uint64_t)head->time);
    if (head->seal.n > 0)
        cbor_put_bytes(cbor_map_key(&map, HEAD_SEAL), head->seal);
    cbor_put_bytes(cbor_map_key(&map, HEAD_BY_ROOT), head->by_root);
    put_recipients(cbor_map_key(&map, HEAD_TO), head);
    cbor_map_close(&map);
    return buf_done(&b, text);
}

/* Magic, length, head; its digest is what the chunks' key is derived for. */
static fallible put_head(struct backup_writer *w, const struct backup_head *head,
                         struct sensitive_view key)
{
    uint8_t digest[DIGEST_SIZE], front[MAGIC_SIZE + LENGTH];
    struct bytes text;
    struct buf whole;

    TRY(spell(w->arena, head, &text));
    ENSURE(text.n <= HEAD_MOST, BACKUP_FILE);
    memcpy(front, BACKUP_MAGIC.at, MAGIC_SIZE);
    put_length(front + MAGIC_SIZE, text.n);
    whole = buf_open(w->arena, sizeof front + text.n);
    buf_add(&whole, (struct bytes){front, sizeof front});
    buf_add(&whole, text);
    TRY(buf_done(&whole, &text));
    digest_sha256(text, digest);
    TRY(kdf_derive(w->arena, key, CHUNK_LABEL, (struct bytes){digest, sizeof digest}, &w->key));
    return put_bytes(w->fd, text);
}

static fallible begin(struct backup_writer *w, struct keeper *keeper, struct backup_head *head,
                      struct sensitive_view key, struct keeper **carrier)
{
    const struct keeper_root beside = {head->generation + 1, key};
    const struct fault *fault;

    TRY(wrap(w->arena, keeper, key, head));
    TRY(keeper_local_beside(keeper, &beside, carrier));
    fault = put_head(w, head, key);
    if (fault == OK) {
        w->mark = arena_mark(w->arena);
        return OK;
    }
    keeper_close(*carrier);
    *carrier = NULL;
    return fault;
}

fallible backup_begin(struct arena *arena, int fd, struct keeper *keeper, struct backup_head *head,
                      struct keeper **carrier, struct backup_writer **out)
{
    struct backup_writer *w = arena_new(arena, struct backup_writer);
    uint8_t *id = arena_get(arena, BACKUP_ID);
    struct sensitive *key;
    const struct fault *fault;

    ENSURE(w != NULL && id != NULL, ARENA_SPENT);
    *w = (struct backup_writer){.arena = arena, .fd = fd, .room = arena_get(arena, CHUNK_MOST)};
    ENSURE(w->room != NULL, ARENA_SPENT);
    TRY(random_fill(id, BACKUP_ID));
    head->id = (struct bytes){id, BACKUP_ID};
    head->generation = keeper->generation;
    TRY(sensitive_new_key(arena, BACKUP_KEY_SIZE, &key));
    fault = random_fill(sensitive_fill(key), BACKUP_KEY_SIZE);
    if (fault == OK)
        fault = begin(w, keeper, head, sensitive_view(key), carrier);
    sensitive_wipe(key);
    *out = w;
    return fault;
}

/* --- chunks --- */

static fallible put_chunk(struct backup_writer *w, bool last)
{
    uint8_t number[8], front[LENGTH];
    struct bytes sealed;

    TRY(aead_seal_plain(w->arena, sensitive_view(w->key),
                        OF_CHUNK(bound_number(number, w->number), last),
                        (struct bytes){w->room, w->n}, &sealed));
    put_length(front, sealed.n);
    TRY(put_bytes(w->fd, (struct bytes){front, LENGTH}));
    TRY(put_bytes(w->fd, sealed));
    arena_rewind(w->arena, w->mark);
    w->number++;
    w->n = 0;
    return OK;
}

static fallible add(struct backup_writer *w, uint8_t kind, struct bytes key, struct bytes body)
{
    uint8_t *at;

    ENSURE(ITEM_HEAD + key.n + body.n <= CHUNK_MOST, BACKUP_FILE);
    if (w->n > 0 && w->n + ITEM_HEAD + key.n + body.n > CHUNK_AIM)
        TRY(put_chunk(w, false));
    at = w->room + w->n;
    *at = kind;
    put_length(at + 1, key.n);
    put_length(at + 1 + LENGTH, body.n);
    memcpy(at + ITEM_HEAD, key.at, key.n);
    if (body.n > 0)
        memcpy(at + ITEM_HEAD + key.n, body.at, body.n);
    w->n += ITEM_HEAD + key.n + body.n;
    return OK;
}

fallible backup_put(struct backup_writer *w, const struct carried *carried)
{
    w->items++;
    return add(w, carried->sealed ? ITEM_RECORD : ITEM_ROW, carried->key, carried->body);
}

fallible backup_end(struct backup_writer *w, struct backup_tail *tail)
{
    uint8_t body[TAIL_SIZE];

    tail->items = w->items;
    (void)bound_number(body, w->items);
    (void)bound_number(body + 8, tail->commit);
    memcpy(body + 16, tail->journal, sizeof tail->journal);
    TRY(add(w, ITEM_TAIL, LIT("end"), (struct bytes){body, sizeof body}));
    TRY(put_chunk(w, true));
    sensitive_wipe(w->key);
    return fsync(w->fd) == 0 ? OK : BACKUP_FILE;
}
